package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// shared is written by a command and by the connection beside it.
type shared struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

// emptyAccount answers as AWS does where a stack has neither instance nor cluster.
func emptyAccount(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = w.Write([]byte(`<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>`))
			return
		}
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"message":"No cluster found for name: bpa-prod."}`))
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
	} {
		t.Setenv(name, value)
	}
}

// onPath makes commands that print their names and arguments, and end with status 7, and puts them alone on PATH.
func onPath(t *testing.T, names ...string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		script := "#!/bin/sh\necho " + name + " \"$@\"\nexit 7\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700))
	}
	t.Setenv("PATH", dir)
}

// runs runs bpactl and returns what it prints on each stream.
func runs(t *testing.T, args ...string) (out, problems string, err error) {
	t.Helper()
	t.Chdir(project)
	var stdout, stderr shared
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	err = root.ExecuteContext(context.Background())
	return stdout.b.String(), stderr.b.String(), err
}

func TestUpIsPulumiUpWithAWay(t *testing.T) {
	emptyAccount(t)
	onPath(t, "pulumi", "aws", "session-manager-plugin")
	for _, test := range []struct{ stack, says string }{{"prod", "connect: waiting for the bastion to run\n"}, {"dev", ""}} {
		out, problems, err := runs(t, "up", "--stack", test.stack, "--", "--yes", "--non-interactive")
		var ended status
		require.True(t, errors.As(err, &ended), err)
		assert.Equal(t, 7, ended.code, "the exit status is pulumi's")
		assert.Equal(t, "pulumi up --stack "+test.stack+" --cwd . --yes --non-interactive\n", out)
		assert.Equal(t, test.says, problems, "a public API needs no session")
	}
}

// Helm's own error names neither a pod nor a reason.
func TestUpShowsThePodsOfAReleaseThatFails(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/api/v1/namespaces/bpa-ns/pods", r.URL.Path)
		_, _ = w.Write([]byte(`{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "kong"}, "status": {
			"containerStatuses": [{"name": "kong", "state": {"waiting": {"reason": "ErrImagePull"}}}]}}]}`))
	}))
	t.Cleanup(server.Close)
	kubeconfig, err := json.Marshal(fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "dev",
		"clusters": [{"name": "dev", "cluster": {"server": %q}}], "contexts": [{"name": "dev", "context": {"cluster": "dev"}}]}`,
		server.URL))
	require.NoError(t, err)
	const provider = "urn:pulumi:dev::bpa::" + catalog.KubernetesProvider + "::cluster-kubernetes"
	onPath(t, "pulumi")
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `{"version": 3, "deployment": {"manifest": {}, "resources": [
		{"urn": %q, "type": %q, "custom": true, "id": "id", "inputs": {"kubeconfig": %s}},
		{"urn": "urn:pulumi:dev::bpa::%s::bpa-release", "type": %q, "custom": true, "id": "bpa-ns/bpa-rel", "provider": "%s::id",
			"inputs": {"namespace": "bpa-ns", "name": "bpa-rel"}, "initErrors": ["context deadline exceeded"]}]}}`,
		provider, catalog.KubernetesProvider, kubeconfig, catalog.HelmRelease, catalog.HelmRelease, provider), 0o600))
	script := "#!/bin/sh\nif [ \"$1\" = stack ]; then exec /bin/cat " + file + "; fi\nexit 7\n"
	require.NoError(t, os.WriteFile(filepath.Join(os.Getenv("PATH"), "pulumi"), []byte(script), 0o700))

	_, problems, err := runs(t, "up", "--stack", "dev")
	var ended status
	require.True(t, errors.As(err, &ended), err)
	assert.Equal(t, 7, ended.code)
	assert.Contains(t, problems, "not ready: pod bpa-ns/kong: kong waits: ErrImagePull\n")
}

func TestACommandMayHaveTheWay(t *testing.T) {
	emptyAccount(t)
	onPath(t, "pulumi", "aws", "session-manager-plugin")
	out, problems, err := runs(t, "connect", "--stack", "prod", "--", "pulumi", "destroy", "--stack", "prod")
	require.Error(t, err)
	assert.Equal(t, "pulumi destroy --stack prod\n", out)
	assert.Contains(t, problems, "waiting for the bastion to run")
}

func TestWhatAConnectionLacksIsSaidBeforeAnythingRuns(t *testing.T) {
	onPath(t, "pulumi", "aws")
	out, _, err := runs(t, "up", "--stack", "prod")
	require.ErrorContains(t, err, "session-manager-plugin is not on PATH")
	assert.Empty(t, out)
	_, _, err = runs(t, "connect", "--stack", "dev")
	require.EqualError(t, err, "Pulumi.dev.yaml: cluster.access is public: its API is reached without a connection")
}
