package preflight

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/bpa-on-aws/platform/infra/cert"
)

// certificate checks BPA's own certificate, which the cluster serves, and ACM's, where the load balancer takes that.
func (f *flight) certificate(ctx context.Context) ([]Finding, error) {
	found := f.certificateFiles()
	if f.Config.Ingress.Certificate.ARN == "" {
		return found, nil
	}
	issued, err := f.acmCertificate(ctx)
	if err != nil {
		issued = []Finding{explain("acm certificate", f.Timeout, err)}
	}
	return append(found, issued...), nil
}

// certificateFiles checks the files beside the stack file as the program does.
func (f *flight) certificateFiles() []Finding {
	const name = "certificate"
	file := f.Config.Ingress.Certificate.CertificateFile
	good, err := cert.Load(f.Config.Ingress, f.path, f.Date)
	var refused *cert.Error
	if errors.As(err, &refused) {
		return []Finding{fail(name, refused.Remedy, "%s", oneLine(refused.Error()))}
	}
	if !good.Key.Known() {
		file += " (without its key, a secret that only the program reads)"
	}
	return []Finding{f.lasting(name, file, good.Expires)}
}

// lasting judges how long a certificate is still good.
func (f *flight) lasting(name, what string, to time.Time) Finding {
	until := to.UTC().Format(time.DateOnly)
	if (cert.Certificate{Expires: to}).EndsSoon(f.Date) {
		return warn(name, "renew it soon", "%s ends on %s", what, until)
	}
	return pass(name, "%s names %s and is good until %s", what, f.Config.Ingress.Hostname, until)
}

// acmCertificate asks ACM whether the certificate is issued, here, for the host.
func (f *flight) acmCertificate(ctx context.Context) ([]Finding, error) {
	const name = "acm certificate"
	arn := f.Config.Ingress.Certificate.ARN
	if parts := strings.Split(arn, ":"); len(parts) < 6 || parts[3] != f.Config.AWS.Region {
		return []Finding{fail(name, "issue or import it in "+f.Config.AWS.Region, "%s is not of the region", arn)}, nil
	}
	out, err := f.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &arn})
	if code(err) == "ResourceNotFoundException" {
		return []Finding{
			fail(name, "change bpa:ingress.certificate.arn, or leave it out to import the files", "no certificate %s", arn),
		}, nil
	}
	if err != nil {
		return nil, err
	}
	c := out.Certificate
	if c.Status != types.CertificateStatusIssued {
		return []Finding{fail(name, "finish its validation, or have another one issued", "it is %s, not ISSUED", c.Status)}, nil
	}
	names := append([]string{aws.ToString(c.DomainName)}, c.SubjectAlternativeNames...)
	if !slices.ContainsFunc(names, func(n string) bool { return covers(n, f.Config.Ingress.Hostname) }) {
		return []Finding{fail(name, "have one issued for bpa:ingress.hostname", "it names %s, not %s",
			strings.Join(slices.Compact(names), ", "), f.Config.Ingress.Hostname)}, nil
	}
	if wrong := cert.InForce(aws.ToTime(c.NotBefore), aws.ToTime(c.NotAfter), f.Date); wrong != nil {
		return []Finding{fail(name, "renew it", "it %s", wrong)}, nil
	}
	return []Finding{f.lasting(name, "it", aws.ToTime(c.NotAfter))}, nil
}

// covers reports whether a certificate's name, which may begin with "*.", is good for a host (RFC 6125, 6.4.3).
func covers(name, host string) bool {
	if wild, ok := strings.CutPrefix(name, "*."); ok {
		_, parent, found := strings.Cut(host, ".")
		return found && strings.EqualFold(parent, wild)
	}
	return strings.EqualFold(name, host)
}

// hostedZone looks for a Route 53 zone that the host belongs to. BPA's name may as well be kept elsewhere.
func (f *flight) hostedZone(ctx context.Context) ([]Finding, error) {
	const name = "hosted zone"
	host := f.Config.Ingress.Hostname
	for _, domain := range parents(host) {
		out, err := f.route53.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{
			DNSName: aws.String(domain), MaxItems: aws.Int32(1),
		})
		if err != nil {
			return nil, err
		}
		for _, z := range out.HostedZones {
			if strings.TrimSuffix(aws.ToString(z.Name), ".") != domain {
				continue
			}
			if z.Config != nil && z.Config.PrivateZone && f.Config.Ingress.Scheme == "internet-facing" {
				return []Finding{warn(name, "make a public zone for an internet-facing load balancer",
					"%s is a private zone (%s)", domain, aws.ToString(z.Id))}, nil
			}
			return []Finding{pass(name, "%s belongs to %s (%s)", host, domain, aws.ToString(z.Id))}, nil
		}
	}
	return []Finding{warn(name, "after `up`, point the name at the output loadBalancerDnsName wherever it is kept",
		"Route 53 of the account has no zone for %s", host)}, nil
}

// parents lists the domains above a host that can be zones, the nearest first, with the host itself.
func parents(host string) []string {
	var list []string
	for strings.Contains(host, ".") {
		list = append(list, host)
		_, host, _ = strings.Cut(host, ".")
	}
	return list
}

// path resolves a path of the stack file.
func (f *flight) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(f.SourceDir, p)
}

// list formats names for a sentence, or says that there are none.
func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
