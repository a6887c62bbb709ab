package platform_test

import (
	"bytes"
	"context"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// run is a rehearsal of a stack, and what it printed.
type run struct {
	*rehearsal.Result
	err   error
	state []*stackdoc.Resource
}

var (
	mu   sync.Mutex
	runs = map[string]*run{}
)

// cycle rehearses Pulumi.<stack>.yaml on the real engine, once for all tests.
func cycle(t *testing.T, stack string) *run {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if runs[stack] == nil {
		runs[stack] = rehearse(t, filepath.Join("..", "..", "Pulumi."+stack+".yaml"), stack)
	}
	require.NoError(t, runs[stack].err, runs[stack].Text)
	return runs[stack]
}

func rehearse(t *testing.T, file, stack string) *run {
	t.Helper()
	options, err := platform.Options(file, stack, &bytes.Buffer{})
	require.NoError(t, err)
	options.ReadOutputs = true
	r := &run{}
	r.Result, r.err = rehearsal.Cycle(context.Background(), options)
	if r.err == nil {
		state, err := stackdoc.ReadState(r.State)
		require.NoError(t, err)
		r.state = state.Resources
	}
	return r
}

// rehearseText rehearses a stack file given as text, in a project folder of its own with the files that it names.
func rehearseText(t *testing.T, text string, files map[string]string) *run {
	t.Helper()
	return rehearse(t, projectWith(t, text, files), "test")
}

// projectWith writes a project folder with a stack file and the files that it names, and returns the stack file's path.
func projectWith(t *testing.T, text string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{"Pulumi.test.yaml": "config:\n  pulumi:disable-default-providers: ['*']\n" + text}
	for _, name := range []string{"Pulumi.yaml", "tools/go.mod"} {
		b, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		all[name] = string(b)
	}
	maps.Copy(all, files)
	for name, content := range all {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return filepath.Join(dir, "Pulumi.test.yaml")
}

// change deploys one stack file and previews another on it. It returns "op type name" of each step, sorted; components
// and the stack itself are left out.
func change(t *testing.T, before, after string) []string {
	t.Helper()
	first, err := platform.Options(before, "test", io.Discard)
	require.NoError(t, err)
	second, err := platform.Options(after, "test", io.Discard)
	require.NoError(t, err)
	result, err := rehearsal.Change(context.Background(), first, second)
	require.NoError(t, err, result.Text)
	steps := []string{}
	for _, s := range result.Changes {
		steps = append(steps, s.Op+" "+string(s.URN.Type())+" "+s.URN.Name())
	}
	slices.Sort(steps)
	return steps
}

// find returns the resources of a type.
func (r *run) find(typ string) []*stackdoc.Resource {
	var found []*stackdoc.Resource
	for _, e := range r.state {
		if e.Type() == typ {
			found = append(found, e)
		}
	}
	return found
}

// one returns the resource with a type and name.
func (r *run) one(t *testing.T, typ, name string) *stackdoc.Resource {
	t.Helper()
	for _, e := range r.find(typ) {
		if e.Name() == name {
			return e
		}
	}
	require.FailNow(t, "no such resource", "%s %s", typ, name)
	return nil
}
