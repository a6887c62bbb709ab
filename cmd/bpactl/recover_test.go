package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/engine"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// deployed is a folder with a stack on a backend of its own, of which `pulumi` on PATH reaches simulated clouds alone. They
// hold a bucket and a VPC.
func deployed(t *testing.T) (dir string) {
	t.Helper()
	tools := filepath.Join(project, "tools", "go.mod")
	_, err := engine.Find(context.Background(), tools, io.Discard)
	require.NoError(t, err)
	if _, err := exec.LookPath("pulumi"); err != nil {
		pinned, err := engine.PinnedVersion(tools)
		require.NoError(t, err)
		root := os.Getenv(engine.ToolsDir)
		if root == "" {
			cache, err := os.UserCacheDir()
			require.NoError(t, err)
			root = filepath.Join(cache, "bpa", "tools")
		}
		t.Setenv("PATH", filepath.Join(root, "pulumi-"+pinned.String(), "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	clouds, err := rehearsal.NewClouds()
	require.NoError(t, err)
	t.Cleanup(clouds.Stop)
	require.NoError(t, clouds.Restore([]apitype.ResourceV3{
		inCloud(catalog.S3BucketV2, "files", "bpa-files", map[string]any{"bucket": "bpa-files"}),
		inCloud(catalog.EC2Vpc, "network-vpc", "vpc-0123456789abcdef0", map[string]any{"cidrBlock": "10.0.0.0/16"}),
	}))
	dir = t.TempDir()
	for name, value := range map[string]string{
		"PULUMI_BACKEND_URL": "file://" + filepath.ToSlash(t.TempDir()), "PULUMI_CONFIG_PASSPHRASE": "x", "PULUMI_HOME": t.TempDir(),
		"PULUMI_SKIP_UPDATE_CHECK": "true", "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_DEBUG_PROVIDERS": fmt.Sprintf("aws:%d", clouds.Ports()["aws"]),
	} {
		t.Setenv(name, value)
	}
	// Without a runtime, so that no language's plugin is looked for: no program runs.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: bpa\n"), 0o600))
	t.Chdir(dir)
	shellPulumi(t, "stack", "init", "dev")
	empty := exec.Command("pulumi", "stack", "import", "--stack", "dev") // a stack that nothing was done to has no deployment
	empty.Stdin = strings.NewReader(`{"version": 3, "deployment": {"manifest": {}}}`)
	require.NoError(t, empty.Run())
	return dir
}

func inCloud(typ, name, id string, inputs map[string]any) apitype.ResourceV3 {
	return apitype.ResourceV3{
		URN: resource.URN(
			"urn:pulumi:dev::bpa::" + typ + "::" + name,
		),
		Type:    resource.URN("urn:pulumi:dev::bpa::" + typ + "::" + name).Type(),
		Custom:  true,
		ID:      resource.ID(id),
		Inputs:  inputs,
		Outputs: inputs,
	}
}

func shellPulumi(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("pulumi", append(args, "--non-interactive")...)
	var problem bytes.Buffer
	c.Stderr = &problem
	out, err := c.Output()
	require.NoError(t, err, "pulumi %v: %s", args, problem.String())
	return string(out)
}

// interrupt leaves the state as an engine does that is killed while it makes what is given.
func interrupt(t *testing.T, creating ...map[string]any) {
	t.Helper()
	const provider, id = "urn:pulumi:dev::bpa::" + catalog.AwsProvider + "::aws", "11111111-2222-3333-4444-555555555555"
	var operations []any
	for _, made := range creating {
		made["custom"], made["provider"] = true, provider+"::"+id
		made["urn"] = fmt.Sprintf("urn:pulumi:dev::bpa::%s::%s", made["type"], made["name"])
		delete(made, "name")
		operations = append(operations, map[string]any{"type": "creating", "resource": made})
	}
	// `pulumi stack import` would forget what is under way, so the file of the backend is edited.
	path := filepath.Join(strings.TrimPrefix(os.Getenv("PULUMI_BACKEND_URL"), "file://"), ".pulumi", "stacks", "bpa", "dev.json")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var whole map[string]any
	require.NoError(t, json.Unmarshal(b, &whole))
	latest := whole["checkpoint"].(map[string]any)["latest"].(map[string]any)
	latest["pending_operations"] = operations
	latest["resources"] = []any{map[string]any{
		"urn": provider, "type": catalog.AwsProvider, "custom": true, "id": id,
		"inputs": map[string]any{"region": "us-west-2"}, "outputs": map[string]any{"region": "us-west-2"},
	}}
	b, err = json.Marshal(whole)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

func TestRecoverTakesOverWhatAKilledEngineHadBegun(t *testing.T) {
	dir := deployed(t)
	listing := filepath.Join(dir, "listing.json")
	require.NoError(t, os.WriteFile(listing, []byte(`{"ResourceTagMappingList": [{
		"ResourceARN": "arn:aws:ec2:us-west-2:111122223333:vpc/vpc-0123456789abcdef0",
		"Tags": [{"Key": "Name", "Value": "bpa-dev-vpc"}, {"Key": "bpa:stack", "Value": "bpa-dev"}]
	}]}`), 0o600))
	interrupt(t,
		map[string]any{"type": catalog.S3BucketV2, "name": "files", "inputs": map[string]any{"bucket": "bpa-files"}},
		map[string]any{"type": catalog.S3BucketV2, "name": "logs", "inputs": map[string]any{"bucket": "bpa-logs"}},
		map[string]any{"type": catalog.EC2Vpc, "name": "network-vpc", "inputs": map[string]any{
			"cidrBlock": "10.0.0.0/16", "tags": map[string]any{"Name": "bpa-dev-vpc"},
		}},
	)

	out, err := bpactlIn(t, dir, "recover", "--stack", "dev", "--listing", listing)
	require.NoError(t, err, out)
	assert.Contains(t, out, "taken over: "+catalog.S3BucketV2+" files (bpa-files)\n"+
		"taken over: "+catalog.EC2Vpc+" network-vpc (vpc-0123456789abcdef0)\n"+
		"not made: "+catalog.S3BucketV2+" logs\n"+
		"recover dev: 2 taken over, 1 not made, 0 read again, 0 open\n")
	assert.NotContains(t, shellPulumi(t, "stack", "export", "--stack", "dev"), "pending_operations")

	out, err = bpactlIn(t, dir, "recover", "--stack", "dev", "--listing", "not there")
	require.NoError(t, err)
	assert.Equal(t, "recover dev: nothing was under way\n", out)
}

func TestRecoverFailsWhereItCannotTell(t *testing.T) {
	dir := deployed(t)
	listing := filepath.Join(dir, "listing.json")
	require.NoError(t, os.WriteFile(listing, []byte(`{"ResourceTagMappingList": []}`), 0o600))
	interrupt(t, map[string]any{
		"type": catalog.EC2RouteTableAssociation, "name": "table", "inputs": map[string]any{"subnetId": "subnet-1"},
	})
	out, err := bpactlIn(t, dir, "recover", "--stack", "dev", "--listing", listing)
	require.ErrorContains(t, err, "look for what is open")
	assert.Contains(t, out, "open: "+catalog.EC2RouteTableAssociation+" table: nothing like it is in the listing\n")
}
