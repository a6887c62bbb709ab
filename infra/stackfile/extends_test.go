package stackfile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

// folder writes stack files into a folder of their own, by stack.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for stack, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, stackfile.FileOf(stack)), []byte(content), 0o600))
	}
	return dir
}

const prod = `config:
  bpa:environment: development
  bpa:aws: {region: us-west-2, accountId: "111122223333", tags: {service: bpa, owner: platform}}
  bpa:network: {zones: [us-west-2a, us-west-2b, us-west-2c], nat: perZone, dns: {mode: nameservers, resolvers: [10.0.0.2, 10.0.0.3]}}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}
`

const gold = `config:
  bpa:extends: prod
  bpa:nodes: {volumeGiB: 500}
  bpa:aws: {tags: {tier: gold}}
`

const acme = `config:
  bpa:extends: gold
  bpa:aws: {tags: {owner: acme}}
  bpa:network: {nodeCidr: 10.30.0.0/16, nat: null, dns: {resolvers: [10.0.0.9]}}
  bpa:ingress: {hostname: bpa.acme.example}
`

var family = map[string]string{"prod": prod, "gold": gold, testkit.Stack: acme}

func TestAFileThatExtendsHoldsOnlyWhatDiffers(t *testing.T) {
	dir := folder(t, family)
	result, err := stackfile.LoadFile(filepath.Join(dir, "Pulumi.test.yaml"), "test", today)
	require.NoError(t, err)
	c := result.Config
	assert.Equal(t, map[string]string{"service": "bpa", "owner": "acme", "tier": "gold"}, c.AWS.Tags, "objects merge key by key")
	assert.Equal(t, []string{"10.0.0.9"}, c.Network.DNS.Resolvers, "a list replaces the whole list")
	assert.Equal(t, "nameservers", c.Network.DNS.Mode)
	assert.Equal(t, "single", c.Network.NAT, "null brings back the default")
	assert.Equal(t, "bpa.acme.example", c.Ingress.Hostname)
	assert.Equal(t, "bpa-test", c.Name, "a default follows the stack, not the base")
	for path, want := range map[string]string{
		"extends": "stack file", "environment": "Pulumi.prod.yaml", "aws.region": "Pulumi.prod.yaml", "aws.tags.owner": "stack file",
		"aws.tags.tier": "Pulumi.gold.yaml", "aws.tags.service": "Pulumi.prod.yaml", "nodes.volumeGiB": "Pulumi.gold.yaml",
		"network.nodeCidr": "stack file", "network.zones[1]": "Pulumi.prod.yaml", "network.dns.mode": "Pulumi.prod.yaml",
		"network.dns.resolvers[0]": "stack file", "network.nat": "default (development)", "name": "default",
		"ingress.allowedCidrs": "Pulumi.prod.yaml", "protect": "default (development)",
	} {
		assert.Equal(t, want, result.Origins[path], path)
	}
	files, err := stackfile.Files(filepath.Join(dir, "Pulumi.test.yaml"))
	require.NoError(t, err)
	for i, want := range []string{"Pulumi.test.yaml", "Pulumi.gold.yaml", "Pulumi.prod.yaml"} {
		assert.Equal(t, filepath.Join(dir, want), files[i])
	}
}

// engineDefaults are what the engine adds to what a stack file gives, from Pulumi.yaml.
var engineDefaults = map[string]string{
	"bpa:environment": "production", "bpa:profile": "supported", "bpa:aws": "{}", "bpa:atlas": "{}", "bpa:ingress": "{}",
	"bpa:network": "{}", "bpa:cluster": "{}", "bpa:nodes": "{}", "bpa:database": "{}", "bpa:bastion": "{}",
}

func withDefaults(values map[string]string) map[string]string {
	for key, value := range engineDefaults {
		if _, given := values[key]; !given {
			values[key] = value
		}
	}
	return values
}

func TestTheProgramExtendsAsTheCheckDoesWhateverTheEngineAdds(t *testing.T) {
	dir := folder(t, family)
	file := filepath.Join(dir, "Pulumi.test.yaml")
	want, err := stackfile.LoadFile(file, testkit.Stack, today)
	require.NoError(t, err)
	got, err := program(t, dir, withDefaults(handedOver(t, file)))
	require.NoError(t, err)
	assert.Equal(t, "development", got.Config.Environment, "given by the base, and production only by Pulumi.yaml")
	assert.Equal(t, want.Config, got.Config)
	for path, origin := range want.Origins {
		assert.Equal(t, origin, got.Origins[path], path)
	}
}

func TestADefaultOfPulumiYAMLIsNotTakenForTheStackFile(t *testing.T) {
	dir := folder(t, map[string]string{testkit.Stack: "config:\n" + indented(base)})
	got, err := program(t, dir, withDefaults(handedOver(t, filepath.Join(dir, "Pulumi.test.yaml"))))
	require.NoError(t, err)
	assert.Equal(t, "default", got.Origins["environment"])
	assert.Equal(t, "stack file", got.Origins["aws.region"])
}

// The engine decrypts the stack's own secrets; a base has none.
func TestADecryptedSecretBesideABase(t *testing.T) {
	files := map[string]string{"prod": prod, "gold": gold, testkit.Stack: acme + "  bpa:database: {kongPassword: {secure: v1:x}}\n"}
	dir := folder(t, files)
	values := handedOver(t, filepath.Join(dir, "Pulumi.test.yaml"))
	values["bpa:database"] = `{"kongPassword": "a-legal-password"}`
	got, err := program(t, dir, values, "bpa:database")
	require.NoError(t, err)
	assert.Equal(t, "a-legal-password", got.Config.Database.KongPassword.Reveal())

	for content, want := range map[string]string{
		"{secure: v1:x}": "Pulumi.prod.yaml: database.kongPassword: [secret]: is encrypted for its own stack, so",
		"hunter2hunter2": "database.kongPassword: [secret]: must not be in clear text",
	} {
		dir := folder(
			t,
			map[string]string{"prod": prod + "  bpa:database: {kongPassword: " + content + "}\n", "gold": gold, testkit.Stack: acme},
		)
		file := filepath.Join(dir, "Pulumi.test.yaml")
		_, fromFile := stackfile.LoadFile(file, testkit.Stack, today)
		_, fromProgram := program(t, dir, handedOver(t, file))
		for _, err := range []error{fromFile, fromProgram} {
			require.ErrorContains(t, err, want)
			assert.NotContains(t, err.Error(), "hunter2")
			assert.NotContains(t, err.Error(), "v1:x")
		}
	}
}

func TestChainsThatLeadNowhere(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"missing": {
			map[string]string{"test": "config: {bpa:extends: prd}"},
			`extends: "prd": must be a stack file beside this one; there is no `,
		},
		"itself": {
			map[string]string{"test": "config: {bpa:extends: test}"},
			`extends: "test": must not lead back: Pulumi.test.yaml extends Pulumi.test.yaml`,
		},
		"circle": {
			map[string]string{"test": "config: {bpa:extends: a}", "a": "config: {bpa:extends: b}", "b": "config: {bpa:extends: a}"},
			`Pulumi.b.yaml: extends: "a": must not lead back: Pulumi.a.yaml extends Pulumi.b.yaml extends Pulumi.a.yaml`,
		},
		"another folder": {
			map[string]string{"test": "config: {bpa:extends: ../prod}"},
			`extends: "../prod": must be the stack name of a file beside this one, such as prod for Pulumi.prod.yaml`,
		},
		"a list": {map[string]string{"test": "config: {bpa:extends: [prod]}"}, `extends: "[prod]": must be the stack name`},
		"no YAML": {
			map[string]string{"test": "config: {bpa:extends: a}", "a": "config: ["}, "Pulumi.a.yaml: yaml: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, test.files)
			_, err := stackfile.LoadFile(filepath.Join(dir, "Pulumi.test.yaml"), "test", today)
			require.ErrorContains(t, err, test.want)
			_, err = program(t, dir, map[string]string{"bpa:extends": "prod"})
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := program(t, t.TempDir(), map[string]string{"bpa:extends": "prod"})
	require.ErrorContains(t, err, `extends: "prod": needs the stack file, and there is no `)
}

func TestAnUnknownKeyOfABaseIsReported(t *testing.T) {
	dir := folder(t, map[string]string{"prod": prod + "  bpa:netwrk: {}\n", "gold": gold, testkit.Stack: acme})
	_, err := stackfile.LoadFile(filepath.Join(dir, "Pulumi.test.yaml"), "test", today)
	require.EqualError(t, err, "netwrk: unknown key: did you mean network?")
}

// `pulumi config set` without --path, and `pulumi new`, write a key with dots in it.
func TestAKeyMayBeAPath(t *testing.T) {
	content := "config:\n" + indented(base) + `
  bpa:aws.region: eu-west-1
  bpa:network.zones: null
  bpa:aws.tags["a.b"]: c
  bpa:ingress.allowedCidrs[1]: 192.168.0.0/16
  bpa:database.storageGiB: "400"
  bpa:database.kongPassword: {secure: v1:x}
  bpa:bastion.nodeSsh: "false"
`
	dir := folder(t, map[string]string{testkit.Stack: content})
	file := filepath.Join(dir, "Pulumi.test.yaml")
	result, err := stackfile.LoadFile(file, testkit.Stack, today)
	require.NoError(t, err)
	check := func(c *config.Config) {
		assert.Equal(t, "eu-west-1", c.AWS.Region, "the path wins over the section")
		assert.Equal(t, "111122223333", c.AWS.AccountID)
		assert.Equal(t, map[string]string{"a.b": "c"}, c.AWS.Tags)
		assert.Equal(t, []string{"10.0.0.0/8", "192.168.0.0/16"}, c.Ingress.AllowedCIDRs)
		assert.Equal(t, 400, c.Database.StorageGiB)
		assert.True(t, c.Database.KongPassword.Set())
		assert.False(t, c.Bastion.NodeSSH)
	}
	check(result.Config)
	values := handedOver(t, file)
	values["bpa:database.kongPassword"] = "a-legal-password"
	result, err = program(t, dir, withDefaults(values), "bpa:database.kongPassword")
	require.NoError(t, err)
	check(result.Config)

	_, problems := load(t, "bpa:aws.regoin: x\nbpa:ingress.allowedCidrs[7]: 10.0.0.0/8\nbpa:atlas.orgId.x: y")
	assert.Equal(t, []string{
		"atlas.orgId.x: unknown key: must be a key or a path such as aws.region: x stands in something that is no object",
		"ingress.allowedCidrs[7]: unknown key: must be a key or a path such as aws.region: there is no item 7",
		"aws.regoin: unknown key: did you mean region?",
	}, problems)
}

func TestKeysOfARenamedProjectAreRefused(t *testing.T) {
	dir := folder(t, map[string]string{"test": "config:\n" + indented(base) + "\n  acme:environment: development\n  profile: x\n"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: acme\nruntime: go\n"), 0o600))
	_, err := stackfile.LoadFile(filepath.Join(dir, "Pulumi.test.yaml"), "test", today)
	assert.ElementsMatch(t, []string{
		"environment: unknown key: must begin with bpa:, whatever the project is called",
		"profile: unknown key: must begin with bpa:, whatever the project is called",
	}, stackfile.Problems(err))
}

func indented(sections string) string {
	var content map[string]any
	if err := yaml.Unmarshal([]byte(sections), &content); err != nil {
		panic(err)
	}
	out := ""
	for key, value := range content {
		b, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		out += "  " + key + ": " + string(b) + "\n"
	}
	return out
}
