package preflight_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestD01TheChartMustBeThere(t *testing.T) {
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80}]\n"
	chart := func(without string, service string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			w.config.Application.Chart = "charts/bpa"
			for name, text := range map[string]string{
				"Chart.yaml": "apiVersion: v2\nname: bpa\nversion: 4.0.3\n", "bpa/env/environment.txt": "A=b\n",
				"templates/ingress-controller.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n" +
					"  selector: {matchLabels: {a: b}}\n  template:\n    metadata:\n      labels: {a: b}\n    spec:\n" +
					"      containers:\n      - name: a\n        image: nginx\n        args:\n        - /nginx-ingress-controller\n",
				"templates/service.yaml": service,
				"templates/env.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: env}\nstringData:\n" +
					"  env: {{ .Files.Get \"bpa/env/environment.txt\" | quote }}\n",
			} {
				if name != without {
					w.write("charts/bpa/"+name, text)
				}
			}
		}
	}
	try(t, []example{
		{"the folder", "chart", chart("", service), passes, "bpa 4.0.3 in charts/bpa, 3 objects"},
		{"a fault", "chart", chart("", strings.Replace(service, "{port: 80}", "{port: 80}, {port: 81}", 1)), fails,
			`templates/service.yaml:5: Service "a": spec.ports[0].name: Required value`},
		{"the reference chart", "chart", nil, warns, "the reference chart"},
		{"no folder", "chart", func(_ *testing.T, w *world) { w.config.Application.Chart = "charts/bpa" }, fails,
			"charts/bpa/Chart.yaml: no such file or directory"},
		{"no environment.txt", "chart", chart("bpa/env/environment.txt", service), fails,
			`application.environmentFile: "bpa/env/environment.txt": the chart has no such file`},
		{"in the registry", "chart", inRegistry("4.0.3", "4.0.3"), passes, "/charts/bpa:4.0.3 is sha256:"},
		{"not this version", "chart", inRegistry("4.0.3", "4.0.4"), fails, "charts/bpa:4.0.4: "},
	})
}

func TestTheAdviceOnAChartIsAWarning(t *testing.T) {
	w := newWorld(t)
	w.only("chart")
	w.config.Application.Chart = "charts/bpa"
	require.NoError(t, os.CopyFS(filepath.Join(w.options.SourceDir, "charts/bpa"), os.DirFS("../../components/bpa/assets/bpa-helm-chart")))
	w.write("charts/bpa/bpa/env/environment.txt", "LOG_LEVEL=info\n")
	var said []string
	for _, f := range w.run().Findings {
		if f.Status == warns {
			said = append(said, f.Detail)
		}
	}
	assert.Contains(t, strings.Join(said, "\n"), "Kong speaks to PostgreSQL without TLS unless KONG_PG_SSL is on")
}

func TestR14TheImageListMustBeReadable(t *testing.T) {
	list := func(text string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) {
			twoImages(nil, w)
			w.config.Registry.Images, w.config.Registry.ImageList = nil, "release/images.txt"
			if text != "" {
				w.write("release/images.txt", text)
			}
		}
	}
	try(t, []example{
		{"the reference chart's", "image list", nil, passes, "the reference chart: 9 images in 9 repositories"},
		{"names", "image list", twoImages, passes, "registry.images: 2 images in 2 repositories"},
		{"a list", "image list", list("a.example.com/kafka:1\na.example.com/kafka:2\n"), passes,
			"release/images.txt: 2 images in 1 repositories"},
		{"a bad line", "image list", list("\nhttps://a.example.com/kafka:1\n"), fails,
			`release/images.txt:2: "https://a.example.com/kafka:1": must be without https://`},
		{"no list", "image list", list(""), fails, "no such file or directory"},
		{"no list to ask for", "images", list(""), warns, "not checked: the list cannot be read"},
	})
}

// inRegistry pushes a version of the chart, and configures one.
func inRegistry(pushed, configured string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
		t.Cleanup(server.Close)
		repository := strings.TrimPrefix(server.URL, "http://") + "/charts/bpa"
		reference, err := name.ParseReference(repository + ":" + pushed)
		require.NoError(t, err)
		image, err := random.Image(64, 1)
		require.NoError(t, err)
		require.NoError(t, remote.Write(reference, image))
		w.config.Application.Chart, w.config.Application.ChartVersion = "oci://"+repository, configured
	}
}

// bucket makes a bucket for the state, and logs in to it.
func bucket(versioned bool) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := s3.NewFromConfig(w.aws, func(o *s3.Options) { o.UsePathStyle = true })
		must(client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("acme-state"),
			CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraintUsWest2}}))(t)
		if versioned {
			must(client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("acme-state"),
				VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}}))(t)
		}
		w.environ["PULUMI_BACKEND_URL"] = "s3://acme-state?region=us-west-2"
	}
}

// service is a Pulumi Cloud that knows one token.
func service(token string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/api/user" || r.Header.Get("Authorization") != "token pul-good" {
				answer.WriteHeader(http.StatusUnauthorized)
			}
		}))
		t.Cleanup(server.Close)
		w.environ["PULUMI_BACKEND_URL"], w.environ["PULUMI_ACCESS_TOKEN"] = server.URL, token
	}
}

func TestD01TheStateMustBeReadable(t *testing.T) {
	try(t, []example{
		{"versioned", "state", bucket(true), passes, "bucket acme-state is readable and versioned"},
		{"without versions", "state", bucket(false), warns, "acme-state keeps no old states"},
		{"no bucket", "state", func(_ *testing.T, w *world) { w.environ["PULUMI_BACKEND_URL"] = "s3://acme-none" }, fails,
			"there is no bucket acme-none"},
		{"not to be seen", "state", func(t *testing.T, w *world) {
			bucket(true)(t, w)
			w.proxy.denied["HEAD /acme-state"] = true
		}, warns, "the caller may not s3:ListBucket"},
		{"nowhere", "state", nil, fails, "not logged in"},
		{"named by the project", "state", func(_ *testing.T, w *world) {
			w.write("Pulumi.yaml", "name: bpa\nbackend:\n  url: file:///var/state\n")
		}, warns, "file:///var/state is on this machine alone"},
		{"Pulumi Cloud", "state", service("pul-good"), passes, "logged in to http://127.0.0.1"},
		{"Pulumi Cloud, another token", "state", service("pul-bad"), fails, "refuses the token"},
		{"Pulumi Cloud, no token", "state", service(""), fails, "there is no token"},
		{"elsewhere", "state", func(_ *testing.T, w *world) { w.environ["PULUMI_BACKEND_URL"] = "gs://acme" }, warns,
			"preflight does not know gs"},
	})
}

// withKey makes a key with an alias, and names it in the stack file.
func withKey(enabled bool) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		client := kms.NewFromConfig(w.aws)
		key := must(client.CreateKey(ctx, &kms.CreateKeyInput{KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt}))(t).KeyMetadata.KeyId
		must(client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/acme"), TargetKeyId: key}))(t)
		if !enabled {
			must(client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key}))(t)
		}
		w.write("Pulumi.dev.yaml", "secretsprovider: awskms://alias/acme?region=us-west-2\n")
	}
}

func TestD01SecretsMustBeEncryptable(t *testing.T) {
	file := func(text string) func(*testing.T, *world) {
		return func(_ *testing.T, w *world) { w.write("Pulumi.dev.yaml", text) }
	}
	try(t, []example{
		{"a key", "secrets", withKey(true), passes, "key alias/acme is enabled"},
		{"a disabled key", "secrets", withKey(false), fails, "key alias/acme is Disabled, for ENCRYPT_DECRYPT"},
		{"no key", "secrets", file("secretsprovider: awskms://alias/none\n"), fails, "there is no key alias/none"},
		{"a key not to be seen", "secrets", func(t *testing.T, w *world) {
			withKey(true)(t, w)
			w.proxy.denied["DescribeKey"] = true
		}, warns, "the caller may not kms:DescribeKey"},
		{"a passphrase", "secrets", func(t *testing.T, w *world) {
			file("encryptionsalt: v1:abc\n")(t, w)
			w.environ["PULUMI_CONFIG_PASSPHRASE"] = "known"
		}, warns, "a passphrase"},
		{"a passphrase that is not set", "secrets", file("encryptionsalt: v1:abc\n"), fails, "the passphrase is not set"},
		{"none yet", "secrets", nil, warns, "names no secrets provider yet"},
		{"elsewhere", "secrets", file("secretsprovider: hashivault://key\n"), warns, "preflight does not know hashivault://key"},
		{"Pulumi Cloud", "secrets", service("pul-good"), passes, "Pulumi Cloud encrypts them"},
	})
}
