package cert_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/cert"
	"github.com/bpa-on-aws/platform/infra/config"
)

var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// issued is a certificate with its key.
type issued struct {
	parsed *x509.Certificate
	key    *ecdsa.PrivateKey
	pem    string
}

// issue makes a certificate, signed by another one or by itself.
func issue(t *testing.T, by *issued, change func(*x509.Certificate)) *issued {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bpa.example.com"}, DNSNames: []string{"bpa.example.com"},
		NotBefore: today.AddDate(0, -1, 0), NotAfter: today.AddDate(1, 0, 0), BasicConstraintsValid: true, IsCA: by == nil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if change != nil {
		change(template)
	}
	parent, signer := template, key
	if by != nil {
		parent, signer = by.parsed, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &issued{parsed, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))}
}

func (i *issued) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

var files = cert.Source{
	Certificate: "ingress.certificate.certificateFile", Key: "ingress.certificate.privateKeyFile", Imported: true,
}

func certificate(bundle, key string, now time.Time, from cert.Source) (cert.Certificate, error) {
	return cert.New(bundle, config.NewSecret(key), "bpa.example.com", now, from)
}

func TestR22ACertificateIsTakenApartForTheLoadBalancer(t *testing.T) {
	root := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "root" })
	leaf := issue(t, root, nil)
	got, err := certificate(leaf.pem+root.pem, leaf.keyPEM(t), today, files)
	require.NoError(t, err)
	assert.Equal(t, leaf.pem, got.Leaf)
	assert.Equal(t, root.pem, got.Chain+"\n")
	assert.Equal(t, leaf.pem+root.pem, got.Bundle)
	assert.Equal(t, leaf.parsed.NotAfter, got.Expires)

	wild := issue(t, nil, func(c *x509.Certificate) { c.DNSNames = []string{"*.example.com"} })
	_, err = certificate(wild.pem, wild.keyPEM(t), today, files)
	require.NoError(t, err, "a wildcard covers the host")
}

func TestABadCertificateIsRefusedBeforeAnythingIsDeployed(t *testing.T) {
	root := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "root" })
	good := issue(t, root, nil)
	stranger := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName = "stranger" })
	with := func(change func(*x509.Certificate)) *issued { return issue(t, nil, change) }
	ended := with(func(c *x509.Certificate) { c.NotAfter = today.AddDate(0, 0, -1) })
	early := with(func(c *x509.Certificate) { c.NotBefore = today.AddDate(0, 0, 1) })
	other := with(func(c *x509.Certificate) { c.DNSNames = []string{"a.example.com", "b.example.com"} })
	nameless := with(func(c *x509.Certificate) { c.DNSNames = nil })
	for name, test := range map[string]struct{ bundle, key, want string }{
		"expired":     {ended.pem, ended.keyPEM(t), "certificate 1 (bpa.example.com) expired on 2026-11-22: must be in force"},
		"too early":   {early.pem, early.keyPEM(t), "certificate 1 (bpa.example.com) begins on 2026-11-24: must be in force"},
		"other host":  {other.pem, other.keyPEM(t), "is for a.example.com, b.example.com: must cover ingress.hostname bpa.example.com"},
		"no host":     {nameless.pem, nameless.keyPEM(t), `for no host (its common name, "bpa.example.com", does not count): must`},
		"other key":   {good.pem, stranger.keyPEM(t), "ingress.certificate.privateKeyFile: [secret]: must be the PEM key of"},
		"sealed key":  {good.pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----", "[secret]: must be without a passphrase"},
		"no PEM":      {"text", good.keyPEM(t), "ingress.certificate.certificateFile: holds no certificate: must be a PEM file"},
		"a key in it": {good.pem + good.keyPEM(t), good.keyPEM(t), "block 2 is a PRIVATE KEY: must hold certificates only"},
		"wrong order": {root.pem + good.pem, good.keyPEM(t),
			"certificate 2 (bpa.example.com) has not issued certificate 1 (root): must be the leaf first, each followed by its issuer"},
		"a stranger": {good.pem + stranger.pem, good.keyPEM(t), "certificate 2 (stranger) has not issued certificate 1 (bpa.example.com)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := certificate(test.bundle, test.key, today, files)
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "BEGIN", "no key material in an error")
		})
	}
}

func TestR22TheChainIsCheckedAsTheLeafIs(t *testing.T) {
	root := issue(t, nil, func(c *x509.Certificate) { c.Subject.CommonName, c.NotAfter = "root", today.AddDate(0, 0, 20) })
	leaf := issue(t, root, nil)
	got, err := certificate("# BPA\n"+leaf.pem+"# root\n"+root.pem, leaf.keyPEM(t), today, files)
	require.NoError(t, err)
	assert.Equal(t, root.parsed.NotAfter, got.Expires, "users are cut off by the first that ends")
	assert.Equal(t, root.pem, got.Chain+"\n", "ACM gets certificates, not what is written between them")
	_, err = certificate(leaf.pem+root.pem, leaf.keyPEM(t), today.AddDate(0, 1, 0), files)
	require.ErrorContains(t, err, "ingress.certificate.certificateFile: certificate 2 (root) expired on 2026-12-13: must be in force")
}

func TestR22TheKeyMustBeOneThatACMImports(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	template := issue(t, nil, nil).parsed
	template.SignatureAlgorithm, template.PublicKey = 0, public
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	bundle := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
	_, err = certificate(bundle, keyPEM, today, files)
	require.ErrorContains(t, err, "ingress.certificate.certificateFile: has an Ed25519 key: must be RSA or ECDSA")
	own := files
	own.Imported = false
	_, err = certificate(bundle, keyPEM, today, own)
	require.NoError(t, err, "the cluster serves it beside one of ACM's own")
}

func TestR22TheClustersCertificateIsCheckedBesideOneOfACM(t *testing.T) {
	dir := t.TempDir()
	leaf := issue(t, nil, func(c *x509.Certificate) { c.DNSNames = []string{"other.example.com"} })
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), []byte(leaf.pem), 0o600))
	ingress := config.Ingress{Hostname: "bpa.example.com", Certificate: config.Certificate{
		ARN: "arn:aws:acm:us-west-2:111122223333:certificate/0", CertificateFile: "cert.pem", PrivateKey: config.NewSecret(leaf.keyPEM(t)),
	}}
	_, err := cert.Load(ingress, func(path string) string { return filepath.Join(dir, path) }, today)
	require.ErrorContains(t, err, "is for other.example.com: must cover ingress.hostname bpa.example.com")
}
