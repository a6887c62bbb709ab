package schema_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/schema"
)

const root = "../.."

var update = flag.Bool("update", false, "write the generated files anew")

// golden compares a file of the project with what the types make of it.
func golden(t *testing.T, path, want string) {
	t.Helper()
	path = filepath.Join(root, path)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "%s: run `make golden`", path)
}

func TestGoldenSchemaFollowsTheTypes(t *testing.T) {
	want, err := schema.JSON()
	require.NoError(t, err)
	golden(t, "schemas/stack.schema.json", string(want))
}

func TestGoldenTableFollowsTheTypes(t *testing.T) {
	goldenSection(t, "docs/configuration.md", "\n"+schema.Table()+"\n")
}

func TestGoldenProjectFollowsTheTypes(t *testing.T) {
	goldenSection(t, "Pulumi.yaml", schema.Project())
}

func goldenSection(t *testing.T, path, text string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	require.NoError(t, err)
	want, err := schema.Replace(string(content), text)
	require.NoError(t, err)
	golden(t, path, want)
}

func TestAFileWithoutMarkersIsNotWritten(t *testing.T) {
	_, err := schema.Replace("# nothing here\n", "text")
	require.ErrorContains(t, err, schema.Begin)
}

// validate checks a stack file as an editor does: YAML in, the schema's own words out.
func validate(t *testing.T, file []byte) error {
	t.Helper()
	text, err := schema.JSON()
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("stack.json", document))
	compiled, err := compiler.Compile("stack.json")
	require.NoError(t, err)
	var content any
	require.NoError(t, yaml.Unmarshal(file, &content))
	return compiled.Validate(content)
}

func TestTheStackFilesOfTheProjectAreValid(t *testing.T) {
	for _, name := range []string{"Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		b, err := os.ReadFile(filepath.Join(root, name))
		require.NoError(t, err)
		require.NoError(t, validate(t, b), name)
		assert.Equal(t, "# yaml-language-server: $schema=schemas/stack.schema.json", strings.SplitN(string(b), "\n", 2)[0], name)
	}
}

// whole is a stack file that says everything that must be said.
const whole = `
  bpa:aws: {region: us-west-2, accountId: "111122223333"}
  bpa:ingress: {hostname: bpa.example.com, allowedCidrs: [10.0.0.0/8]}
  bpa:atlas: {orgId: 0123456789abcdef01234567, databases: [bpa]}
`

func TestWhatTheLoaderTakesTheSchemaTakes(t *testing.T) {
	for name, file := range map[string]string{
		"smallest":             "config:" + whole,
		"extending":            "config:\n  bpa:extends: prod\n  bpa:ingress: {hostname: acme.example.com}",
		"by path":              "config:\n  bpa:aws.accountId: \"111122223333\"\n  bpa:ingress.allowedCidrs[0]: 10.0.0.0/8",
		"secrets":              "secretsprovider: awskms://alias/x\nconfig:" + whole + "  bpa:database: {kongPassword: {secure: v1:x}}",
		"other namespaces":     "config:" + whole + "  pulumi:disable-default-providers: ['*']\n  aws:region: us-west-2\n  b:x: 1",
		"what config set does": "config:" + whole + "  bpa:protect: \"false\"",
		"null for the default": "config:\n  bpa:extends: prod\n  bpa:network: {zones: null, nat: null}\n  bpa:cluster: null",
		"no flow logs":         "config:" + whole + "  bpa:network: {flowLogRetentionDays: 0}",
		"any Helm values":      "config:" + whole + "  bpa:application: {values: {kafka: {replicas: 3}}}",
	} {
		require.NoError(t, validate(t, []byte(file)), name)
	}
}

func TestWhatTheSchemaRefuses(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"unknown section": {"config:" + whole + "  bpa:netwrk: {}", "bpa:netwrk"},
		"unknown key":     {"config:" + whole + "  bpa:bastion: {enable: true}", "enable"},
		"unknown at the top of the file": {
			"confg: {}", "confg",
		},
		"no section":    {"config:\n  bpa:aws: {region: us-west-2, accountId: \"111122223333\"}", "bpa:ingress"},
		"no hostname":   {"config:" + strings.Replace(whole, "hostname: bpa.example.com, ", "", 1), "hostname"},
		"number":        {"config:" + strings.Replace(whole, `"111122223333"`, "111122223333", 1), "accountId"},
		"pattern":       {"config:" + whole + "  bpa:network: {nodeCidr: ten}", "nodeCidr"},
		"word":          {"config:" + whole + "  bpa:network: {nat: none}", "nat"},
		"word in list":  {"config:" + whole + "  bpa:cluster: {logTypes: [audits]}", "logTypes/0"},
		"range":         {"config:" + whole + "  bpa:database: {storageGiB: 10}", "storageGiB"},
		"days":          {"config:" + whole + "  bpa:cluster: {logRetentionDays: 0}", "logRetentionDays"},
		"tier":          {"config:\n  bpa:extends: prod\n  bpa:atlas: {instanceSize: M5}", "instanceSize"},
		"clear secret":  {"config:" + whole + "  bpa:database: {kongPassword: hunter2}", "kongPassword"},
		"node unnamed":  {"config:" + whole + "  bpa:nodes: {items: [{zone: us-west-2a}]}", "name"},
		"extends a way": {"config:\n  bpa:extends: ../prod", "extends"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, validate(t, []byte(test.file)), test.want)
		})
	}
}

// Every value that the program sets by itself is one that a file may give.
func TestEveryDefaultIsValid(t *testing.T) {
	for _, k := range flat(config.Keys()) {
		if text, ok := k.Default.(string); ok && k.Format != nil && k.Format.Pattern != "" {
			assert.Regexp(t, regexp.MustCompile(k.Format.Pattern), text, k.Path)
		}
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	keys := flat(config.Keys())
	require.Greater(t, len(keys), 100)
	for _, k := range keys {
		assert.Regexp(t, `\.$`, k.Doc, "%s: a sentence", k.Path)
		assert.False(t, k.Required && k.Default != nil, "%s: what has a default is not required", k.Path)
		if text, ok := k.Default.(string); ok && !strings.Contains(k.Doc, "default)") && k.Name != "environment" {
			assert.Contains(t, k.Doc, text, "%s: the description says the default", k.Path)
		}
	}
}

func flat(keys []config.Key) []config.Key {
	var all []config.Key
	for _, k := range keys {
		all = append(append(all, k), flat(k.Keys)...)
	}
	return all
}
