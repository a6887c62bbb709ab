package stacks

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// soon is how long before a certificate's end every run warns of it.
const soon = 30 * 24 * time.Hour

// certificateCheck finds out before a deployment what users would find out after it. Its errors never quote a key.
type certificateCheck struct {
	// host is ingress.hostname, imported says that ACM gets a copy.
	host     string
	imported bool
	now      time.Time
	// file and keyAt say in errors where certificate and key come from.
	file, keyAt string
}

// check returns the blocks of the bundle, the leaf first, and a warning where it ends soon.
func (c certificateCheck) check(bundle, key string) ([]*pem.Block, string, error) {
	blocks, chain, err := c.parse(bundle)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", c.file, err)
	}
	err = errors.Join(c.order(chain), c.validity(chain), c.name(chain[0]))
	if err != nil {
		return nil, "", err
	}
	if err := c.match(bundle, key); err != nil {
		return nil, "", fmt.Errorf("%s: [secret]: %w", c.keyAt, err)
	}
	first := chain[0]
	for _, other := range chain[1:] {
		if other.NotAfter.Before(first.NotAfter) {
			first = other
		}
	}
	if left := first.NotAfter.Sub(c.now); left < soon {
		return blocks, fmt.Sprintf("%s: %s expires on %s, in %d days", c.file, title(first), day(first.NotAfter), int(left.Hours()/24)), nil
	}
	return blocks, "", nil
}

func (c certificateCheck) parse(bundle string) ([]*pem.Block, []*x509.Certificate, error) {
	var blocks []*pem.Block
	var chain []*x509.Certificate
	for block, rest := pem.Decode([]byte(bundle)); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, nil, fmt.Errorf("holds a PEM block %s; it must hold certificates only, and the key a file of its own", block.Type)
		}
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, fmt.Errorf("certificate %d: %w", len(chain)+1, err)
		}
		blocks, chain = append(blocks, &pem.Block{Type: block.Type, Bytes: block.Bytes}), append(chain, parsed)
	}
	if len(chain) == 0 {
		return nil, nil, errors.New("must be PEM, `-----BEGIN CERTIFICATE-----`: the certificate, then its chain")
	}
	return blocks, chain, nil
}

// order: each certificate is issued by the one after it, as TLS and ACM want it.
func (c certificateCheck) order(chain []*x509.Certificate) error {
	for i, issuer := range chain[1:] {
		if err := chain[i].CheckSignatureFrom(issuer); err != nil {
			return fmt.Errorf("%s: certificate %d (%s) is not issued by certificate %d (%s), but by %q: %w; "+
				"the file must hold BPA's certificate, then each issuer in turn",
				c.file, i+1, title(chain[i]), i+2, title(issuer), chain[i].Issuer, err)
		}
	}
	return nil
}

func (c certificateCheck) validity(chain []*x509.Certificate) error {
	var problems []error
	for _, one := range chain {
		if c.now.Before(one.NotBefore) || c.now.After(one.NotAfter) {
			problems = append(problems, fmt.Errorf("%s: %s is valid from %s to %s; today is %s",
				c.file, title(one), day(one.NotBefore), day(one.NotAfter), day(c.now)))
		}
	}
	return errors.Join(problems...)
}

func (c certificateCheck) name(leaf *x509.Certificate) error {
	if leaf.VerifyHostname(c.host) == nil {
		return nil
	}
	names := append([]string{}, leaf.DNSNames...)
	for _, address := range leaf.IPAddresses {
		names = append(names, address.String())
	}
	has := "its names are " + strings.Join(names, ", ")
	if len(names) == 0 {
		has = "it has no subject alternative name, and browsers ignore the common name"
	}
	return fmt.Errorf("%s: must be for ingress.hostname, %s; %s", c.file, c.host, has)
}

// match: the key is the certificate's, and readable without a passphrase.
func (c certificateCheck) match(bundle, key string) error {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return errors.New("must be a PEM private key, `-----BEGIN PRIVATE KEY-----`")
	}
	if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return errors.New("is encrypted with a passphrase; it must be a plain PEM key, as `openssl pkey` writes it")
	}
	pair, err := tls.X509KeyPair([]byte(bundle), []byte(key))
	if err != nil {
		// X509KeyPair says what is wrong and never quotes the key.
		return fmt.Errorf("must be the PEM key of the first certificate in the file: %w", err)
	}
	if _, ed := pair.PrivateKey.(ed25519.PrivateKey); ed && c.imported {
		return errors.New("is an Ed25519 key; ACM imports RSA and ECDSA keys only")
	}
	return nil
}

func title(c *x509.Certificate) string { return fmt.Sprintf("%q", c.Subject.String()) }

func day(t time.Time) string { return t.UTC().Format(time.RFC3339) }
