package stacks

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

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// certificate is the BPA certificate (R22): the cluster serves it, and the load balancer holds a copy of it unless
// the configuration names another one by ARN.
type certificate struct {
	// bundle is what the cluster serves: the leaf, followed by its chain. ACM wants the two apart.
	bundle, leaf, chain string
	privateKey          pulumi.StringInput
	// expires is the last moment of what ends first, the leaf or a certificate of its chain.
	expires time.Time
}

// soon is how long before its end a certificate is warned about.
const soon = 30 * 24 * time.Hour

// source names the keys of the configuration that a certificate comes from, for its errors.
type source struct {
	certificate, key string
	// imported says that ACM gets a copy.
	imported bool
}

// readCertificate reads certificate and key, and checks that they belong together, are in force and name the host.
func readCertificate(ingress config.Ingress, o Options, now time.Time) (certificate, error) {
	c := ingress.Certificate
	if s := o.Certificate; s != nil {
		standIn := source{certificate: "the rehearsal's stand-in certificate", key: "the rehearsal's stand-in key"}
		return newCertificate(s.CertificatePEM, s.PrivateKeyPEM, ingress.Hostname, now, standIn)
	}
	from := source{"ingress.certificate.certificateFile", "ingress.certificate.privateKeyFile", c.ARN == ""}
	bundle, err := readPEM(o, from.certificate, c.CertificateFile)
	if err != nil {
		return certificate{}, err
	}
	if c.PrivateKey.Set() {
		from.key = "ingress.certificate.privateKey"
		return newCertificate(bundle, c.PrivateKey.Reveal(), ingress.Hostname, now, from)
	}
	key, err := readPEM(o, from.key, c.PrivateKeyFile)
	if err != nil {
		return certificate{}, err
	}
	return newCertificate(bundle, key, ingress.Hostname, now, from)
}

func readPEM(o Options, key, path string) (string, error) {
	b, err := os.ReadFile(fromSource(o, path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%s: %q: no such file; it must be a PEM file, relative to the stack file", key, path)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return string(b), nil
}

func newCertificate(bundle, key, host string, now time.Time, from source) (certificate, error) {
	chain, err := parseChain(bundle)
	if err != nil {
		return certificate{}, fmt.Errorf("%s: %w", from.certificate, err)
	}
	if strings.Contains(key, "ENCRYPTED") {
		return certificate{}, fmt.Errorf("%s: [secret]: must be without a passphrase; `openssl pkey` removes it", from.key)
	}
	// The error of X509KeyPair says what is wrong and never quotes the key.
	if _, err := tls.X509KeyPair([]byte(bundle), []byte(key)); err != nil {
		return certificate{}, fmt.Errorf("%s: [secret]: must be the PEM key of the certificate: %w", from.key, err)
	}
	if from.imported && chain[0].PublicKeyAlgorithm == x509.Ed25519 {
		return certificate{}, fmt.Errorf("%s: has an Ed25519 key: must be RSA or ECDSA, ACM imports no other", from.certificate)
	}
	if err := checkLeaf(chain[0], host); err != nil {
		return certificate{}, fmt.Errorf("%s: %w", from.certificate, err)
	}
	made := certificate{
		bundle:     bundle,
		leaf:       encode(chain[:1]),
		chain:      strings.TrimSpace(encode(chain[1:])),
		privateKey: pulumi.ToSecret(pulumi.String(key)).(pulumi.StringOutput),
		expires:    chain[0].NotAfter,
	}
	for i, c := range chain {
		if err := inForce(c, now); err != nil {
			return certificate{}, fmt.Errorf("%s: certificate %d (%s) %w", from.certificate, i+1, c.Subject.CommonName, err)
		}
		if c.NotAfter.Before(made.expires) {
			made.expires = c.NotAfter
		}
	}
	return made, nil
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

func inForce(c *x509.Certificate, now time.Time) error {
	switch {
	case now.After(c.NotAfter):
		return fmt.Errorf("expired on %s: must be in force", c.NotAfter.UTC().Format(time.DateOnly))
	case now.Before(c.NotBefore):
		return fmt.Errorf("begins on %s: must be in force", c.NotBefore.UTC().Format(time.DateOnly))
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

// warn says that the certificate ends soon.
func (c certificate) warn(ctx *pulumi.Context, now time.Time) error {
	if c.expires.Sub(now) > soon {
		return nil
	}
	return ctx.Log.Warn(fmt.Sprintf("ingress.certificate: expires on %s", c.expires.UTC().Format(time.DateOnly)), nil)
}
