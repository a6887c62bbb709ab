package stacks

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/cert"
	"github.com/bpa-on-aws/platform/infra/config"
)

// readCertificate reads and checks the BPA certificate (R22): the cluster serves it, and the load balancer holds a copy of it
// unless the configuration names another one by ARN.
func readCertificate(ingress config.Ingress, o Options, now time.Time) (cert.Certificate, error) {
	if s := o.Certificate; s != nil {
		standIn := cert.Source{Certificate: "the rehearsal's stand-in certificate", Key: "the rehearsal's stand-in key"}
		return cert.New(s.CertificatePEM, config.NewSecret(s.PrivateKeyPEM), ingress.Hostname, now, standIn)
	}
	return cert.Load(ingress, func(path string) string { return fromSource(o, path) }, now)
}

// warnOfCertificate says that the certificate ends soon.
func (p *platform) warnOfCertificate(ctx *pulumi.Context, now time.Time) error {
	if !p.certificate.EndsSoon(now) {
		return nil
	}
	return ctx.Log.Warn(fmt.Sprintf("ingress.certificate: expires on %s", p.certificate.Expires.UTC().Format(time.DateOnly)), nil)
}
