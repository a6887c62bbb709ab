package stacks

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// Where the stack file names certificate and key.
const (
	certificateFileKey = "ingress.certificate.certificateFile"
	privateKeyFileKey  = "ingress.certificate.privateKeyFile"
	privateKeyKey      = "ingress.certificate.privateKey"
)

// certificate is the BPA certificate (R22): the cluster serves it, and the load balancer holds a copy of it unless
// the configuration names another one by ARN.
type certificate struct {
	// bundle is what the cluster serves: the leaf, followed by its chain. ACM wants the two apart.
	bundle, leaf, chain string
	privateKey          pulumi.StringInput
	// warning says that the certificate expires soon, or is empty.
	warning string
}

// readCertificate reads certificate and key, and checks them before anything is deployed.
func readCertificate(i config.Ingress, o Options) (certificate, error) {
	c := i.Certificate
	check := certificateCheck{host: i.Hostname, imported: c.ARN == "", now: o.now()}
	if o.Certificate != nil {
		check.file, check.keyAt = "the rehearsal's stand-in certificate", "the rehearsal's stand-in key"
		made, err := check.newCertificate(o.Certificate.CertificatePEM, o.Certificate.PrivateKeyPEM)
		made.warning = "" // it lives for the rehearsal only
		return made, err
	}
	bundle, err := readPEM(o, certificateFileKey, c.CertificateFile)
	if err != nil {
		return certificate{}, err
	}
	check.file, check.keyAt = fmt.Sprintf("%s: %q", certificateFileKey, c.CertificateFile), privateKeyKey
	key := c.PrivateKey.Reveal()
	if !c.PrivateKey.Set() {
		check.keyAt = fmt.Sprintf("%s: %q", privateKeyFileKey, c.PrivateKeyFile)
		if key, err = readPEM(o, privateKeyFileKey, c.PrivateKeyFile); err != nil {
			return certificate{}, err
		}
	}
	return check.newCertificate(bundle, key)
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

func (c certificateCheck) newCertificate(bundle, key string) (certificate, error) {
	blocks, warning, err := c.check(bundle, key)
	if err != nil {
		return certificate{}, err
	}
	var chain strings.Builder
	for _, block := range blocks[1:] {
		chain.Write(pem.EncodeToMemory(block))
	}
	return certificate{
		bundle:     bundle,
		leaf:       string(pem.EncodeToMemory(blocks[0])),
		chain:      strings.TrimSpace(chain.String()),
		privateKey: pulumi.ToSecret(pulumi.String(key)).(pulumi.StringOutput),
		warning:    warning,
	}, nil
}
