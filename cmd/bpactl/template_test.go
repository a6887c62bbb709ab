package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/blang/semver"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
)

// languageHost stands in for pulumi-language-go, which `pulumi new` asks to fetch the program's modules. Here they are
// at hand, so there is nothing to do.
type languageHost struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
}

func (languageHost) Handshake(context.Context, *pulumirpc.LanguageHandshakeRequest) (*pulumirpc.LanguageHandshakeResponse, error) {
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

func (languageHost) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "3.259.0"}, nil
}

func (languageHost) RuntimeOptionsPrompts(
	context.Context, *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	return &pulumirpc.RuntimeOptionsResponse{}, nil
}

func (languageHost) Template(context.Context, *pulumirpc.TemplateRequest) (*pulumirpc.TemplateResponse, error) {
	return &pulumirpc.TemplateResponse{}, nil
}

func (languageHost) GetRequiredPackages(
	context.Context, *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (languageHost) InstallDependencies(
	*pulumirpc.InstallDependenciesRequest, grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	return nil
}

// serveLanguageHost returns the port of a language host that runs until the test ends.
func serveLanguageHost(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	pulumirpc.RegisterLanguageRuntimeServer(server, languageHost{})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().(*net.TCPAddr).Port
}

// checkout copies what git holds of the project, as a clone has it: the template.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = project
	out, err := list.Output()
	require.NoError(t, err)
	for _, name := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join(project, name))
		if os.IsNotExist(err) {
			continue // removed, and not yet committed
		}
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600))
	}
	return dir
}

// pulumiNew runs the real engine's `pulumi new` of this project into an empty folder, and returns that folder.
func pulumiNew(t *testing.T, args ...string) string {
	t.Helper()
	template, dir := checkout(t), filepath.Join(t.TempDir(), "platform")
	require.NoError(t, os.Mkdir(dir, 0o755))
	found, err := engine.Find(t.Context(), platform.ToolsModule(project), t.Output())
	require.NoError(t, err)
	require.True(t, found.Version().GTE(semver.MustParse("3.259.0")))
	env := []string{
		"PULUMI_BACKEND_URL=file://" + filepath.ToSlash(t.TempDir()), "PULUMI_HOME=" + t.TempDir(),
		"PULUMI_CONFIG_PASSPHRASE=template", "PULUMI_SKIP_UPDATE_CHECK=true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_DEBUG_LANGUAGES=go:" + strconv.Itoa(serveLanguageHost(t)),
	}
	args = append([]string{"new", template, "--dir", dir, "--yes", "--offline", "--non-interactive"}, args...)
	out, problems, _, err := found.Run(t.Context(), dir, nil, nil, nil, env, args...)
	require.NoError(t, err, "%s%s", out, problems)
	return dir
}

func TestPulumiNewMakesAProjectThatPassesTheCheck(t *testing.T) {
	dir := pulumiNew(t, "--name", "acme-platform", "--stack", "acme",
		"--config", "bpa:aws.accountId=444455556666", "--config", "bpa:ingress.hostname=bpa.acme.example",
		"--config", "bpa:atlas.orgId=89abcdef0123456789abcdef", "--config", "bpa:atlas.databases[0]=bpa")
	file := filepath.Join(dir, "Pulumi.acme.yaml")
	out, err := bpactl(t, "config", "check", "--file", file)
	require.NoError(t, err, out)
	out, err = bpactl(t, "config", "show", "--file", file)
	require.NoError(t, err)
	for _, want := range []string{
		`accountId: "444455556666"`, "region: us-west-2", "environment: production", "allowedCidrs: [10.0.0.0/8]",
	} {
		assert.Contains(t, out, want)
	}
	for _, stack := range []string{"dev", "prod"} {
		_, err := bpactl(t, "config", "check", "--file", filepath.Join(dir, "Pulumi."+stack+".yaml"))
		require.NoError(t, err)
	}
	var made struct {
		Name     string
		Template any
	}
	b, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(b, &made))
	assert.Equal(t, "acme-platform", made.Name)
	assert.Nil(t, made.Template, "the copy is no template")

	// The copy works: its own Pulumi.yaml, under its own name, rehearses its own stack.
	out, err = bpactl(t, "rehearse", "preview", "--file", file)
	require.NoError(t, err, out)
	assert.Contains(t, out, "acme-platform")
}

func TestPulumiNewWithoutAStackKeepsTheExamples(t *testing.T) {
	dir := pulumiNew(t, "--generate-only")
	for _, stack := range []string{"dev", "prod"} {
		out, err := bpactl(t, "config", "check", "--file", filepath.Join(dir, "Pulumi."+stack+".yaml"))
		require.NoError(t, err, out)
	}
}
