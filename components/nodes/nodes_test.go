package nodes_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/nodes"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const nodeGroup = "eks:index:NodeGroupV2"

// arguments returns the arguments for two nodes, and registers what they name.
func arguments(ctx *pulumi.Context) (*nodes.Args, error) {
	cluster, err := eks.NewCluster(ctx, "eks", &eks.ClusterArgs{})
	if err != nil {
		return nil, err
	}
	role, err := iam.NewRole(ctx, "role", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")})
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(ctx, "egress", &ec2.RouteArgs{RouteTableId: pulumi.String("rtb")})
	if err != nil {
		return nil, err
	}
	if _, err := autoscaling.NewGroup(ctx, "asg", &autoscaling.GroupArgs{MinSize: pulumi.Int(1), MaxSize: pulumi.Int(1)}); err != nil {
		return nil, err
	}
	return &nodes.Args{
		Account:     testkit.Account,
		Cluster:     cluster,
		ClusterName: "bpa",
		SubnetIDs: map[string]pulumi.StringInput{
			"us-west-2a": pulumi.String("subnet-a"),
			"us-west-2b": pulumi.String("subnet-b"),
		},
		NodeSecurityGroupID:  pulumi.String("sg-nodes"),
		ClusterIngressRuleID: pulumi.String("sgr-1"),
		Role:                 role,
		RolePolicies: map[string]pulumi.StringInput{
			"registry": pulumi.String(`{"pull":1}`),
			"packages": pulumi.String(`{"read":1}`),
		},
		Nodes: config.Nodes{
			InstanceType: "m6i.4xlarge", VolumeGiB: 2048, MaxMapCount: 262144, RootGiB: 100,
			Items: []config.Node{
				{
					Name: "node-1", Zone: "us-west-2a", InstanceType: "m6i.4xlarge", VolumeGiB: 2048,
					Directories: []string{"kafka1", "zookeeper1"},
				},
				{Name: "node-2", Zone: "us-west-2b", InstanceType: "m6i.8xlarge", VolumeGiB: 200, Directories: []string{"elk"}},
			},
		},
		Images:         []pulumi.StringInput{pulumi.String("ami-1"), pulumi.String("ami-2")},
		NodeCIDR:       "10.20.0.0/16",
		PodCIDR:        "100.64.0.0/16",
		PackageBucket:  pulumi.String("bucket"),
		PackagePointer: "packages/current",
		Tags:           map[string]string{"bpa:stack": "bpa-test"},
		After:          []pulumi.Resource{route},
		Protect:        true,
	}, nil
}

func program(change func(*nodes.Args)) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		a, err := arguments(ctx)
		if err != nil {
			return err
		}
		if change != nil {
			change(a)
		}
		_, err = nodes.New(ctx, "nodes", a)
		return err
	}
}

// remote gives a node group the output that its provider would.
func remote() testkit.Option {
	return testkit.WithOutputs(nodeGroup, func(string, resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"autoScalingGroup": resource.MakeCustomResourceReference(
			"urn:pulumi:test::bpa::aws:autoscaling/group:Group::asg", "asg-id", "")}
	})
}

func TestR17EachNodeIsALabelledGroupOfOneInItsZone(t *testing.T) {
	testkit.Both(t, program(nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:autoscaling/group:Group asg",
			"aws:ebs/volume:Volume nodes-node-1",
			"aws:ebs/volume:Volume nodes-node-2",
			"aws:ec2/route:Route egress",
			"aws:iam/instanceProfile:InstanceProfile nodes-profile",
			"aws:iam/role:Role role",
			"aws:iam/rolePolicy:RolePolicy nodes-health",
			"aws:iam/rolePolicy:RolePolicy nodes-packages",
			"aws:iam/rolePolicy:RolePolicy nodes-registry",
			"aws:iam/rolePolicy:RolePolicy nodes-volumes",
			"aws:kms/key:Key nodes-key",
			"bpa:nodes:Nodes nodes",
			"eks:index:Cluster eks",
			"eks:index:NodeGroupV2 nodes-node-1",
			"eks:index:NodeGroupV2 nodes-node-2",
		}, g.List())
		for name, want := range map[string]struct{ subnet, label, image string }{
			"nodes-node-1": {"subnet-a", "node-1", "ami-1"}, "nodes-node-2": {"subnet-b", "node-2", "ami-2"},
		} {
			group := g.Get(t, nodeGroup, name)
			assert.Equal(t, map[string]any{"name": want.label}, group.Plain("labels"), "the label is the group's, and survives the node")
			assert.Equal(t, []any{want.subnet}, group.Plain("nodeSubnetIds"))
			for _, size := range []string{"minSize", "maxSize", "desiredCapacity"} {
				assert.Equal(t, 1.0, group.Plain(size), size)
			}
			assert.Equal(t, want.image, group.Plain("amiId"))
			assert.Equal(t, "sg-nodes", group.Plain("nodeSecurityGroupId"), "all nodes share the cluster's group")
			assert.Equal(t, false, group.Plain("nodeAssociatePublicIpAddress"))
			assert.True(t, group.Inputs["cluster"].IsResourceReference() || group.Inputs["cluster"].IsOutput() ||
				group.Inputs["cluster"].IsComputed(), "the component itself, not its core (docs/facts.md §11)")
		}
	}, remote())
}

func TestWhatAutoScalingLaunchesCarriesTheTagsOfTheStack(t *testing.T) {
	testkit.Both(t, program(nil), func(t *testing.T, g *testkit.Graph) {
		tags := map[string]any{"bpa:stack": "bpa-test"}
		assert.Equal(t, []any{
			map[string]any{"resourceType": "instance", "tags": tags},
			map[string]any{"resourceType": "volume", "tags": tags},
			map[string]any{"resourceType": "network-interface", "tags": tags},
		}, g.Get(t, nodeGroup, "nodes-node-1").Plain("launchTemplateTagSpecifications"))
	}, remote())
}

func TestR25DataLiesOnAVolumeThatOutlivesTheNode(t *testing.T) {
	testkit.Both(t, program(nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ebs/volume:Volume nodes-node-1", "aws:ebs/volume:Volume nodes-node-2", "aws:kms/key:Key nodes-key",
		}, g.Protected())
		volume := g.Get(t, "aws:ebs/volume:Volume", "nodes-node-1")
		assert.Equal(t, 2048.0, volume.Plain("size"))
		assert.Equal(t, "us-west-2a", volume.Plain("availabilityZone"), "EBS attaches in its own zone only")
		assert.Equal(t, true, volume.Plain("encrypted"))
		assert.Empty(t, g.OfType("aws:ec2/volumeAttachment:VolumeAttachment"), "a node attaches its volume itself, when it boots")
	}, remote())
}

func TestR15R19NodesMayPullReadAndAttachBeforeTheyBoot(t *testing.T) {
	g, err := testkit.Update(program(nil), remote())
	require.NoError(t, err)
	group := g.Get(t, nodeGroup, "nodes-node-1")
	for _, name := range []string{"nodes-health", "nodes-packages", "nodes-registry", "nodes-volumes"} {
		assert.True(t, g.DependsOn(group, "aws:iam/rolePolicy:RolePolicy", name), name)
	}
	assert.True(t, g.DependsOn(group, "aws:ec2/route:Route", "egress"))
	assert.JSONEq(t, `{"pull":1}`, g.Get(t, "aws:iam/rolePolicy:RolePolicy", "nodes-registry").Plain("policy").(string))
	volumes := g.Get(t, "aws:iam/rolePolicy:RolePolicy", "nodes-volumes").Policy(t, "policy")
	assert.Equal(t, []any{"arn:aws:ebs:us-west-2:111122223333:nodes-node-1", "arn:aws:ebs:us-west-2:111122223333:nodes-node-2"},
		volumes["AttachVolume"]["Resource"])
	assert.Equal(t, map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/kubernetes.io/cluster/bpa": "owned"}},
		volumes["AttachToNode"]["Condition"], "to instances of this cluster only")
	health := g.Get(t, "aws:iam/rolePolicy:RolePolicy", "nodes-health").Policy(t, "policy")["GiveUp"]
	assert.Equal(t, []any{"autoscaling:SetInstanceHealth"}, health["Action"])
	assert.Equal(t, map[string]any{"StringEquals": map[string]any{"autoscaling:ResourceTag/kubernetes.io/cluster/bpa": "owned"}},
		health["Condition"], "in groups of this cluster only")
}

// parts returns the user data parts of a node by content type.
func parts(t *testing.T, r *testkit.Resource) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, p := range r.Plain("nodeadmExtraOptions").([]any) {
		part := p.(map[string]any)
		found[strings.Split(part["contentType"].(string), ";")[0]] = part["content"].(string)
	}
	return found
}

func TestR18TheBootScriptKnowsItsNode(t *testing.T) {
	g, err := testkit.Update(program(nil), remote())
	require.NoError(t, err)
	script := parts(t, g.Get(t, nodeGroup, "nodes-node-1"))["text/x-shellscript"]
	for _, line := range []string{
		"#!/usr/bin/env bash\n", "NODE='node-1'\n", "VOLUME='nodes-node-1-id'\n", "DIRECTORIES='kafka1 zookeeper1'\n",
		"MAX_MAP_COUNT='262144'\n",
		"BUCKET='bucket'\n", "POINTER='packages/current'\n", "REGION='us-west-2'\n",
	} {
		assert.Contains(t, script, line)
	}
	assert.NotContains(t, script, "rm -rf \"$OPT\"")
	assert.Less(t, len(script), nodes.MaxUserData)
}

func TestR25ResolversReachTheNodeThroughNodeadm(t *testing.T) {
	g, err := testkit.Update(program(func(a *nodes.Args) {
		a.Nameservers, a.SearchDomains = []string{"10.0.0.2"}, []string{"corp.example.com"}
	}), remote())
	require.NoError(t, err)
	assert.YAMLEq(
		t,
		`{apiVersion: node.eks.aws/v1alpha1, kind: NodeConfig, spec: {kubelet: {config: {maxPods: 110,
		shutdownGracePeriod: 2m30s, shutdownGracePeriodCriticalPods: 30s}},
		instance: {network: {nameservers: [10.0.0.2], domains: [corp.example.com]}}}}`,
		parts(t, g.Get(t, nodeGroup, "nodes-node-1"))["application/node.eks.aws"],
	)
	assert.Contains(t, parts(t, g.Get(t, nodeGroup, "nodes-node-2"))["application/node.eks.aws"], "maxPods: 250", "32 vCPU")
}

func TestBadNodesAreReportedAtOnce(t *testing.T) {
	g, err := testkit.Update(program(func(a *nodes.Args) {
		a.Items[0].Zone, a.Items[0].Directories = "us-west-2z", []string{"../etc"}
		a.Items[1].Name, a.Items[1].VolumeGiB, a.Items[1].InstanceType = "node-1", 0, ""
		a.RootGiB = 8
	}), remote())
	for _, part := range []string{
		`rootGiB: 8: must be from 20 to 1024`, `items[0].zone: "us-west-2z": must be a zone with a subnet`,
		`items[0].directories[0]: "../etc": must be a relative path`, `items[1].name: "node-1": must be unique`,
		`items[1].instanceType: (not set): must be an EC2 instance type`, `items[1].volumeGiB: 0: must be positive`,
	} {
		require.ErrorContains(t, err, "nodes: "+part)
	}
	assert.Empty(t, g.OfType(nodeGroup))
}
