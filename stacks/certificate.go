package stacks

import (
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// certificate is the BPA certificate (R22): the cluster serves it, and the load balancer holds a copy of it unless
// the configuration names another one by ARN.
type certificate struct {
	// bundle is what the cluster serves: the leaf, followed by its chain. ACM wants the two apart.
	bundle, leaf, chain string
	privateKey          pulumi.StringInput
}

// readCertificate reads certificate and key, and checks that they belong together.
func readCertificate(c config.Certificate, o Options) (certificate, error) {
	if o.Certificate != nil {
		return newCertificate(o.Certificate.CertificatePEM, o.Certificate.PrivateKeyPEM, "the rehearsal's stand-in certificate")
	}
	bundle, err := readPEM(o, "ingress.certificate.certificateFile", c.CertificateFile)
	if err != nil {
		return certificate{}, err
	}
	if c.PrivateKey.Set() {
		return newCertificate(bundle, c.PrivateKey.Reveal(), "ingress.certificate.privateKey")
	}
	key, err := readPEM(o, "ingress.certificate.privateKeyFile", c.PrivateKeyFile)
	if err != nil {
		return certificate{}, err
	}
	return newCertificate(bundle, key, "ingress.certificate.privateKeyFile")
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

func newCertificate(bundle, key, where string) (certificate, error) {
	// The error of X509KeyPair says what is wrong and never quotes the key.
	if _, err := tls.X509KeyPair([]byte(bundle), []byte(key)); err != nil {
		return certificate{}, fmt.Errorf("%s: [secret]: must be the PEM key of the certificate: %w", where, err)
	}
	block, chain := pem.Decode([]byte(bundle))
	return certificate{
		bundle:     bundle,
		leaf:       string(pem.EncodeToMemory(block)),
		chain:      strings.TrimSpace(string(chain)),
		privateKey: pulumi.ToSecret(pulumi.String(key)).(pulumi.StringOutput),
	}, nil
}
