package stacks

import (
	"crypto"
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
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
)

// today is when the certificates of these tests are checked.
var today = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// identity is a certificate and its key.
type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// issue makes a certificate for names, valid from the day before to the given number of days after today. It is signed
// by issuer, or by itself.
func issue(t *testing.T, name string, days int, issuer *identity, names ...string) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return sign(t, name, key, today.AddDate(0, 0, -1), today.AddDate(0, 0, days), issuer, names...)
}

func sign(t *testing.T, name string, key crypto.Signer, from, to time.Time, issuer *identity, names ...string) *identity {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: names, NotBefore: from, NotAfter: to,
		IsCA: len(names) == 0, BasicConstraintsValid: true,
	}
	made := &identity{key: key}
	if issuer == nil {
		issuer = &identity{certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)
	require.NoError(t, err)
	made.certificate, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return made
}

func (i *identity) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.certificate.Raw}))
}

func (i *identity) keyPEM(t *testing.T) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(i.key)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// readFiles checks certificate and key as the program does.
func readFiles(t *testing.T, host, bundle, key string) (certificate, error) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), []byte(bundle), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), []byte(key), 0o600))
	return readCertificate(config.Ingress{
		Hostname: host, Certificate: config.Certificate{CertificateFile: "cert.pem", PrivateKeyFile: "key.pem"},
	}, Options{SourceDir: dir, Now: func() time.Time { return today }})
}

func TestR22ACertificateIsCheckedBeforeAnythingIsDeployed(t *testing.T) {
	const host = "bpa.example.com"
	root := issue(t, "root", 900, nil)
	middle := issue(t, "middle", 400, root)
	leaf := issue(t, "bpa", 100, middle, host)
	other := issue(t, "other", 100, middle, "other.example.com", "www.example.com")
	past := issue(t, "past", 0, middle, host)
	past = sign(t, "past", past.key, today.AddDate(-1, 0, 0), today.AddDate(0, 0, -1), middle, host)
	future := sign(t, "future", past.key, today.AddDate(0, 0, 1), today.AddDate(1, 0, 0), middle, host)
	oldMiddle := sign(t, "middle", middle.key, today.AddDate(-2, 0, 0), today.AddDate(-1, 0, 0), root)
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	edwards := sign(t, "ed", edKey, today, today.AddDate(1, 0, 0), nil, host)
	encrypted := strings.ReplaceAll(leaf.keyPEM(t), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	legacy := "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n"

	const file, key = `ingress.certificate.certificateFile: "cert.pem": `, `ingress.certificate.privateKeyFile: "key.pem": [secret]: `
	for name, test := range map[string]struct{ bundle, key, want string }{
		"good":            {leaf.pem() + middle.pem() + root.pem(), leaf.keyPEM(t), ""},
		"without a chain": {leaf.pem(), leaf.keyPEM(t), ""},
		"with comments":   {"subject=bpa\n" + leaf.pem() + "issuer=middle\n" + middle.pem(), leaf.keyPEM(t), ""},
		"expired": {past.pem() + middle.pem(), past.keyPEM(t),
			file + `"CN=past" is valid from 2025-03-01T12:00:00Z to 2026-02-28T12:00:00Z; today is 2026-03-01T12:00:00Z`},
		"not valid yet": {future.pem(), future.keyPEM(t),
			file + `"CN=future" is valid from 2026-03-02T12:00:00Z to 2027-03-01T12:00:00Z; today is 2026-03-01T12:00:00Z`},
		"expired in the chain": {leaf.pem() + oldMiddle.pem(), leaf.keyPEM(t), file + `"CN=middle" is valid from`},
		"another host": {other.pem(), other.keyPEM(t),
			file + "must be for ingress.hostname, bpa.example.com; its names are other.example.com, www.example.com"},
		"a common name only": {issue(t, host, 100, nil).pem(), leaf.keyPEM(t), "it has no subject alternative name, and browsers ignore the common name"},
		"another key": {leaf.pem(), other.keyPEM(t),
			key + "must be the PEM key of the first certificate in the file: tls: private key does not match public key"},
		"chain first": {middle.pem() + leaf.pem(), leaf.keyPEM(t),
			file + `certificate 1 ("CN=middle") is not issued by certificate 2 ("CN=bpa"), but by "CN=root"`},
		"a gap in the chain": {leaf.pem() + root.pem(), leaf.keyPEM(t),
			file + `certificate 1 ("CN=bpa") is not issued by certificate 2 ("CN=root"), but by "CN=middle"`},
		"a key beside the certificate": {leaf.pem() + leaf.keyPEM(t), leaf.keyPEM(t),
			file + "holds a PEM block PRIVATE KEY; it must hold certificates only, and the key a file of its own"},
		"DER":                   {string(leaf.certificate.Raw), leaf.keyPEM(t), file + "must be PEM, `-----BEGIN CERTIFICATE-----`: the certificate, then its chain"},
		"empty":                 {"", "", file + "must be PEM"},
		"damaged":               {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "", file + "certificate 1: x509: malformed certificate"},
		"a key that is no PEM":  {leaf.pem(), "secret-key-text", key + "must be a PEM private key"},
		"a certificate for key": {leaf.pem(), leaf.pem(), key + "must be the PEM key of the first certificate in the file: tls: found a certificate rather than a key"},
		"an encrypted key":      {leaf.pem(), encrypted, key + "is encrypted with a passphrase; it must be a plain PEM key, as `openssl pkey` writes it"},
		"an old encrypted key":  {leaf.pem(), legacy, key + "is encrypted with a passphrase"},
		"Ed25519":               {edwards.pem(), edwards.keyPEM(t), key + "is an Ed25519 key; ACM imports RSA and ECDSA keys only"},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := readFiles(t, host, test.bundle, test.key)
			if test.want == "" {
				require.NoError(t, err)
				assert.Empty(t, made.warning)
				assert.Equal(t, leaf.pem(), made.leaf)
				return
			}
			require.ErrorContains(t, err, test.want)
			for _, line := range strings.Split(strings.TrimSpace(test.key), "\n") {
				if !strings.HasPrefix(line, "-----") && !strings.Contains(line, ":") && line != "" {
					assert.NotContains(t, err.Error(), line, "an error never quotes the key")
				}
			}
		})
	}
}

func TestR22TheLeafAndItsChainAreToldApart(t *testing.T) {
	root := issue(t, "root", 900, nil)
	middle := issue(t, "middle", 400, root)
	leaf := issue(t, "bpa", 100, middle, "*.example.com")
	bundle := "# BPA\n" + leaf.pem() + "# chain\n" + middle.pem() + root.pem()
	made, err := readFiles(t, "bpa.example.com", bundle, leaf.keyPEM(t))
	require.NoError(t, err, "a wildcard covers the host")
	assert.Equal(t, bundle, made.bundle)
	assert.Equal(t, leaf.pem(), made.leaf)
	assert.Equal(t, strings.TrimSpace(middle.pem()+root.pem()), made.chain, "ACM takes certificates, not what is written between them")
}

func TestR22ACertificateThatEndsSoonIsAWarning(t *testing.T) {
	root := issue(t, "root", 20, nil)
	for days, want := range map[int]string{
		31: "", 30: "", 29: `ingress.certificate.certificateFile: "cert.pem": "CN=bpa" expires on 2026-03-30T12:00:00Z, in 29 days`,
		0: "in 0 days",
	} {
		leaf := issue(t, "bpa", days, nil, "bpa.example.com")
		made, err := readFiles(t, "bpa.example.com", leaf.pem(), leaf.keyPEM(t))
		require.NoError(t, err)
		if assert.Contains(t, made.warning, want); want == "" {
			assert.Empty(t, made.warning)
		}
	}
	leaf := issue(t, "bpa", 100, root, "bpa.example.com")
	made, err := readFiles(t, "bpa.example.com", leaf.pem()+root.pem(), leaf.keyPEM(t))
	require.NoError(t, err)
	assert.Contains(t, made.warning, `"CN=root" expires on`, "the chain counts, too")
}

func TestR22TheClustersCertificateIsCheckedBesideOneOfACM(t *testing.T) {
	leaf := issue(t, "bpa", 100, nil, "other.example.com")
	_, err := readCertificate(config.Ingress{
		Hostname: "bpa.example.com",
		Certificate: config.Certificate{
			ARN: "arn:aws:acm:us-west-2:111122223333:certificate/0", PrivateKey: config.NewSecret(leaf.keyPEM(t)),
			CertificateFile: filepath.Join(write(t, "cert.pem", leaf.pem()), "cert.pem"),
		},
	}, Options{Now: func() time.Time { return today }})
	require.ErrorContains(t, err, "must be for ingress.hostname, bpa.example.com")

	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	edwards := sign(t, "ed", edKey, today, today.AddDate(1, 0, 0), nil, "bpa.example.com")
	_, err = readCertificate(config.Ingress{
		Hostname: "bpa.example.com",
		Certificate: config.Certificate{
			ARN: "arn:aws:acm:us-west-2:111122223333:certificate/0", PrivateKey: config.NewSecret(edwards.keyPEM(t)),
			CertificateFile: filepath.Join(write(t, "cert.pem", edwards.pem()), "cert.pem"),
		},
	}, Options{Now: func() time.Time { return today }})
	require.NoError(t, err, "only ACM is without Ed25519")
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	return dir
}
