package catalog

import (
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of eks.
const (
	EKSAccessEntry             = "aws:eks/accessEntry:AccessEntry"
	EKSAccessPolicyAssociation = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"
	EKSAddon                   = "aws:eks/addon:Addon"
	EKSCluster                 = "aws:eks/cluster:Cluster"
	EKSNodeGroup               = "aws:eks/nodeGroup:NodeGroup"
	EKSPodIdentityAssociation  = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
	EKSClusterComponent        = "eks:index:Cluster"
	EKSNodeGroupV2Component    = "eks:index:NodeGroupV2"
	EKSServiceRoleComponent    = "eks:index:ServiceRole"
	EKSVpcCniAddonComponent    = "eks:index:VpcCniAddon"
)

var eksTypes = []Type{
	{
		Token: EKSAccessEntry,
		Identity: Identity{
			ImportID: form("{clusterName}:{principalArn}"),
			StateID:  form("{clusterName}:{principalArn}"),
		},
		Loss: Loss{
			Downtime: "its principal has no access to Kubernetes in between",
			Unfelt:   Deleted,
		},
		Rights: Rights{Verb: "gives", Given: func(in map[string]any) []Phrase {
			return each(in, "kubernetesGroups", func(group any) Phrase {
				return phrase("%s the group %s in Kubernetes", in["principalArn"], group)
			})
		}},
		Price: Price{Free: "a part of the cluster, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{onCluster.allow("eks:CreateAccessEntry"), onAccessEntry.allow("eks:TagResource")},
			Read:   []Grant{onAccessEntry.allow("eks:DescribeAccessEntry", "eks:ListTagsForResource")},
			Update: []Grant{onAccessEntry.allow("eks:TagResource", "eks:UntagResource", "eks:UpdateAccessEntry")},
			Delete: []Grant{onAccessEntry.allow("eks:DeleteAccessEntry")},
		},
		Simulation: Simulation{ID: AsRead},
		Failures:   []Failure{{Class: Atomic, Source: awsCode + "eks/access_entry.go resourceAccessEntryCreate"}},
		None:       none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: EKSAccessPolicyAssociation,
		Identity: Identity{
			ImportID: form("{clusterName}#{principalArn}#{policyArn}"),
			StateID:  form("{clusterName}#{principalArn}#{policyArn}"),
		},
		Loss: Loss{
			Downtime: "its principal has no access to Kubernetes in between",
			Unfelt:   Deleted,
		},
		Rights: Rights{Verb: "gives", Given: scoped},
		Price:  Price{Free: "a part of the cluster, which is paid for"},
		Permissions: setting(
			onAccessEntry,
			"eks:ListAssociatedAccessPolicies",
			"eks:AssociateAccessPolicy",
			"eks:DisassociateAccessPolicy",
		),
		// To associate a policy again is no error, and gives it another scope.
		Simulation: Simulation{ID: AsRead, Again: true},
		Failures:   idBeforeWait("eks/access_policy_association.go resourceAccessPolicyAssociationCreate"),
		None:       none(quiet, closed, instant, None{Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: EKSAddon,
		Identity: Identity{
			ImportID: form("{clusterName}:{addonName}"),
			StateID:  form("{clusterName}:{addonName}"),
			ARN:      "arn:{partition}:eks:{region}:{account}:addon/{clusterName}/{addonName}/{id}",
		},
		Loss: Loss{
			Downtime: "what the add-on does for the cluster stops in between",
		},
		Waits: []Wait{
			{For: []string{EKSNodeGroupV2Component, EKSAddon}, Why: "an add-on with pods needs a node, its identity the agent"},
			{
				For: []string{CloudWatchLogGroup, IAMRolePolicyAttachment},
				Why: "the agent would make the log group itself, without retention, and writes at once",
			},
		},
		// 0.25-1.1 min
		Duration: Duration{Create: 40 * time.Second, Delete: 20 * time.Second, Source: Logs},
		Price:    Price{Rule: priceAddon},
		Permissions: Permissions{
			Create: []Grant{
				onCluster.allow("eks:CreateAddon", "eks:CreatePodIdentityAssociation"),
				onAddon.allow("eks:TagResource"),
				passes("pods.eks.amazonaws.com"),
				onRole.allow("iam:GetRole"),
			},
			Read: []Grant{
				onAddon.allow("eks:DescribeAddon", "eks:ListTagsForResource"),
				onPodIdentity.allow("eks:DescribePodIdentityAssociation", "eks:ListTagsForResource"),
				onCluster.allow("eks:ListPodIdentityAssociations"),
				anything.allow("eks:DescribeAddonVersions", "eks:DescribeAddonConfiguration"),
			},
			Update: []Grant{
				onAddon.allow("eks:DescribeUpdate", "eks:TagResource", "eks:UntagResource", "eks:UpdateAddon"),
				onCluster.allow("eks:DescribeUpdate"),
				onPodIdentity.allow("eks:UpdatePodIdentityAssociation"),
			},
			Delete: []Grant{onAddon.allow("eks:DeleteAddon"), onPodIdentity.allow("eks:DeletePodIdentityAssociation")},
		},
		Simulation: Simulation{
			ID:      AsRead,
			Outputs: map[string]any{"arn": "arn:{partition}:eks:{region}:{account}:addon/{clusterName}/{addonName}/{uuid}"},
			Taken:   "ResourceInUseException",
		},
		Failures: idBeforeWait("eks/addon.go resourceAddonCreate"),
		None:     none(quiet, closed, plain, None{Runs: "its version follows the cluster's"}),
	},
	{
		Token: EKSCluster,
		Identity: Identity{
			ImportID: form("{name}"),
			StateID:  form("{name}"),
			ARN:      "arn:{partition}:eks:{region}:{account}:cluster/{name}",
		},
		Loss: Loss{
			Stateful: true,
			Lost:     "the cluster with every workload and Kubernetes object in it",
			Downtime: "BPA is down until cluster, nodes and release are back",
		},
		Effects: []Effect{
			{Property: "version", Note: "nodes must follow, and there is no way back", Typical: 10 * time.Minute},
		},
		Guards: []Guard{
			{"enabledClusterLogTypes", fewer, "fewer logs of the control plane are kept"},
		},
		Exposes: publicAPI,
		Runs: func(in map[string]any) versions.Stack {
			return versions.Stack{Kubernetes: property.Text(in, "version")}
		},
		// 8.4-11.4, 1.2-9.2 min
		Duration: Duration{Create: 10 * time.Minute, Delete: 5 * time.Minute, Source: Logs},
		Price:    Price{Rule: priceCluster},
		Permissions: Permissions{
			Create: append([]Grant{
				anything.when(Made, "eks:CreateCluster"),
				onCluster.allow("eks:TagResource"),
				passes("eks.amazonaws.com"),
				links("eks.amazonaws.com"),
				anything.allow("ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs"),
			}, lendsKey...),
			Read: []Grant{onCluster.allow("eks:DescribeCluster", "eks:ListTagsForResource")},
			Update: []Grant{
				onCluster.allow(
					"eks:AssociateEncryptionConfig", "eks:DescribeUpdate", "eks:TagResource", "eks:UntagResource",
					"eks:UpdateClusterConfig", "eks:UpdateClusterVersion",
				),
			},
			Delete: []Grant{onCluster.allow("eks:DeleteCluster", "eks:DescribeUpdate", "eks:UpdateClusterConfig")},
		},
		Simulation: Simulation{
			Plans: []Planned{
				{"encryptionConfig", removed, awsCode + "eks/cluster.go resourceCluster: encryption cannot be disabled"},
				{
					"computeConfig.nodeRoleArn", func(before, after any) bool { return before != nil && before != after },
					"planned so by provider 6.13.0",
				},
			},
			ID: AsRead, Name: Naming{"name", 100, nil},
			Outputs: map[string]any{
				"arn": "arn:{partition}:eks:{region}:{account}:cluster/{id}", "status": "ACTIVE", "platformVersion": "eks.1",
				"certificateAuthority": map[string]any{"data": "UmVoZWFyc2FsIGNlcnRpZmljYXRlIGF1dGhvcml0eQ=="},
				"createdAt":            "2026-01-01T00:00:00Z",
			},
			Replaces: []string{"bootstrapSelfManagedAddons"},
			Newer:    []string{"defaultAddonsToRemoves"},
			Taken:    "ResourceInUseException", InUse: Answer{"ResourceInUseException", "Cluster has nodegroups attached"},
			By: []string{EKSNodeGroup + ".clusterName"},
		},
		Failures: idBeforeWait("eks/cluster.go resourceClusterCreate"),
		None:     None{Refusals: "the engine alone keeps it, by protect", Rights: noRight, Credential: noCredential, Waits: noWait},
	},
	{
		Token: EKSNodeGroup,
		Loss: Loss{
			Downtime: "its nodes are away until the new ones have joined",
		},
		Simulation: Simulation{
			ID: "{clusterName}:{nodeGroupName}", Name: Naming{"nodeGroupName", 63, []string{"nodeGroupNamePrefix"}},
			Outputs: map[string]any{
				"arn":    "arn:{partition}:eks:{region}:{account}:nodegroup/{clusterName}/{nodeGroupName}/{uuid}",
				"status": "ACTIVE",
			}, Taken: "ResourceInUseException",
		},
	},
	{
		Token: EKSPodIdentityAssociation,
		Identity: Identity{
			ImportID: form("{clusterName},{id}"),
			ARN:      "arn:{partition}:eks:{region}:{account}:podidentityassociation/{clusterName}/{id}",
		},
		Loss: Loss{
			Downtime: "pods that start in between have no role",
		},
		Waits: []Wait{{For: []string{EKSClusterComponent}, Why: "it is the cluster's, by name"}},
		Price: Price{Free: "a part of the cluster, which is paid for"},
		Permissions: Permissions{
			Create: []Grant{
				onCluster.allow("eks:CreatePodIdentityAssociation"),
				onPodIdentity.allow("eks:TagResource"),
				passes("pods.eks.amazonaws.com"),
				onRole.allow("iam:GetRole"),
			},
			Read:   []Grant{onPodIdentity.allow("eks:DescribePodIdentityAssociation", "eks:ListTagsForResource")},
			Update: []Grant{onPodIdentity.allow("eks:TagResource", "eks:UntagResource", "eks:UpdatePodIdentityAssociation")},
			Delete: []Grant{onPodIdentity.allow("eks:DeletePodIdentityAssociation")},
		},
		Rights: Rights{Verb: "lets pods", Given: func(in map[string]any) []Phrase {
			return []Phrase{phrase("act as %s to %s in %s", in["roleArn"], in["serviceAccount"], in["namespace"])}
		}},
		Simulation: Simulation{
			ID: "a-{hex:17}",
			Outputs: map[string]any{
				"associationArn": "arn:{partition}:eks:{region}:{account}:podidentityassociation/{clusterName}/{id}",
				"associationId":  "{id}",
			},
		},
		Failures: []Failure{
			{Class: Atomic, Source: awsCode + "eks/pod_identity_association.go Create: one call, and the state after it"},
			keepsState(awsCode + "eks/pod_identity_association.go Update"),
		},
		None: none(quiet, closed, None{Duration: atOnce, Credential: noCredential, Runs: noVersion}),
	},
	{
		Token: EKSClusterComponent,
		Loss: Loss{
			Stateful: true,
			Lost:     "the cluster with every workload and Kubernetes object in it",
			Downtime: "BPA is down until cluster, nodes and release are back",
		},
	},
	{
		Token: EKSNodeGroupV2Component,
		Loss: Loss{
			Downtime: "its node is away until the new one has joined",
		},
	},
	{
		Token: EKSServiceRoleComponent,
		None:  None{Loss: ofWhatItBuilds},
	},
	{
		Token: EKSVpcCniAddonComponent,
		None:  None{Loss: ofWhatItBuilds},
	},
}

// publicAPI reads whether the Kubernetes API answers on a public address, as it does by default.
func publicAPI(urn string, in map[string]any) []Opening {
	vpc := property.Object(in, "vpcConfig")
	if !may(vpc, "endpointPublicAccess", true) {
		return nil
	}
	cidrs := vpc["publicAccessCidrs"]
	if list, ok := cidrs.([]any); cidrs == nil || ok && len(list) == 0 {
		cidrs = everybody // the service's default
	}
	return opens(urn, "the Kubernetes API", 443, cidrs)
}

// scoped reads a policy of access, and where it holds.
func scoped(in map[string]any) []Phrase {
	if property.Text(in, "accessScope", "type") == "namespace" {
		where := property.Get(in, "accessScope", "namespaces")
		return []Phrase{phrase("%s %s in the namespaces %s", in["principalArn"], in["policyArn"], where)}
	}
	return []Phrase{phrase("%s %s in the whole cluster", in["principalArn"], in["policyArn"])}
}

// priceCluster pays for the control plane, and where its version has left standard support, for the extended one.
func priceCluster(p Pricing, r *stackdoc.Resource) {
	p.Paid("eks.cluster", 1)
	if len(property.List(r.Property("enabledClusterLogTypes"))) > 0 {
		p.ByUse("logs.ingested")
	}
	version := r.Text("version")
	release, ok := versions.EKS.Find(version)
	switch {
	case property.Text(r.Inputs, "upgradePolicy", "supportType") == "STANDARD":
		p.Assume("Kubernetes %s is upgraded by EKS where its standard support ends (upgradePolicy)", version)
	case !ok:
		p.Missing("whether Kubernetes %q is in extended support is not known: infra/versions has no such version", version)
	case ended(release, p.On()):
		p.Paid("eks.extendedSupport", 1)
		p.Assume("Kubernetes %s has left standard support on %s, and extended support is paid for",
			version, release.Standard.Format(time.DateOnly))
	default:
		p.Assume("Kubernetes %s is in standard support, which ends on %s: extended support costs more",
			version, release.Standard.Format(time.DateOnly))
	}
}

// priceAddon: an add-on is free; what the agent of Container Insights writes is not.
func priceAddon(p Pricing, r *stackdoc.Resource) {
	if r.Text("addonName") == "amazon-cloudwatch-observability" {
		p.ByUse("logs.ingested", "cloudwatch.metric")
	}
}
