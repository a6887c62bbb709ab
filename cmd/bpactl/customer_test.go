package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/customer"
	"github.com/bpa-on-aws/platform/internal/schema"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// customers makes a project with the stack files of this one, for customers to be added to.
func customers(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml", "tools/go.mod", customer.SchemaFile} {
		b, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	require.NoError(t, err)
	return string(b)
}

func TestCustomerNewWritesOnlyWhatDiffers(t *testing.T) {
	dir := customers(t)
	out, err := bpactl(t, "customer", "new", "acme", "--dir", dir, "--hostname", "bpa.acme.example", "--account", "444455556666")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(dir, "Pulumi.acme.yaml")+": ok, extends Pulumi.prod.yaml\n"+
		"note: cluster.accessEntries[0].principalArn names account 111122223333, as Pulumi.prod.yaml has it\n", out)
	assert.Equal(t, "# yaml-language-server: $schema=schemas/stack.schema.json\n"+
		"# What differs from Pulumi.prod.yaml; `bpactl config show --stack acme` prints all of it.\n"+
		"config:\n"+
		"  bpa:extends: prod\n"+
		"  bpa:aws:\n"+
		"    accountId: \"444455556666\"\n"+
		"  bpa:network:\n"+
		"    nodeCidr: 10.22.0.0/16\n"+
		"  bpa:ingress:\n"+
		"    hostname: bpa.acme.example\n", read(t, dir, "Pulumi.acme.yaml"))
	for _, stack := range []string{"acme", "dev", "prod"} {
		_, err := bpactl(t, "config", "check", "--file", filepath.Join(dir, "Pulumi."+stack+".yaml"))
		require.NoError(t, err, stack)
	}
	out, err = bpactl(t, "config", "show", "--file", filepath.Join(dir, "Pulumi.acme.yaml"))
	require.NoError(t, err)
	assert.Regexp(t, `accountId: "444455556666" +# stack file`, out)
	assert.Regexp(t, `region: us-west-2 +# Pulumi.prod.yaml`, out)
	assert.Regexp(t, `name: bpa-acme +# default`, out)

	out, err = bpactl(t, "customer", "new", "beta", "--dir", dir, "--extends", "acme", "--hostname", "bpa.beta.example",
		"--region", "eu-central-1", "--allowed-cidr", "192.0.2.0/24,198.51.100.0/24", "--atlas-org", "89abcdef0123456789abcdef")
	require.NoError(t, err, out)
	for _, want := range []string{
		"bpa:extends: acme\n", "region: eu-central-1\n", "nodeCidr: 10.23.0.0/16\n", "zones: null #", "orgId: 89abcdef0123456789abcdef\n",
		"allowedCidrs: [192.0.2.0/24, 198.51.100.0/24]\n",
	} {
		assert.Contains(t, read(t, dir, "Pulumi.beta.yaml"), want)
	}
}

func TestCustomerNewWritesWholeFilesOrNone(t *testing.T) {
	dir := customers(t)
	before, err := os.ReadDir(dir)
	require.NoError(t, err)
	for want, flags := range map[string][]string{
		"--hostname: (not set): must be given":                           {},
		`ingress.hostname: "acme": must be a full host name`:             {"--hostname", "acme"},
		`aws.accountId: "1": must be 12 digits in quotes`:                {"--hostname", "bpa.acme.example", "--account", "1"},
		`is taken by Pulumi.prod.yaml: a name leads to one`:              {"--hostname", "bpa.example.com"},
		`network.nodeCidr: "10.21.0.0/18": is taken by Pulumi.dev.yaml:`: {"--hostname", "bpa.acme.example", "--node-cidr", "10.21.0.0/18"},
		"Pulumi.prd.yaml: no such file or directory":                     {"--extends", "prd"},
	} {
		_, err := bpactl(t, append([]string{"customer", "new", "acme", "--dir", dir}, flags...)...)
		require.ErrorContains(t, err, want)
	}
	for _, name := range []string{"../acme", "a b", ""} {
		_, err := bpactl(t, "customer", "new", name, "--dir", dir, "--hostname", "bpa.acme.example")
		require.ErrorContains(t, err, "must be a stack name of letters, digits")
	}
	after, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, after, len(before), "nothing is left, not even a draft")

	prod := read(t, dir, "Pulumi.prod.yaml")
	_, err = bpactl(t, "customer", "new", "prod", "--extends", "dev", "--dir", dir, "--hostname", "bpa.acme.example")
	require.ErrorContains(t, err, "Pulumi.prod.yaml: exists already, and is left as it is")
	assert.Equal(t, prod, read(t, dir, "Pulumi.prod.yaml"))
}

func TestCustomerNewAsksUntilTheAnswerCanBeRight(t *testing.T) {
	dir := customers(t)
	var out strings.Builder
	c := customer.Customer{Name: "acme", Extends: "prod", Dir: dir, AtlasOrg: "89abcdef0123456789abcdef"}
	answers := "\nacme\nbpa.acme.example\n444455556666\n\n10.50.0.0/16\n192.0.2.0/24, 198.51.100.0/33\n192.0.2.0/24, 198.51.100.0/24"
	require.NoError(t, c.Create(strings.NewReader(answers), &out))
	assert.Equal(t, `Name that users type, such as bpa.acme.example: "" must be given
Name that users type, such as bpa.acme.example: "acme" must be a full host name such as bpa.example.com
Name that users type, such as bpa.acme.example: AWS account [111122223333]: AWS region [us-west-2]: `+
		`Range of the VPC [10.22.0.0/16]: Addresses of the users [10.0.0.0/8]: `+
		`"192.0.2.0/24, 198.51.100.0/33" must be an IPv4 CIDR such as 10.20.0.0/16
Addresses of the users [10.0.0.0/8]: `, out.String()[:strings.LastIndex(out.String(), dir)])
	text := read(t, dir, "Pulumi.acme.yaml")
	assert.Contains(t, text, "nodeCidr: 10.50.0.0/16\n")
	assert.Contains(t, text, "allowedCidrs: [192.0.2.0/24, 198.51.100.0/24]\n")
	assert.NotContains(t, text, "region")

	beta := customer.Customer{Name: "beta", Extends: "prod", Dir: dir}
	require.ErrorContains(
		t,
		beta.Create(strings.NewReader("bpa.beta.example\n\n"), io.Discard),
		"aws.region: no answer, so nothing is written",
	)
	assert.NoFileExists(t, filepath.Join(dir, "Pulumi.beta.yaml"), "the end of the answers takes no proposal")
}

func TestConfigCheckRefusesWhatAnotherFileClaims(t *testing.T) {
	dir := customers(t)
	file := filepath.Join(dir, "Pulumi.acme.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config:\n  bpa:extends: dev\n  bpa:ingress: {hostname: bpa.acme.example}\n"), 0o600))
	_, err := bpactl(t, "config", "check", "--file", file)
	require.EqualError(t, err, `Pulumi.acme.yaml: network.nodeCidr: "10.21.0.0/16": is taken by Pulumi.dev.yaml: `+
		`its network.nodeCidr 10.21.0.0/16 is in the same account 111122223333 and region us-west-2`)
}

func TestConfigSchemaPrintsTheSchema(t *testing.T) {
	out, err := bpactl(t, "config", "schema")
	require.NoError(t, err)
	want, err := schema.JSON()
	require.NoError(t, err)
	assert.Equal(t, string(want), out)
}

// The engine checks the customer's file against Pulumi.yaml and hands over its defaults; the program extends it.
func TestACustomersFileIsRehearsedWithWhatItExtends(t *testing.T) {
	dir := customers(t)
	_, err := bpactl(t, "customer", "new", "acme", "--extends", "dev", "--dir", dir, "--hostname", "bpa.acme.example")
	require.NoError(t, err)
	o, err := platform.Options(filepath.Join(dir, "Pulumi.acme.yaml"), "", io.Discard)
	require.NoError(t, err)
	result, err := rehearsal.Cycle(t.Context(), o)
	require.NoError(t, err, result.Text)
	tags := map[string]any{}
	for _, r := range result.Resources {
		if r.Type == catalog.EC2Vpc {
			tags["cidr"] = r.Outputs["cidrBlock"]
		}
		if r.Type == catalog.RDSInstance {
			tags["class"], tags["multiAz"] = r.Outputs["instanceClass"], r.Outputs["multiAz"]
		}
	}
	assert.Equal(t, map[string]any{"cidr": "10.22.0.0/16", "class": "db.m5d.large", "multiAz": false}, tags,
		"the range is its own, the class and the environment are those of the base")

	// On the base's own stack, the customer's file is a change like any other, though the base has the stack's name.
	_, err = bpactl(
		t,
		"rehearse",
		"change",
		"--from",
		filepath.Join(dir, "Pulumi.dev.yaml"),
		"--to",
		filepath.Join(dir, "Pulumi.acme.yaml"),
	)
	require.ErrorIs(t, err, errLoses)
}

// No stack file needs to say so: Pulumi.yaml disables default providers for all of them.
func TestDefaultProvidersAreDisabledInEveryStack(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Pulumi.test.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config: {}\n"), 0o600))
	_, err := rehearsal.Preview(t.Context(), rehearsal.Options{
		Project: filepath.Join(project, "Pulumi.yaml"), ToolsModule: platform.ToolsModule(project), StackFile: file, Stack: "test",
		Program: func(string) pulumi.RunFunc {
			return func(ctx *pulumi.Context) error {
				_, err := s3.NewBucketV2(ctx, "bucket", &s3.BucketV2Args{})
				return err
			}
		},
	})
	require.ErrorContains(t, err, "Default provider for 'aws' disabled")
}
