// Package permissions proves that the policies of internal/deployer let a stack be deployed, previewed and destroyed, and let
// nothing else be touched: every operation of a rehearsal is judged by a simulator of IAM.
package permissions_test

import (
	"context"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/deployer"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The stack files: those of the project, a customer who has network, certificate and parent account already, and one who
// restores everything.
var files = map[string]string{
	"dev": "../../Pulumi.dev.yaml", "prod": "../../Pulumi.prod.yaml",
	"given": "testdata/Pulumi.given.yaml", "restored": "testdata/Pulumi.restored.yaml",
}

// deployment is a rehearsed stack: what existed, what was done to it, and the policies for it.
type deployment struct {
	config     *config.Config
	resources  []*provider.Resource
	operations []provider.Operation
	// graph is of the stack's account, and parent of the account that holds the Atlas endpoint.
	graph, parent deployer.Graph
	hasParent     bool
	// made are the calls of its operations, and verdicts what the simulator says of them; see judged.
	made     []call
	verdicts []verdict
}

var (
	mu          sync.Mutex
	deployments = map[string]*deployment{}
)

// rehearse deploys and destroys a stack once for all tests.
func rehearse(t *testing.T, stack string) *deployment {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if deployments[stack] == nil {
		deployments[stack] = cycle(t, stack)
	}
	return deployments[stack]
}

func cycle(t *testing.T, stack string) *deployment {
	t.Helper()
	file, err := filepath.Abs(files[stack])
	require.NoError(t, err)
	loaded, err := stackfile.LoadFile(file, stack)
	require.NoError(t, err)
	o, err := platform.Options(file, stack, io.Discard)
	require.NoError(t, err)
	d := &deployment{config: loaded.Config}
	var seen sync.Mutex
	o.Middleware = func(_ context.Context, op *provider.Operation, next func() error) error {
		err := next()
		seen.Lock()
		defer seen.Unlock()
		if err == nil && op.Package == "aws" {
			d.operations = append(d.operations, *op)
		}
		return err
	}
	result, err := rehearsal.Cycle(context.Background(), o)
	require.NoError(t, err, result.Text)
	d.resources = result.Resources
	d.graph, err = deployer.FromRehearsal(d.config, d.resources)
	require.NoError(t, err)
	d.parent, d.hasParent, err = deployer.ParentGraph(d.config, d.resources)
	require.NoError(t, err)
	return d
}

// documents returns the policies of a purpose, by the account that they are for.
func (d *deployment) documents(t *testing.T, purpose deployer.Purpose) map[string][]deployer.Document {
	t.Helper()
	list, err := deployer.Documents(d.graph, purpose)
	require.NoError(t, err)
	byAccount := map[string][]deployer.Document{d.graph.Account.ID: list}
	if d.hasParent {
		byAccount[d.parent.Account.ID], err = deployer.Documents(d.parent, purpose)
		require.NoError(t, err)
	}
	return byAccount
}

// account is the one that an ARN is of; those without one, such as a bucket's, are of the stack's own.
func (d *deployment) account(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && d.hasParent && parts[4] == d.parent.Account.ID {
		return d.parent.Account.ID
	}
	return d.graph.Account.ID
}
