package preflight_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/preflight"
	"github.com/bpa-on-aws/platform/internal/testkit"
	"github.com/bpa-on-aws/platform/stacks"
)

// days from the day of the world.
func days(w *world, n int) time.Time { return w.options.Date.AddDate(0, 0, n) }

// imported puts a certificate for a host into ACM, good for so many days.
func imported(host string, until int) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		certificate, key := w.certificate(host, days(w, -30), days(w, until))
		out := must(acm.NewFromConfig(w.aws).ImportCertificate(ctx, &acm.ImportCertificateInput{
			Certificate: []byte(certificate), PrivateKey: []byte(key),
		}))(t)
		w.config.Ingress.Certificate.ARN = *out.CertificateArn
	}
}

func TestD01TheCertificateMustBeGood(t *testing.T) {
	files := func(host string, from, to int) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.certificate(host, days(w, from), days(w, to)) }
	}
	try(t, []example{
		{"good", "certificate", nil, passes, "names bpa.dev.example.com and is good until 2027-11-23"},
		{"ends soon", "certificate", files(hostname, -30, 20), warns, "certs/bap-cert.pem ends on 2026-12-13"},
		{"ended", "certificate", files(hostname, -30, -1), fails, "expired on 2026-11-22: must be in force"},
		{"not yet", "certificate", files(hostname, 10, 90), fails, "begins on 2026-12-03: must be in force"},
		{"of another host", "certificate", files("other.example.com", -30, 90), fails, "must cover ingress.hostname bpa.dev.example.com"},
		{"missing", "certificate", func(_ *testing.T, w *world) { w.config.Ingress.Certificate.CertificateFile = "none.pem" },
			fails, `ingress.certificate.certificateFile: "none.pem": no such file`},
		{"without its key", "certificate", func(_ *testing.T, w *world) { w.config.Ingress.Certificate.PrivateKeyFile = "none.key" },
			fails, `ingress.certificate.privateKeyFile: "none.key": no such file`},
		{"no PEM", "certificate", func(_ *testing.T, w *world) { w.write("certs/bap-cert.pem", "DER") },
			fails, "holds no certificate: must be a PEM file"},
		{"issued", "acm certificate", imported(hostname, 90), passes, "is good until 2027-02-21"},
		{"for the whole domain", "acm certificate", imported("*.dev.example.com", 90), passes, "names bpa.dev.example.com"},
		{"ends soon", "acm certificate", imported(hostname, 20), warns, "ends on 2026-12-13"},
		{"of another host", "acm certificate", imported("other.example.com", 90), fails, "it names other.example.com, not bpa.dev"},
		{"not issued", "acm certificate", func(t *testing.T, w *world) {
			out := must(acm.NewFromConfig(w.aws).RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: aws.String(hostname)}))(t)
			w.config.Ingress.Certificate.ARN = *out.CertificateArn
		}, fails, "it is PENDING_VALIDATION, not ISSUED"},
		{"unknown", "acm certificate", func(_ *testing.T, w *world) {
			w.config.Ingress.Certificate.ARN = "arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012"
		}, fails, "no certificate arn:aws:acm:us-west-2"},
		{"of another region", "acm certificate", func(_ *testing.T, w *world) {
			w.config.Ingress.Certificate.ARN = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
		}, fails, "is not of the region"},
	})
}

func TestAStarCoversOneLabel(t *testing.T) {
	assert.True(t, preflight.Covers("*.example.com", "bpa.EXAMPLE.com"))
	assert.False(t, preflight.Covers("*.example.com", "bpa.dev.example.com"))
	assert.False(t, preflight.Covers("*.example.com", "example.com"))
	assert.True(t, preflight.Covers("example.com", "Example.com"))
}

func zone(name string, private bool) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		in := &route53.CreateHostedZoneInput{Name: &name, CallerReference: &name}
		if private {
			in.HostedZoneConfig = &types.HostedZoneConfig{PrivateZone: true}
			in.VPC = &types.VPC{VPCId: aws.String("vpc-0123456789abcdef0"), VPCRegion: types.VPCRegionUsWest2}
		}
		must(route53.NewFromConfig(w.aws).CreateHostedZone(ctx, in))(t)
	}
}

// A name may be kept anywhere, so the hosted zone never keeps a stack from being created.
func TestD01TheHostedZoneIsLookedFor(t *testing.T) {
	try(t, []example{
		{"the parent's", "hosted zone", zone("example.com.", false), passes, "bpa.dev.example.com belongs to example.com"},
		{"a private one, inside", "hosted zone", zone("dev.example.com.", true), passes, "belongs to dev.example.com"},
		{"a private one, for the internet", "hosted zone", func(t *testing.T, w *world) {
			zone("dev.example.com.", true)(t, w)
			w.config.Ingress.Scheme = "internet-facing"
		}, warns, "dev.example.com is a private zone"},
		{"none", "hosted zone", zone("example.org.", false), warns, "has no zone for bpa.dev.example.com"},
		{"not to be seen", "hosted zone", func(_ *testing.T, w *world) { w.proxy.denied["GET /2013-04-01/hostedzonesbyname"] = true },
			warns, "the caller may not route53:ListHostedZonesByName"},
	})
}

// One table of certificates, through preflight and through the program: what one refuses the other refuses, in the same words.
func TestD01PreflightAndTheProgramAgreeOnEveryCertificate(t *testing.T) {
	w := newWorld(t)
	w.only("certificate")
	strange, strangeKey := w.certificate("other.example.com", days(w, -30), days(w, 90))
	ended, endedKey := w.certificate(hostname, days(w, -30), days(w, -1))
	early, earlyKey := w.certificate(hostname, days(w, 1), days(w, 90))
	last, lastKey := w.certificate(hostname, days(w, -30), days(w, 20))
	good, key := w.certificate(hostname, days(w, -30), days(w, 90))
	for name, c := range map[string]struct{ certificate, key, want string }{
		"good":          {good, key, ""},
		"ends soon":     {last, lastKey, ""},
		"ended":         {ended, endedKey, "expired on 2026-11-22"},
		"too early":     {early, earlyKey, "begins on 2026-11-24"},
		"another host":  {strange, strangeKey, "must cover ingress.hostname"},
		"another's key": {good, strangeKey, "must be the PEM key of the certificate"},
		"a locked key":  {good, "-----BEGIN ENCRYPTED PRIVATE KEY-----", "must be without a passphrase"},
		"a false chain": {good + strange, key, "has not issued certificate 1"},
		"with its key":  {good + key, key, "must hold certificates only"},
		"no PEM":        {"DER", key, "holds no certificate"},
		"cut off":       {good[:len(good)/2], key, "holds no certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.write("certs/bap-cert.pem", c.certificate)
			w.write("certs/bap-key.pem", c.key)
			finding, refused := w.finding("certificate"), w.program(t)
			if c.want == "" {
				assert.NotEqual(t, fails, finding.Status)
				require.ErrorContains(t, refused, "the certificate is good")
				return
			}
			assert.Equal(t, fails, finding.Status)
			assert.Contains(t, finding.Detail, c.want)
			require.EqualError(t, errors.Unwrap(refused), finding.Detail)
		})
	}
}

// program runs the program on the world's files, up to its first question to AWS, and returns its error.
func (w *world) program(t *testing.T) error {
	t.Helper()
	dir := w.options.SourceDir
	_, err := testkit.Update(stacks.Program(stacks.Options{SourceDir: dir, WorkDir: t.TempDir(), Today: w.options.Date}),
		testkit.WithConfig(map[string]string{
			"bpa:aws":     `{"region": "us-west-2", "accountId": "111122223333"}`,
			"bpa:atlas":   `{"orgId": "0123456789abcdef01234567", "databases": ["bpa"]}`,
			"bpa:ingress": `{"hostname": "` + hostname + `", "allowedCidrs": ["10.0.0.0/8"]}`,
		}), testkit.WithCall("aws:index/getPartition:getPartition", func(resource.PropertyMap) (resource.PropertyMap, error) {
			return nil, errors.New("the certificate is good")
		}))
	return err
}
