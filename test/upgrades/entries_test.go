package upgrades_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// entries is a stack file with access entries, each `{…}`, that is deployed as a role where one is given.
func entries(t *testing.T, text, role string, list ...string) rehearsal.Options {
	t.Helper()
	text = stack + atlas + text + "  bpa:cluster: {accessEntries: [" + strings.Join(list, ", ") + "]}\n"
	o := project(t, text)
	if role != "" {
		b, err := os.ReadFile(o.StackFile)
		require.NoError(t, err)
		as := strings.Replace(string(b), `accountId: "111122223333"`, `accountId: "111122223333", roleArn: "`+role+`"`, 1)
		require.NoError(t, os.WriteFile(o.StackFile, []byte(as), 0o600))
		o.External = append(o.External, role)
	}
	return o
}

const (
	operators = `{name: ops, principalArn: "arn:aws:iam::111122223333:role/operators"}`
	renamed   = `{name: operators, principalArn: "arn:aws:iam::111122223333:role/operators"}`
	leaver    = `{principalArn: "arn:aws:iam::111122223333:user/leaver"}`
	readers   = `{principalArn: "arn:aws:iam::111122223333:role/team/readers", policy: view}`
	narrowed  = `{principalArn: "arn:aws:iam::111122223333:role/team/readers", policy: view, namespaces: [bpa-ns]}`
)

// EKS knows an entry by its principal: another name changes nothing, one that is made first is refused, and a policy that is
// associated again goes with the old one. All of it in a stack whose cluster is protected.
func TestAccessIsChangedAndRevokedWhereTheClusterIsProtected(t *testing.T) {
	const protected = "  bpa:protect: true\n"
	result, err := rehearsal.Apply(context.Background(),
		entries(t, protected, "", operators, leaver, readers), entries(t, protected, "", renamed, narrowed))
	require.NoError(t, err, result.Text)
	assert.ElementsMatch(t, []string{
		"delete cluster-entry-111122223333:user/leaver", "delete cluster-entry-111122223333:user/leaver-clusterAdmin",
		"delete cluster-entry-111122223333:role/team/readers-view", "create cluster-entry-111122223333:role/team/readers-view",
	}, verbs(result.Operations))
}

// verbs are "verb name".
func verbs(operations []rehearsal.Operation) []string {
	var list []string
	for _, o := range operations {
		list = append(list, string(o.Verb)+" "+o.URN.Name())
	}
	return list
}

const first, second = "arn:aws:iam::111122223333:role/first", "arn:aws:iam::111122223333:role/second"

func TestAnotherPersonDeploysOnlyWithAnEntry(t *testing.T) {
	_, err := rehearsal.Apply(context.Background(), entries(t, "", first), entries(t, "", second))
	require.ErrorContains(t, err, second+" may not use the Kubernetes API of bpa-test, which another principal made.")
	assert.Contains(t, err.Error(), "preview of the change", "before anything is done")

	listed := `{principalArn: "` + second + `"}`
	result, err := rehearsal.Apply(context.Background(), entries(t, "", first, listed), entries(t, "", second, listed))
	require.NoError(t, err, result.Text)
	assert.Empty(t, result.Operations)
}

func TestWhoMakesTheClusterIsNotListed(t *testing.T) {
	listed := `{principalArn: "` + first + `"}`
	_, err := rehearsal.Preview(context.Background(), entries(t, "", first, listed))
	require.ErrorContains(t, err, `cluster.accessEntries[0].principalArn: "`+first+`": must not be listed: it makes the cluster`)
	_, err = rehearsal.Apply(context.Background(), entries(t, "", first), entries(t, "", first, listed))
	require.ErrorContains(t, err, "must not be listed: it has an entry of bpa-test already, which is not this stack's")
}
