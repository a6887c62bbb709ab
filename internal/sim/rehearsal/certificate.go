package rehearsal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// SelfSigned makes a certificate and a new key for a host name, PEM encoded, valid for a year: for a rehearsal only.
func SelfSigned(host string) (certificate, key string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("rehearsal: stand-in certificate: %w", err)
	}
	now := time.Now()
	return selfSigned(host, private, big.NewInt(now.UnixNano()), now.Add(-time.Hour), now.AddDate(1, 0, 0))
}

// StandIn is a certificate and key for a host name, PEM encoded, and the same in every rehearsal of a year: a change that
// leaves the certificate alone must not seem to change it. Everybody can know the key.
func StandIn(host string) (certificate, key string, err error) {
	seed := sha256.Sum256([]byte("stand-in for a rehearsal: " + host))
	seed[0] &= 0x7f // below the order of the curve
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
	if err != nil {
		return "", "", fmt.Errorf("rehearsal: stand-in certificate: %w", err)
	}
	year := time.Date(time.Now().UTC().Year(), time.January, 1, 0, 0, 0, 0, time.UTC)
	return selfSigned(host, private, new(big.Int).SetBytes(seed[:16]), year, year.AddDate(2, 0, 0))
}

func selfSigned(host string, private *ecdsa.PrivateKey, serial *big.Int, from, to time.Time) (certificate, key string, err error) {
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: host, Organization: []string{"rehearsal"}},
		DNSNames: []string{host}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	// Without a source of randomness ECDSA signs by RFC 6979: the same each time.
	der, err := x509.CreateCertificate(nil, template, template, private.Public(), private)
	if err != nil {
		return "", "", fmt.Errorf("rehearsal: stand-in certificate: %w", err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("rehearsal: stand-in key: %w", err)
	}
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certificate, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})), nil
}
