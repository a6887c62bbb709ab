package stackfile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func TestASecretNeverShowsItself(t *testing.T) {
	s := config.NewSecret("hunter2")
	assert.Equal(t, "hunter2", s.Reveal())
	for _, format := range []string{"%v", "%s", "%q", "%#v", "%+v", "%d", "%x"} {
		assert.NotContains(t, fmt.Sprintf(format, s), "hunter2", format)
		assert.NotContains(t, fmt.Sprintf(format, struct{ S config.Secret }{s}), "hunter2", format)
	}
	b, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, `"[secret]"`, string(b))
	b, err = yaml.Marshal(map[string]any{"s": s})
	require.NoError(t, err)
	assert.NotContains(t, string(b), "hunter2")
	assert.Empty(t, config.Secret{}.String())
	assert.False(t, config.SealedSecret().Known())
}

func TestSettingsListEveryValueWithItsOriginAndNoSecret(t *testing.T) {
	result, problems := load(
		t,
		"bpa:database: {kongPassword: {secure: v1:abc}, parameters: {work_mem: \"8192\"}}\nbpa:bastion: {nodeSsh: false}",
	)
	require.Empty(t, problems)
	settings := map[string]config.Setting{}
	for _, s := range result.Settings() {
		settings[s.Path] = s
	}
	for path, want := range map[string]config.Setting{
		"database.kongPassword":        {Value: "[secret]", Origin: "stack file"},
		"database.parameters.work_mem": {Value: "8192", Origin: "stack file"},
		"bastion.nodeSsh":              {Value: false, Origin: "stack file"},
		"protect":                      {Value: true, Origin: "default (production)"},
		"cluster.version":              {Value: "1.35", Origin: "profile supported"},
		"cluster.addonVersions.coredns": {
			Value: "v1.13.2-eksbuild.1", Origin: "pin of Kubernetes 1.35",
		},
		"nodes.items[3].name":      {Value: "node-4", Origin: "default"},
		"nodes.items[3].volumeGiB": {Value: 2048, Origin: "nodes.volumeGiB"},
		"database.maxStorageGiB":   {Value: 600, Origin: "default (twice storageGiB)"},
		"registry.pathPrefix":      {Value: "bpa-test", Origin: "default (name)"},
	} {
		want.Path = path
		assert.Equal(t, want, settings[path])
	}
	assert.NotContains(t, settings, "database.adminPassword", "what is generated is no setting")
}

// program loads the configuration as the program does, from what the engine hands over.
func program(t *testing.T, dir string, values map[string]string, secret ...string) (*stackfile.Result, error) {
	t.Helper()
	var result *stackfile.Result
	_, err := testkit.Update(func(ctx *pulumi.Context) error {
		var err error
		result, err = stackfile.LoadContext(ctx, today)
		return err
	}, testkit.WithConfig(values, secret...), testkit.In(dir))
	return result, err
}

// handedOver turns a stack file into what the engine hands the program: objects as JSON, everything else as text.
func handedOver(t *testing.T, file string) map[string]string {
	t.Helper()
	var content struct{ Config map[string]any }
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(b, &content))
	values := map[string]string{}
	for key, value := range content.Config {
		if text, ok := value.(string); ok {
			values[key] = text
			continue
		}
		b, err := json.Marshal(value)
		require.NoError(t, err)
		values[key] = string(b)
	}
	return values
}

func TestTheProgramReadsAFileAsTheCheckDoes(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		file := "../../Pulumi." + stack + ".yaml"
		want, err := stackfile.LoadFile(file, testkit.Stack, today)
		require.NoError(t, err)
		got, err := program(t, t.TempDir(), handedOver(t, file))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestTheProgramReportsWhatTheCheckReports(t *testing.T) {
	file := write(t, "bpa:name: X\nbpa:databse: {}\nbpa:database: {masterUsername: admin}")
	_, want := stackfile.LoadFile(file, testkit.Stack, today)
	require.Error(t, want)
	// The SDK cannot list keys, so an unknown one is found in the stack file beside the program.
	_, got := program(t, filepath.Dir(file), handedOver(t, file))
	require.ErrorContains(t, got, want.Error())
}

func TestADecryptedPasswordIsCheckedAndNotShown(t *testing.T) {
	values := handedOver(t, write(t, ""))
	values["bpa:database"] = `{"kongPassword": "with/slash-hunter2"}`
	_, err := program(t, t.TempDir(), values, "bpa:database")
	require.ErrorContains(t, err, `database.kongPassword: [secret]: must be 8-128 printable ASCII characters without / " @ ' and space`)
	require.NotContains(t, err.Error(), "hunter2")
	values["bpa:database"] = `{"kongPassword": "a-legal-hunter2"}`
	result, err := program(t, t.TempDir(), values, "bpa:database")
	require.NoError(t, err)
	assert.Equal(t, "a-legal-hunter2", result.Config.Database.KongPassword.Reveal())
}
