package nodes_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/nodes"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

func rollProgram(change func(*nodes.RollArgs)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		a, err := arguments(ctx)
		if err != nil {
			return err
		}
		made, err := nodes.New(ctx, "nodes", a)
		if err != nil {
			return err
		}
		args := &nodes.RollArgs{
			Account:     a.Account,
			ClusterName: "bpa",
			Nodes:       made,
			Image:       pulumi.String("aws-cli:2"),
			StackTag:    [2]string{"bpa:stack", "bpa-test"},
			After:       a.After,
		}
		if change != nil {
			change(args)
		}
		_, err = nodes.NewRoll(ctx, "roll", args)
		return err
	}
}

const jobType = "kubernetes:batch/v1:Job"

func TestR17AJobReplacesNodesOneAtATime(t *testing.T) {
	g, err := testkit.Update(rollProgram(nil), remote())
	require.NoError(t, err)
	job := g.Get(t, jobType, "roll-job")
	for _, needed := range [][2]string{
		{nodeGroup, "nodes-node-1"}, {nodeGroup, "nodes-node-2"},
		{"aws:eks/podIdentityAssociation:PodIdentityAssociation", "roll-identity"},
		{"aws:iam/rolePolicy:RolePolicy", "roll-permissions"}, {"aws:ec2/route:Route", "egress"},
		{"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "roll-rights"},
		{"kubernetes:core/v1:ServiceAccount", "roll-account"},
	} {
		assert.True(t, g.DependsOn(job, needed[0], needed[1]), "%s: its pod has its rights from the start", needed[1])
	}
	metadata := job.Plain("metadata").(map[string]any)
	assert.Equal(t, map[string]any{"pulumi.com/replaceUnready": "true"}, metadata["annotations"], "a job that failed runs again")
	spec := job.Plain("spec").(map[string]any)
	assert.Equal(t, 0.0, spec["backoffLimit"], "what the script gives up is given up")
	assert.Equal(t, 2*85*60.0, spec["activeDeadlineSeconds"])
	assert.Equal(t, []any{
		map[string]any{"action": "Ignore", "onExitCodes": map[string]any{"operator": "In", "values": []any{75.0}}},
		map[string]any{"action": "Ignore", "onPodConditions": []any{map[string]any{"type": "DisruptionTarget", "status": "True"}}},
	}, spec["podFailurePolicy"].(map[string]any)["rules"], "a pod that hands over, or goes with its node, is no failure")
	pod := spec["template"].(map[string]any)["spec"].(map[string]any)
	assert.Equal(t, "bpa-roll", pod["serviceAccountName"])
	container := pod["containers"].([]any)[0].(map[string]any)
	assert.Equal(t, "aws-cli:2", container["image"])
	variables := map[string]any{}
	for _, v := range container["env"].([]any) {
		variables[v.(map[string]any)["name"].(string)] = v.(map[string]any)["value"]
	}
	assert.Regexp(t, "^node-1 \\S*\nnode-2 \\S*$", variables["NODES"])
	assert.Contains(t, variables, "VERSIONS", "a new version of a launch template is another job")
}

func TestTheJobEndsInstancesOfItsClusterAndTagsWhatIsTheStacks(t *testing.T) {
	g, err := testkit.Update(rollProgram(nil), remote())
	require.NoError(t, err)
	allowed := g.Get(t, "aws:iam/rolePolicy:RolePolicy", "roll-permissions").Policy(t, "policy")
	assert.Equal(t, []any{"autoscaling:TerminateInstanceInAutoScalingGroup"}, allowed["Replace"]["Action"])
	assert.Equal(t, map[string]any{"StringEquals": map[string]any{"autoscaling:ResourceTag/kubernetes.io/cluster/bpa": "owned"}},
		allowed["Replace"]["Condition"])
	assert.Equal(t, map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/bpa:stack": "bpa-test"}}, allowed["Tag"]["Condition"])
	rights := g.Get(t, "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole", "roll-rights")
	assert.Equal(t, []any{
		map[string]any{"apiGroups": []any{""}, "resources": []any{"nodes"}, "verbs": []any{"list", "patch"}},
		map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": []any{"list"}},
		map[string]any{"apiGroups": []any{""}, "resources": []any{"pods/eviction"}, "verbs": []any{"create"}},
	}, rights.Plain("rules"))
}

func TestABadRollIsReportedAtOnce(t *testing.T) {
	_, err := testkit.Update(rollProgram(func(a *nodes.RollArgs) {
		a.Nodes, a.ClusterName, a.Image, a.StackTag = nil, "", nil, [2]string{}
	}), remote())
	for _, part := range []string{"Nodes: ", "ClusterName: ", "Image: ", "StackTag: "} {
		require.ErrorContains(t, err, "roll: "+part)
	}
}
