package platform_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program must stay quick to compile: these two packages cost more than everything else together.
var banned = []string{
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2",
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3",
}

func TestProgramDoesNotImportTheSlowPackages(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/bpa-on-aws/platform", "github.com/bpa-on-aws/platform/cmd/bpactl").Output()
	require.NoError(t, err)
	deps := strings.Fields(string(out))
	require.Contains(t, deps, "github.com/pulumi/pulumi-eks/sdk/v3/go/eks", "go list must have listed the program")
	for _, path := range banned {
		assert.NotContains(t, deps, path)
	}
}

func TestTheProgramLinksNoSimulatedCloud(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/bpa-on-aws/platform").Output()
	require.NoError(t, err)
	assert.NotContains(t, string(out), "internal/sim/rehearsal", "what deploys for real holds nothing that only pretends")
}
