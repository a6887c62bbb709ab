package platform_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// pair makes a certificate and key for a host, as files of a project.
func pair(t *testing.T) map[string]string {
	t.Helper()
	certificate, key, err := rehearsal.SelfSigned("bpa.example.com")
	require.NoError(t, err)
	return map[string]string{"certs/bap-cert.pem": certificate, "certs/bap-key.pem": key}
}

func with(files map[string]string, more map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{files, more} {
		for name, text := range m {
			all[name] = text
		}
	}
	return all
}

const release = "update " + catalog.HelmRelease + " bpa-release"

func TestR24ANewCertificateRollsIngressAndListenersAndNothingElse(t *testing.T) {
	assert.Equal(t, []string{
		"update " + catalog.ACMCertificate + " ingress-certificate", "update " + catalog.KubernetesSecret + " bpa-certificate", release,
	}, change(t, projectWith(t, small, pair(t)), projectWith(t, small, pair(t))), "the listeners keep the ARN, and serve what it holds")
}

func TestR19ANewPackageReachesNodesWithoutReplacingThem(t *testing.T) {
	certificate := pair(t)
	text := small + "  bpa:packages: {source: ./package}\n"
	steps := change(t, projectWith(t, text, with(certificate, map[string]string{"package/VERSION": "1"})),
		projectWith(t, text, with(certificate, map[string]string{"package/VERSION": "2"})))
	assert.Equal(t, []string{
		"create-replacement " + catalog.S3BucketObjectv2 + " packages-archive",
		"delete-replaced " + catalog.S3BucketObjectv2 + " packages-archive",
		"replace " + catalog.S3BucketObjectv2 + " packages-archive",
		"update " + catalog.S3BucketObjectv2 + " packages-current",
	}, steps, "the new archive, then the pointer to it, which nodes poll")
}

func TestAChangedChartFileValueOrPasswordIsSeenByTheNextPreview(t *testing.T) {
	certificate := pair(t)
	chart := map[string]string{}
	root := filepath.Join("..", "..", "components", "bpa", "assets", "bpa-helm-chart")
	require.NoError(t, filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		chart["chart/"+name] = string(b)
		return err
	}))
	text := small + "  bpa:application: {chart: ./chart, values: {tone: blue}}\n"
	before := projectWith(t, text, with(certificate, chart))

	edited := with(certificate, chart)
	edited["chart/values.yaml"] += "\nmore: values\n"
	assert.Equal(t, []string{release}, change(t, before, projectWith(t, text, edited)), "a file of the chart")

	other := small + "  bpa:application: {chart: ./chart, values: {tone: red}}\n"
	assert.Equal(t, []string{release}, change(t, before, projectWith(t, other, with(certificate, chart))), "a value")

	given := text + "  bpa:database: {kongPassword: {secure: 'v1:x'}}\n"
	assert.Equal(t, []string{
		"create-replacement " + catalog.SecretsManagerSecretVersion + " database-kong",
		"create-replacement " + catalog.KubernetesJob + " bootstrap-job",
		"create-replacement " + catalog.KubernetesSecret + " bootstrap-credentials",
		"delete " + catalog.RandomPassword + " database-kong",
		"delete-replaced " + catalog.SecretsManagerSecretVersion + " database-kong",
		"delete-replaced " + catalog.KubernetesJob + " bootstrap-job",
		"delete-replaced " + catalog.KubernetesSecret + " bootstrap-credentials",
		"replace " + catalog.SecretsManagerSecretVersion + " database-kong",
		"replace " + catalog.KubernetesJob + " bootstrap-job",
		"replace " + catalog.KubernetesSecret + " bootstrap-credentials",
		release,
	}, change(t, before, projectWith(t, given, with(certificate, chart))), "a password: the job runs again, the database stays")
}

func TestR22ACertificateThatEndsSoonIsAWarning(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"bpa.example.com"}, NotBefore: time.Now().AddDate(0, 0, -1),
		NotAfter: time.Now().AddDate(0, 0, 10),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	options, err := platform.Options(projectWith(t, small, map[string]string{
		"certs/bap-cert.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		"certs/bap-key.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})),
	}), "test", io.Discard)
	require.NoError(t, err)
	result, err := rehearsal.Preview(context.Background(), options)
	require.NoError(t, err, "it is in force")
	assert.Contains(t, result.Text, "warning: ingress.certificate: expires on "+template.NotAfter.UTC().Format(time.DateOnly))
}

// The provider would rename the instance, which would hold what it held before.
func TestD05ASecondMomentMakesAnotherInstance(t *testing.T) {
	certificate := pair(t)
	at := func(time string) string {
		moment := "  bpa:database: {restoreFrom: {pointInTime: {instance: bpa-old, time: '" + time + "'}}}\n"
		return projectWith(t, small+moment, certificate)
	}
	steps := change(t, at("2026-11-20T10:00:00Z"), at("2026-11-21T10:00:00Z"))
	assert.Contains(t, steps, "create-replacement "+catalog.RDSInstance+" database-instance")
	assert.NotContains(t, steps, "update "+catalog.RDSInstance+" database-instance")
}

// What teams fear most: a change that looks harmless and replaces a database, a volume or the cluster.
func TestOrdinaryChangesReplaceNothingThatHoldsData(t *testing.T) {
	certificate := pair(t)
	before := projectWith(t, small, certificate)
	after := `
  bpa:environment: production
  bpa:aws: {region: us-west-2, accountId: "111122223333", tags: {owner: team}}
  bpa:network:
    {nat: perZone, endpoints: [s3], flowLogRetentionDays: 30, dns: {mode: forward, domains: [corp.example.com], resolvers: [10.0.0.2]}}
  bpa:cluster:
    publicAccessCidrs: [203.0.113.0/24]
    logTypes: [audit]
    accessEntries: [{name: ops, principalArn: "arn:aws:iam::111122223333:role/ops"}]
  bpa:nodes: {instanceType: m6i.8xlarge, volumeGiB: 4096, amiRelease: v20261101, rootGiB: 200}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8, 192.168.0.0/16], httpsNodePort: 31443}
  bpa:database: {engineVersion: "16.14", instanceClass: db.m5d.4xlarge, storageGiB: 500, parameters: {work_mem: "8192"}}
  bpa:atlas: {orgId: 0123456789abcdef01234567, instanceSize: M40, diskGiB: 80, version: "8.0", databases: [bpa, audit]}
  bpa:registry: {keepImages: 10}
  bpa:application: {release: 4.0.4-1, timeoutSeconds: 3600}
`
	for _, step := range change(t, before, projectWith(t, after, certificate)) {
		for _, typ := range catalog.All() {
			for _, op := range []string{"replace ", "delete ", "create-replacement ", "delete-replaced "} {
				if typ.Loss.Stateful {
					assert.NotContains(t, step, op+typ.Token)
				}
			}
		}
	}
}
