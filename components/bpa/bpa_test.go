package bpa_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/imagelist"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const releaseType = "kubernetes:helm.sh/v3:Release"

// references are texts for all that the stack makes elsewhere: each its own name, where it matters to no test.
func references() map[string]pulumi.Input {
	made := map[string]pulumi.Input{
		"database.host": pulumi.String("db.example"), "database.port": pulumi.Int(5432),
		"database.kong.password": pulumi.ToSecret(pulumi.String("kong-password")), "registry.url": pulumi.String("registry/bpa"),
		"ingress.httpsNodePort": pulumi.Int(30443), "ingress.portalNodePort": pulumi.Int(30101),
	}
	for _, r := range config.References() {
		own := strings.HasPrefix(r.Name, "atlas.") && r.Name != "atlas.host" || strings.HasPrefix(r.Name, "bpa.") ||
			strings.HasPrefix(r.Name, "ingress.certificate")
		if made[r.Name] == nil && !own {
			made[r.Name] = pulumi.String(r.Name)
		}
	}
	for _, e := range imagelist.Reference("4.0.3-6").Entries {
		made["tag."+e.Repository] = pulumi.String(e.Tag)
	}
	return made
}

func args() *bpa.Args {
	defaults, _ := config.Defaults()
	return &bpa.Args{
		Application: config.Application{
			Namespace: "bpa-ns", ReleaseName: "bpa-rel", Release: "4.0.3-6", TimeoutSeconds: 1800, OnFailure: "keep",
			EnvironmentFile: "bpa/env/environment.txt", IngressTemplate: "templates/ingress-controller.yaml",
			Environment: map[string]string{"AUTH_DB_PASSWORD": "${database.kong.password}", "PG_HOST": "${database.host}"},
			Values:      defaults.Application.Values,
		},
		Chart:          bpa.Chart{Path: "./chart"},
		References:     references(),
		CertificatePEM: "certificate",
		PrivateKey:     pulumi.String("private-key"),
		Mongo: bpa.Mongo{
			URL:      pulumi.String("mongodb+srv://x"),
			Username: pulumi.String("bpa"),
			Password: pulumi.String("mongo-password"),
		},
	}
}

func program(a *bpa.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		database, err := ec2.NewInstance(ctx, "database", &ec2.InstanceArgs{})
		if err != nil {
			return err
		}
		a.After = []pulumi.Resource{database}
		_, err = bpa.New(ctx, "bpa", a)
		return err
	}
}

func TestAReleaseThatFailsIsKeptUnlessItIsToBeRolledBack(t *testing.T) {
	rolled := args()
	rolled.OnFailure = "rollBack"
	testkit.Both(t, program(rolled), func(t *testing.T, g *testkit.Graph) {
		release := g.Get(t, releaseType, "bpa-release")
		assert.Equal(t, true, release.Plain("atomic"))
		assert.Equal(t, true, release.Plain("cleanupOnFail"))
	})
}

func TestR20TheReleaseComesLast(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ec2/instance:Instance database",
			"bpa:bpa:BPA bpa",
			"kubernetes:core/v1:Namespace bpa-namespace",
			"kubernetes:core/v1:Secret bpa-certificate",
			"kubernetes:core/v1:Secret bpa-mongodb",
			"kubernetes:helm.sh/v3:Release bpa-release",
		}, g.List())
		release := g.Get(t, releaseType, "bpa-release")
		for key, want := range map[string]any{
			"name": "bpa-rel", "namespace": "bpa-ns", "chart": "./chart", "atomic": false, "cleanupOnFail": false, "timeout": 1800.0,
			"compat": "true", "version": nil,
		} {
			assert.Equal(t, want, release.Plain(key), key)
		}
		for _, before := range [][2]string{
			{"aws:ec2/instance:Instance", "database"}, {"kubernetes:core/v1:Secret", "bpa-certificate"},
			{"kubernetes:core/v1:Secret", "bpa-mongodb"},
			{"kubernetes:core/v1:Namespace", "bpa-namespace"},
		} {
			assert.True(t, g.DependsOn(release, before[0], before[1]), before[1])
		}
	})
}

func TestR21TheIngressControllerIsOn(t *testing.T) {
	a := args()
	a.Values["ingress_controller"], a.Values["other"] = map[string]any{"create": true, "replicas": 3}, "value"
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		values := g.Get(t, releaseType, "bpa-release").Plain("values").(map[string]any)
		assert.Equal(t, map[string]any{"create": true, "replicas": 3.0}, values["ingress_controller"])
		assert.Equal(t, "value", values["other"])
		assert.Equal(t, map[string]any{
			"imageRegistry": "registry/bpa", "release": "4.0.3-6", "httpsNodePort": 30443.0, "portalNodePort": 30101.0,
			"certificateSecret": "bpa-certificate-ingress", "mongoSecret": "bpa-mongodb",
			"mongoChecksum": "ce1418d9e6472a907be0adce3c434c32",
			"tags": map[string]any{
				"camunda": "4.0.3-6", "elasticsearch": "4.0.3-6", "grafana": "4.0.3-6", "ingress-controller": "4.0.3-6", "kafka": "4.0.3-6",
				"kong": "4.0.3-6", "prometheus": "4.0.3-6", "sase-service": "4.0.3-522", "zookeeper": "4.0.3-6",
			},
		}, values["bpaPlatform"])
	})
}

// Whatever way to MongoDB changes, the release changes with it, and what reads the secret rolls.
func TestR11D04TheChecksumFollowsEveryPartOfTheWayToMongo(t *testing.T) {
	checksum := func(change func(*bpa.Mongo)) string {
		a := args()
		change(&a.Mongo)
		g, err := testkit.Update(program(a))
		require.NoError(t, err)
		release := g.Get(t, releaseType, "bpa-release")
		assert.True(t, release.Secret("values"))
		sum := release.Plain("values").(map[string]any)["bpaPlatform"].(map[string]any)["mongoChecksum"].(string)
		assert.NotContains(t, sum, "mongo-password")
		return sum
	}
	seen := map[string]bool{}
	for _, change := range []func(*bpa.Mongo){
		func(*bpa.Mongo) {},
		func(m *bpa.Mongo) { m.URL = pulumi.String("mongodb+srv://y") },
		func(m *bpa.Mongo) { m.Username = pulumi.String("bpa-1") },
		func(m *bpa.Mongo) { m.Password = pulumi.String("mongo-password-1") },
	} {
		seen[checksum(change)] = true
	}
	assert.Len(t, seen, 4)
	assert.True(t, seen[checksum(func(*bpa.Mongo) {})], "and it is the same every time")
}

func TestR22TheTLSSecretHasTheNameOfThePaper(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		secret := g.Get(t, "kubernetes:core/v1:Secret", "bpa-certificate")
		assert.Equal(t, map[string]any{"name": "bpa-certificate-ingress", "namespace": "bpa-ns"}, secret.Plain("metadata"))
		assert.Equal(t, "kubernetes.io/tls", secret.Plain("type"))
		assert.Equal(t, map[string]any{"tls.crt": "certificate", "tls.key": "private-key"}, secret.Plain("stringData"))
		assert.True(t, secret.Secret("stringData"))
	})
}

func TestR24ANewCertificateChangesValuesAndSecretInPlace(t *testing.T) {
	checksum := func(pem string) any {
		a := args()
		a.CertificatePEM = pem
		g, err := testkit.Update(program(a))
		require.NoError(t, err)
		release := g.Get(t, releaseType, "bpa-release")
		assert.Empty(t, release.ReplaceOnChanges)
		return release.Plain("values").(map[string]any)["bpaCertificateChecksum"]
	}
	assert.NotEqual(t, checksum("one"), checksum("two"))
}

func TestR11PasswordsAreSecretValues(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		release := g.Get(t, releaseType, "bpa-release")
		values := release.Inputs["values"].ObjectValue()
		environment := values["bpaEnvironment"]
		assert.True(t, environment.IsSecret() || environment.IsOutput() && environment.OutputValue().Secret, "%v", environment)
		assert.Equal(t, map[string]any{"AUTH_DB_PASSWORD": "kong-password", "PG_HOST": "db.example"},
			release.Plain("values").(map[string]any)["bpaEnvironment"])
	})
}

func TestASecretAmongTheValuesMakesAllOfThemSecret(t *testing.T) {
	a := args()
	a.Values, a.SecretValues = map[string]any{"license": "key"}, true
	g, err := testkit.Update(program(a))
	require.NoError(t, err)
	license := g.Get(t, releaseType, "bpa-release").Inputs["values"].ObjectValue()["license"]
	assert.True(t, license.IsSecret() || license.IsOutput() && license.OutputValue().Secret)
}

func TestAnOCIChartIsInstalledByReference(t *testing.T) {
	a := args()
	a.Chart = bpa.Chart{OCI: "oci://registry/charts/bpa", Version: "4.0.3"}
	g, err := testkit.Update(program(a))
	require.NoError(t, err)
	release := g.Get(t, releaseType, "bpa-release")
	assert.Equal(t, "oci://registry/charts/bpa", release.Plain("chart"))
	assert.Equal(t, "4.0.3", release.Plain("version"))
}

func TestBadApplicationArgumentsAreReportedAtOnce(t *testing.T) {
	g, err := testkit.Update(program(&bpa.Args{Application: config.Application{Values: map[string]any{"bpaEnvironment": 1}}}))
	for _, part := range []string{
		"namespace: (not set): must be a Kubernetes name", "releaseName: (not set): must be a Kubernetes name",
		"Chart: (not set): must be a path or an OCI reference", "CertificatePEM: (not set)",
		"values.bpaEnvironment: \"…\": is set by the program",
	} {
		require.ErrorContains(t, err, "bpa: "+part)
	}
	assert.Equal(t, []string{"aws:ec2/instance:Instance database"}, g.List())
}

// A chart of another layout learns what the stack made by names of its own.
func TestTextsNameWhatTheStackMakes(t *testing.T) {
	a := args()
	a.Environment = map[string]string{
		"JDBC": "jdbc:postgresql://${database.host}:${database.port}/${database.kong.name}", "PORT": "${database.port}", "LITERAL": "$${x}",
	}
	a.Values = map[string]any{
		"hosts": []any{"${database.host}", map[string]any{"port": "${database.port}", "image": "${registry.url}/kong:${bpa.release}"}},
		"login": map[string]any{"uri": "postgres://kong:${database.kong.password}@${database.host}", "count": 3, "on": true},
		"empty": "",
	}
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		release := g.Get(t, releaseType, "bpa-release")
		values := release.Plain("values").(map[string]any)
		assert.Equal(t, map[string]any{
			"JDBC": "jdbc:postgresql://db.example:5432/database.kong.name", "PORT": "5432", "LITERAL": "${x}",
		}, values["bpaEnvironment"])
		assert.Equal(t, []any{"db.example", map[string]any{"port": 5432.0, "image": "registry/bpa/kong:4.0.3-6"}}, values["hosts"])
		assert.Equal(t, map[string]any{
			"uri": "postgres://kong:kong-password@db.example", "count": 3.0, "on": true,
		}, values["login"])
		assert.Empty(t, values["empty"])
		assert.True(t, release.Secret("values"), "as the password is")
	})
	delete(a.References, "database.host")
	_, err := testkit.Update(program(a))
	require.ErrorContains(t, err, "references: database.host must be given")
}

// The release is declared in this project, so nothing else holds its provider to the version in go.mod.
func TestTheReleaseAsksForTheProviderOfGoMod(t *testing.T) {
	b, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	file, err := modfile.Parse("go.mod", b, nil)
	require.NoError(t, err)
	for _, r := range file.Require {
		if r.Mod.Path == "github.com/pulumi/pulumi-kubernetes/sdk/v4" {
			assert.Equal(t, r.Mod.Version, "v"+bpa.ProviderVersion)
			return
		}
	}
	require.Fail(t, "go.mod must require pulumi-kubernetes")
}
