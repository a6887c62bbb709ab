// Package cert reads the BPA certificate (R22) and says what is wrong with it: the program, a rehearsal and `bpactl preflight`
// judge by it, so that none passes what another refuses.
package cert

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/config"
)

// Soon is how long before its end a certificate is warned about.
const Soon = 30 * 24 * time.Hour

// Certificate is a certificate that can be used.
type Certificate struct {
	// Bundle is what the cluster serves: the leaf, followed by its chain. ACM wants the two apart.
	Bundle, Leaf, Chain string
	// Key is the private key, PEM encoded: never to be shown. Of a sealed one nothing is known.
	Key config.Secret
	// Expires is the last moment of what ends first, the leaf or a certificate of its chain.
	Expires time.Time
}

// EndsSoon reports whether a certificate should be renewed.
func (c Certificate) EndsSoon(now time.Time) bool { return c.Expires.Sub(now) <= Soon }

// Error is why a certificate cannot be used, and what helps.
type Error struct {
	// Source is the key of the configuration that is wrong.
	Source, Remedy string
	err            error
}

// Error implements error. It never quotes the key.
func (e *Error) Error() string { return e.Source + ": " + e.err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

// Source names what a certificate comes from, for its errors.
type Source struct {
	Certificate, Key string
	// Imported says that ACM gets a copy.
	Imported bool
}

// Load reads certificate and key as a stack file names them, and checks both. Place says where a path of the stack file leads.
func Load(ingress config.Ingress, place func(string) string, now time.Time) (Certificate, error) {
	c := ingress.Certificate
	from := Source{"ingress.certificate.certificateFile", "ingress.certificate.privateKeyFile", c.ARN == ""}
	bundle, err := readPEM(from.Certificate, c.CertificateFile, place)
	if err != nil {
		return Certificate{}, err
	}
	key := c.PrivateKey
	if key.Set() {
		from.Key = "ingress.certificate.privateKey"
	} else {
		text, err := readPEM(from.Key, c.PrivateKeyFile, place)
		if err != nil {
			return Certificate{}, err
		}
		key = config.NewSecret(text)
	}
	return New(bundle, key, ingress.Hostname, now, from)
}

func readPEM(source, path string, place func(string) string) (string, error) {
	const remedy = "put BPA's certificate and key there (R22)"
	b, err := os.ReadFile(place(path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", &Error{source, remedy, fmt.Errorf("%q: no such file; it must be a PEM file, relative to the stack file", path)}
	}
	if err != nil {
		return "", &Error{source, remedy, err}
	}
	return string(b), nil
}

// New checks that certificate and key belong together, are in force and name the host. A key that is sealed is left to who can
// read it.
func New(bundle string, key config.Secret, host string, now time.Time, from Source) (Certificate, error) {
	refuse := func(source, remedy string, err error) (Certificate, error) {
		return Certificate{}, &Error{source, remedy, err}
	}
	chain, err := parseChain(bundle)
	if err != nil {
		return refuse(from.Certificate, "write the certificate of the host first, then each issuer's, as PEM", err)
	}
	if key.Known() {
		if err := checkKey(bundle, key.Reveal()); err != nil {
			return refuse(from.Key, "give the key of that certificate, without a passphrase", err)
		}
	}
	if from.Imported && chain[0].PublicKeyAlgorithm == x509.Ed25519 {
		return refuse(from.Certificate, "have one issued for an RSA or ECDSA key",
			errors.New("has an Ed25519 key: must be RSA or ECDSA, ACM imports no other"))
	}
	if err := checkLeaf(chain[0], host); err != nil {
		return refuse(from.Certificate, "have one issued for bpa:ingress.hostname", err)
	}
	made := Certificate{
		Bundle: bundle, Leaf: encode(chain[:1]), Chain: strings.TrimSpace(encode(chain[1:])), Key: key, Expires: chain[0].NotAfter,
	}
	for i, c := range chain {
		if err := InForce(c.NotBefore, c.NotAfter, now); err != nil {
			return refuse(from.Certificate, "renew it", fmt.Errorf("certificate %d (%s) %w", i+1, c.Subject.CommonName, err))
		}
		if c.NotAfter.Before(made.Expires) {
			made.Expires = c.NotAfter
		}
	}
	return made, nil
}

// checkKey: the error of X509KeyPair says what is wrong and never quotes the key.
func checkKey(bundle, key string) error {
	if strings.Contains(key, "ENCRYPTED") {
		return errors.New("[secret]: must be without a passphrase; `openssl pkey` removes it")
	}
	if _, err := tls.X509KeyPair([]byte(bundle), []byte(key)); err != nil {
		return fmt.Errorf("[secret]: must be the PEM key of the certificate: %w", err)
	}
	return nil
}

// encode writes certificates as PEM, without what people write between them.
func encode(chain []*x509.Certificate) string {
	var text strings.Builder
	for _, c := range chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a Builder takes everything
	}
	return text.String()
}

// parseChain reads every certificate of a bundle: first the leaf, then each followed by its issuer, as servers send them.
func parseChain(bundle string) ([]*x509.Certificate, error) {
	var chain []*x509.Certificate
	for rest := []byte(bundle); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("block %d is a %s: must hold certificates only", len(chain)+1, block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", len(chain)+1, err)
		}
		if n := len(chain); n > 0 && chain[n-1].CheckSignatureFrom(c) != nil {
			return nil, fmt.Errorf(
				"certificate %d (%s) has not issued certificate %d (%s): must be the leaf first, each followed by its issuer",
				n+1,
				c.Subject.CommonName,
				n,
				chain[n-1].Subject.CommonName,
			)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return nil, errors.New("holds no certificate: must be a PEM file")
	}
	return chain, nil
}

// InForce returns what is wrong with the days between which a certificate is good.
func InForce(from, to, now time.Time) error {
	switch {
	case now.After(to):
		return fmt.Errorf("expired on %s: must be in force", to.UTC().Format(time.DateOnly))
	case now.Before(from):
		return fmt.Errorf("begins on %s: must be in force", from.UTC().Format(time.DateOnly))
	}
	return nil
}

// checkLeaf checks that a browser accepts a certificate for the host.
func checkLeaf(leaf *x509.Certificate, host string) error {
	if leaf.VerifyHostname(host) != nil {
		return fmt.Errorf("is for %s: must cover ingress.hostname %s", strings.Join(names(leaf), ", "), host)
	}
	return nil
}

// names are the hosts that a certificate is for. Browsers do not look at its common name.
func names(c *x509.Certificate) []string {
	list := append([]string{}, c.DNSNames...)
	for _, ip := range c.IPAddresses {
		list = append(list, ip.String())
	}
	if len(list) == 0 {
		return []string{fmt.Sprintf("no host (its common name, %q, does not count)", c.Subject.CommonName)}
	}
	return list
}
