package preflight_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	smithy "github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/preflight"
)

const hostname = "bpa.dev.example.com"

// world is a stack, the clouds that it is checked against, and this machine.
type world struct {
	t       *testing.T
	proxy   *proxy
	config  *config.Config
	options preflight.Options
	environ map[string]string
	// aws are clients that may write, to prepare the emulator.
	aws        aws.Config
	mu         sync.Mutex
	operations []string
}

// newWorld is Pulumi.dev.yaml on a day in 2026, and clouds in which everything is well.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, environ: map[string]string{}, proxy: &proxy{recorded: map[string]recording{}, denied: map[string]bool{}}}
	day := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	loaded, err := stackfile.LoadFile("../../Pulumi.dev.yaml", "dev", stackfile.On(day))
	require.NoError(t, err)
	w.config = loaded.Config
	w.record(quotas(nil))
	zones := w.config.Network.Zones
	w.proxy.recorded["DescribeOrderableDBInstanceOptions"] = orderable("db.m5d.large", true, zones...)
	w.proxy.recorded["GET /cluster-versions"] = clusterVersions("1.35", "STANDARD_SUPPORT", "1806192000", "1837728000")
	w.proxy.recorded["GET /addons/supported-versions"] = addonVersions(w.config.Cluster.AddonVersions)
	w.proxy.recorded["GetParameter"] = parameter(versions.AMIParameter("1.35", w.config.Nodes.AMIRelease), "ami-0123456789abcdef0")
	w.proxy.recorded["GetEbsDefaultKmsKeyId"] = usualKey("alias/aws/ebs")
	endpoint := w.proxy.serve(t, emulator(t))
	for _, name := range []string{"AWS_PROFILE", "PULUMI_BACKEND_URL", "PULUMI_ACCESS_TOKEN"} {
		t.Setenv(name, "")
	}
	t.Setenv("PULUMI_HOME", dir)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	w.certificate(hostname, day.AddDate(0, -1, 0), day.AddDate(1, 0, 0))
	w.options = preflight.Options{
		Stack: "dev", StackFile: w.write("Pulumi.dev.yaml", "config: {}\n"), SourceDir: dir, Project: w.write("Pulumi.yaml", "name: bpa\n"),
		Config: w.config, Date: day, Endpoint: endpoint,
		Getenv: func(name string) string { return w.environ[name] },
		AWS: []func(*awsconfig.LoadOptions) error{
			awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(accessKey, "secret", "")),
			awsconfig.WithRetryMaxAttempts(1), w.listen(),
		},
	}
	w.at("203.0.113.7", nil)
	w.aws, err = awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithRegion(region), awsconfig.WithBaseEndpoint(endpoint),
		awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(accessKey, "secret", "")))
	require.NoError(t, err)
	return w
}

func (w *world) record(more map[string]recording) { maps.Copy(w.proxy.recorded, more) }

// listen writes down every operation that preflight calls.
func (w *world) listen() func(*awsconfig.LoadOptions) error {
	return awsconfig.WithAPIOptions([]func(*smithy.Stack) error{func(s *smithy.Stack) error {
		return s.Finalize.Add(smithy.FinalizeMiddlewareFunc("Listen",
			func(ctx context.Context, in smithy.FinalizeInput, next smithy.FinalizeHandler) (
				smithy.FinalizeOutput, smithy.Metadata, error,
			) {
				w.mu.Lock()
				w.operations = append(w.operations, middleware.GetServiceID(ctx)+":"+middleware.GetOperationName(ctx))
				w.mu.Unlock()
				return next.HandleFinalize(ctx, in)
			}), smithy.Before)
	}})
}

// write makes a file beside the stack file.
func (w *world) write(name, text string) string {
	w.t.Helper()
	path := filepath.Join(os.Getenv("PULUMI_HOME"), name)
	require.NoError(w.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w.t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// certificate writes a self-signed certificate and its key where the configuration looks for them, and returns both.
func (w *world) certificate(host string, from, to time.Time) (certificate, key string) {
	w.t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(w.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: from, NotAfter: to,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(w.t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(w.t, err)
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	key = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	w.write("certs/bap-cert.pem", certificate)
	w.write("certs/bap-key.pem", key)
	return certificate, key
}

func (w *world) run() preflight.Report {
	w.t.Helper()
	report, err := preflight.Run(context.Background(), w.options)
	require.NoError(w.t, err)
	return report
}

// finding returns what a run says of one check.
func (w *world) finding(check string) preflight.Finding {
	w.t.Helper()
	report := w.run()
	for _, f := range report.Findings {
		if f.Check == check {
			return f
		}
	}
	require.Failf(w.t, "no such finding", "%s in %+v", check, report.Findings)
	return preflight.Finding{}
}

// must returns the answer of a call that prepares the emulator.
func must[T any](answer T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		require.NoError(t, err)
		return answer
	}
}
