package bpa_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/infra/testkit"
)

const helmModule = "../../tools/helm"

// helm is the path of the command of tools/helm. It is built once, into the folder that holds the Pulumi engine, too.
var helm = sync.OnceValues(func() (string, error) {
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum", "main.go"} {
		b, err := os.ReadFile(filepath.Join(helmModule, name))
		if err != nil {
			return "", err
		}
		hash.Write(b)
	}
	dir := os.Getenv("BPA_TOOLS_DIR")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		dir = filepath.Join(cache, "bpa", "tools")
	}
	dir = filepath.Join(dir, "helm-"+hex.EncodeToString(hash.Sum(nil))[:12])
	binary := filepath.Join(dir, "helm")
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	partial := fmt.Sprintf("%s.%d", binary, os.Getpid())
	compile := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-w -s", "-o", partial, ".")
	compile.Dir = helmModule
	if out, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building tools/helm: %w\n%s", err, out)
	}
	return binary, os.Rename(partial, binary)
})

// object is a Kubernetes object.
type object map[string]any

// objects are those that Helm renders, in order.
type objects []object

// install runs the program with a chart, and renders what its release asks for.
func install(t *testing.T, source string, l bpa.Layout, a *bpa.Args) (objects, error) {
	t.Helper()
	work := t.TempDir()
	keys := make([]string, 0, len(a.Environment))
	for key := range a.Environment {
		keys = append(keys, key)
	}
	var err error
	if a.Chart, err = bpa.Overlay(source, work, l, keys); err != nil {
		return nil, err
	}
	graph, err := testkit.Update(program(a))
	require.NoError(t, err)
	release := graph.Get(t, releaseType, "bpa-release")
	return render(t, map[string]any{
		"chart": filepath.Join(work, release.Plain("chart").(string)), "kubeVersion": "v1.35.0",
		"name": release.Plain("name"), "namespace": release.Plain("namespace"), "values": release.Plain("values"),
	})
}

func render(t *testing.T, request map[string]any) (objects, error) {
	t.Helper()
	command, err := helm()
	require.NoError(t, err)
	in, err := json.Marshal(request)
	require.NoError(t, err)
	var out, problem bytes.Buffer
	run := exec.Command(command)
	run.Stdin, run.Stdout, run.Stderr = bytes.NewReader(in), &out, &problem
	if err := run.Run(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, problem.String())
	}
	var found objects
	for decoder := yaml.NewDecoder(&out); ; {
		var o map[string]any
		err := decoder.Decode(&o)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		require.NoError(t, err, "Helm rendered no YAML")
		if o != nil {
			found = append(found, o)
		}
	}
}

// of returns the objects of a kind.
func (list objects) of(kind string) objects {
	var found objects
	for _, o := range list {
		if o["kind"] == kind {
			found = append(found, o)
		}
	}
	return found
}

// one returns the object of a kind and name.
func (list objects) one(t *testing.T, kind, name string) object {
	t.Helper()
	for _, o := range list.of(kind) {
		if o.at("metadata", "name") == name {
			return o
		}
	}
	require.FailNow(t, "no such object", "%s %s", kind, name)
	return nil
}

// at follows keys and, in lists, indices.
func (o object) at(keys ...any) any {
	var value any = map[string]any(o)
	for _, key := range keys {
		switch v := value.(type) {
		case map[string]any:
			value = v[key.(string)]
		case []any:
			if n := key.(int); n < len(v) {
				value = v[n]
			} else {
				return nil
			}
		default:
			return nil
		}
	}
	return value
}

// file returns what pods find in a file of a Secret or ConfigMap.
func (o object) file(t *testing.T, name string) string {
	t.Helper()
	if text, ok := o.at("stringData", name).(string); ok {
		return text
	}
	text, ok := o.at("data", name).(string)
	require.True(t, ok, "no file %s in %v", name, o.at("metadata", "name"))
	if o["kind"] != "Secret" {
		return text
	}
	b, err := base64.StdEncoding.DecodeString(text)
	require.NoError(t, err)
	return string(b)
}
