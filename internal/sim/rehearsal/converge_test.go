package rehearsal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func TestStateAndCloudsDiffer(t *testing.T) {
	const orphaned = "orphaned: " + catalog.EC2Subnet + " a is in the cloud and not in the state"
	const urn = resource.URN("urn:pulumi:test::bpa::" + catalog.EC2Subnet + "::subnet")
	for name, test := range map[string]struct {
		state  string // id and flag of each resource
		clouds string // ids
		want   []string
	}{
		"the same":                        {"a", "a", nil},
		"one that waits for its deletion": {"b; a delete", "a b", nil},
		"one that is gone":                {"a pendingReplacement", "", nil},
		"gone, and there all the same":    {"a pendingReplacement", "a", []string{orphaned}},
		"lost":                            {"a", "", []string{"lost: " + string(urn) + " is in the state and in no cloud"}},
		"another":                         {"a", "b", []string{"lost: " + string(urn) + " is a in the state and b in the cloud"}},
		"deleted, and not in the state":   {"b; a delete", "b", []string{"lost: " + string(urn) + " is in the state and in no cloud"}},
		"duplicated":                      {"a", "a b", []string{"duplicated: " + string(urn) + " is 2 times in the cloud"}},
		"orphaned":                        {"", "a", []string{orphaned}},
		"read":                            {"a external", "a", []string{orphaned}},
	} {
		t.Run(name, func(t *testing.T) {
			var entries []string
			for entry := range strings.SplitSeq(test.state, "; ") {
				if id, flag, _ := strings.Cut(entry, " "); id != "" {
					entries = append(entries, fmt.Sprintf(`{"urn": %q, "custom": true, "id": %q, %q: true}`, urn, id, flag))
				}
			}
			state, err := stackdoc.ReadState([]byte(`{"deployment": {"resources": [` + strings.Join(entries, ",") + `]}}`))
			require.NoError(t, err)
			made := []*provider.Resource{{Type: catalog.CloudWatchLogGroup, ID: "a service's own"}}
			for _, id := range strings.Fields(test.clouds) {
				made = append(made, &provider.Resource{Type: catalog.EC2Subnet, URN: urn, ID: id})
			}
			var problems []string
			for _, problem := range differ(state, made) {
				problems = append(problems, problem.Error())
			}
			assert.Equal(t, test.want, problems)
		})
	}
	underWay := stackdoc.Operation{Kind: apitype.OperationTypeDeleting, Resource: &stackdoc.Resource{URN: urn}}
	problems := differ(&stackdoc.State{Pending: []stackdoc.Operation{underWay}}, nil)
	require.Len(t, problems, 1)
	require.EqualError(t, problems[0], "unfinished: "+string(urn)+" is still deleting")
}
