package eks

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	awseks "github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

type component struct{ pulumi.ResourceState }

// newServiceRole makes the role of the control plane, in a component of its own as pulumi-eks does, and the attachment of its
// policy, which the cluster waits for. Source: pulumi-eks v3.9.1, nodejs/eks/servicerole.ts.
func newServiceRole(ctx *pulumi.Context, name string, parent pulumi.ResourceOption,
) (*iam.Role, *iam.RolePolicyAttachment, error) {
	c := &component{}
	if err := ctx.RegisterComponentResource(catalog.EKSServiceRoleComponent, name, c, parent); err != nil {
		return nil, nil, err
	}
	partition, err := aws.GetPartition(ctx, &aws.GetPartitionArgs{}, pulumi.Parent(c))
	if err != nil {
		return nil, nil, err
	}
	role, err := iam.NewRole(ctx, name+"-role", &iam.RoleArgs{
		Description: pulumi.String("Allows EKS to manage clusters on your behalf."),
		AssumeRolePolicy: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole","sts:TagSession"],` +
			`"Effect":"Allow","Principal":{"Service":["eks.amazonaws.com"]}}]}`),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, nil, err
	}
	attached, err := iam.NewRolePolicyAttachment(ctx, name+"-4b490823", &iam.RolePolicyAttachmentArgs{
		Role:      role.Name,
		PolicyArn: pulumi.String("arn:" + partition.Partition + ":iam::aws:policy/AmazonEKSClusterPolicy"),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, nil, err
	}
	return role, attached, ctx.RegisterResourceOutputs(c, pulumi.Map{"resolvedRole": role, "directRole": role})
}

func newGroup(ctx *pulumi.Context, name string, vpc pulumi.StringPtrInput, tags pulumi.StringMapInput, parent pulumi.ResourceOption,
) (*ec2.SecurityGroup, error) {
	return ec2.NewSecurityGroup(ctx, name, &ec2.SecurityGroupArgs{VpcId: vpc, RevokeRulesOnDelete: pulumi.Bool(true), Tags: tags}, parent)
}

// rule is one security group rule of pulumi-eks.
type rule struct {
	name, direction, protocol, description string
	from, to                               int
	group                                  pulumi.StringInput
	source                                 pulumi.StringPtrInput
	self, world                            bool
}

func (r rule) register(ctx *pulumi.Context, parent pulumi.ResourceOption) (*ec2.SecurityGroupRule, error) {
	args := &ec2.SecurityGroupRuleArgs{
		Type: pulumi.String(r.direction), Protocol: pulumi.String(r.protocol), FromPort: pulumi.Int(r.from), ToPort: pulumi.Int(r.to),
		SecurityGroupId: r.group, SourceSecurityGroupId: r.source, Description: pulumi.String(r.description),
	}
	if r.self {
		args.Self = pulumi.Bool(true)
	}
	if r.world {
		args.CidrBlocks = pulumi.StringArray{pulumi.String("0.0.0.0/0")}
	}
	return ec2.NewSecurityGroupRule(ctx, r.name, args, parent)
}

// makeSecurityRules makes the node security group and every rule between nodes and control plane.
func (c *cluster) makeSecurityRules(ctx *pulumi.Context, name string, args *clusterArgs) (err error) {
	parent := pulumi.Parent(c)
	tags := c.EksCluster.Name.ApplyT(func(cluster string) map[string]string {
		return map[string]string{"Name": name + "-nodeSecurityGroup", "kubernetes.io/cluster/" + cluster: "owned"}
	}).(pulumi.StringMapOutput)
	if c.NodeSecurityGroup, err = newGroup(ctx, name+"-nodeSecurityGroup", args.VpcID, tags, parent); err != nil {
		return err
	}
	cluster, nodes := c.ClusterSecurityGroup.ID(), c.NodeSecurityGroup.ID()
	if _, err = (rule{name: name + "-eksClusterInternetEgressRule", direction: "egress", protocol: "-1", group: cluster, world: true,
		description: "Allow internet access."}).register(ctx, parent); err != nil {
		return err
	}
	c.EksClusterIngressRule, err = nodeRules(ctx, name, cluster, nodes, parent)
	if err != nil {
		return err
	}
	c.ClusterSecurityGroupID, c.NodeSecurityGroupID = cluster.ToStringOutput(), nodes.ToStringOutput()
	c.ClusterIngressRuleID = c.EksClusterIngressRule.SecurityGroupRuleId
	return nil
}

// nodeRules are the five rules of a node security group. The rule that lets nodes reach the API is returned.
func nodeRules(ctx *pulumi.Context, name string, cluster, nodes pulumi.StringInput, parent pulumi.ResourceOption,
) (api *ec2.SecurityGroupRule, err error) {
	from := func(id pulumi.StringInput) pulumi.StringPtrInput { return id.ToStringOutput().ToStringPtrOutput() }
	rules := []rule{
		{name: name + "-eksNodeIngressRule", direction: "ingress", protocol: "-1", group: nodes, self: true,
			description: "Allow nodes to communicate with each other"},
		{
			name:        name + "-eksExtApiServerClusterIngressRule",
			direction:   "ingress",
			protocol:    "tcp",
			from:        443,
			to:          443,
			group:       nodes,
			source:      from(cluster),
			description: "Allow pods running extension API servers on port 443 to receive communication from cluster control plane",
		},
		{name: name + "-eksNodeInternetEgressRule", direction: "egress", protocol: "-1", group: nodes, world: true,
			description: "Allow internet access."},
		{name: name + "-eksNodeClusterIngressRule", direction: "ingress", protocol: "tcp", from: 1025, to: 65535, group: nodes,
			source: from(cluster), description: "Allow worker Kubelets and pods to receive communication from the cluster control plane"},
		{name: name + "-eksClusterIngressRule", direction: "ingress", protocol: "tcp", from: 443, to: 443, group: cluster,
			source: from(nodes), description: "Allow pods to communicate with the cluster API Server"},
	}
	for _, r := range rules {
		if api, err = r.register(ctx, parent); err != nil {
			return nil, err
		}
	}
	return api, nil
}

// makeAccess makes the access entry of the nodes' role, and those of the configuration.
func (c *cluster) makeAccess(ctx *pulumi.Context, name string, args *clusterArgs) error {
	parent, after := pulumi.Parent(c), pulumi.DependsOn([]pulumi.Resource{c.EksCluster})
	if args.InstanceRole != nil {
		arn := pulumi.ToOutput(args.InstanceRole).ApplyT(func(v any) (pulumi.StringOutput, error) {
			role, ok := v.(*iam.Role)
			if !ok {
				return pulumi.StringOutput{}, fmt.Errorf("instanceRole: %T: must be an aws.iam.Role", v)
			}
			return role.Arn, nil
		}).(pulumi.StringOutput)
		made, err := awseks.NewAccessEntry(ctx, name+"-defaultNodeGroupInstanceRole", &awseks.AccessEntryArgs{
			ClusterName: c.EksCluster.Name, PrincipalArn: arn, Type: pulumi.String("EC2_LINUX"),
		}, parent, after)
		if err != nil {
			return err
		}
		c.entries = append(c.entries, made)
	}
	for entryName, entry := range args.AccessEntries {
		made, err := awseks.NewAccessEntry(ctx, name+"-"+entryName, &awseks.AccessEntryArgs{
			ClusterName: c.EksCluster.Name, PrincipalArn: entry.PrincipalArn, Type: entry.Type, UserName: entry.Username,
			KubernetesGroups: entry.KubernetesGroups,
		}, parent, after)
		if err != nil {
			return err
		}
		c.entries = append(c.entries, made)
		for policyName, policy := range entry.AccessPolicies {
			if _, err := awseks.NewAccessPolicyAssociation(ctx, fmt.Sprintf("%s-%s-%s", name, entryName, policyName),
				&awseks.AccessPolicyAssociationArgs{
					ClusterName:  c.EksCluster.Name,
					PrincipalArn: made.PrincipalArn,
					PolicyArn:    policy.PolicyArn,
					AccessScope: &awseks.AccessPolicyAssociationAccessScopeArgs{
						Type:       policy.AccessScope.Type,
						Namespaces: policy.AccessScope.Namespaces,
					},
				}, pulumi.Parent(made)); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeAddons makes kube-proxy, the VPC CNI and, where it is on, CoreDNS.
func (c *cluster) makeAddons(ctx *pulumi.Context, name string, args *clusterArgs) error {
	parent := pulumi.Parent(c)
	if _, err := awseks.NewAddon(ctx, name+"-kube-proxy", &awseks.AddonArgs{
		ClusterName: c.EksCluster.Name, AddonName: pulumi.String("kube-proxy"), Preserve: pulumi.Bool(true),
		AddonVersion:             addonVersion(ctx, "kube-proxy", "version", args.KubeProxyAddonOptions, args.Version, parent),
		ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
	}, parent); err != nil {
		return err
	}
	if coredns := args.CorednsAddonOptions; coredns != nil && (coredns.Enabled == nil || *coredns.Enabled) {
		// Before any node: the add-on will not become active (pulumi/pulumi-eks#1819).
		if _, err := awseks.NewAddon(ctx, name+"-coredns", &awseks.AddonArgs{
			ClusterName: c.EksCluster.Name, AddonName: pulumi.String("coredns"), Preserve: pulumi.Bool(true), AddonVersion: coredns.Version,
			ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
		}, parent); err != nil {
			return err
		}
	}
	cni := &component{}
	if err := ctx.RegisterComponentResource(catalog.EKSVpcCniAddonComponent, name+"-vpc-cni", cni, parent,
		pulumi.DependsOn(c.entries)); err != nil {
		return err
	}
	addon, err := awseks.NewAddon(ctx, name+"-vpc-cni", &awseks.AddonArgs{
		ClusterName: c.EksCluster.Name, AddonName: pulumi.String("vpc-cni"), Preserve: pulumi.Bool(true),
		AddonVersion:             addonVersion(ctx, "vpc-cni", "addonVersion", args.VpcCniOptions, args.Version, pulumi.Parent(cni)),
		ConfigurationValues:      cniConfiguration(args.VpcCniOptions),
		ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
	}, pulumi.Parent(cni))
	if err != nil {
		return err
	}
	c.cni = cni
	return ctx.RegisterResourceOutputs(cni, pulumi.Map{"addon": addon})
}

// addonVersion is the pinned version, or what AWS offers where none is pinned.
func addonVersion(ctx *pulumi.Context, addon, key string, options pulumi.MapInput, kubernetes pulumi.StringPtrInput,
	parent pulumi.InvokeOption,
) pulumi.StringPtrInput {
	offered := func(version string) (*string, error) {
		latest := true
		found, err := awseks.GetAddonVersion(ctx, &awseks.GetAddonVersionArgs{
			AddonName: addon, KubernetesVersion: version, MostRecent: &latest,
		}, parent)
		if err != nil {
			return nil, err
		}
		return &found.Version, nil
	}
	if options == nil {
		options = pulumi.Map{}
	}
	return pulumi.All(options, kubernetes).ApplyT(func(v []any) (*string, error) {
		settings, _ := v[0].(map[string]any)
		if pinned, ok := settings[key].(string); ok {
			return &pinned, nil
		}
		version, _ := v[1].(*string)
		if version == nil {
			return nil, nil
		}
		return offered(*version)
	}).(pulumi.StringPtrOutput)
}

// cniVariable is a variable of the CNI's pods, the option that sets it, and its value where the option is not given or false.
// A variable without such a value is then absent.
type cniVariable struct{ option, name, otherwise string }

// cniVariables are pulumi-eks's, in its order. externalSnat and cniExternalSnat set the same one.
// Source: pulumi-eks v3.9.1, nodejs/eks/addons/cni-addon.ts, computeEnv.
var cniVariables = []cniVariable{
	{"nodePortSupport", "AWS_VPC_CNI_NODE_PORT_SUPPORT", ""},
	{"customNetworkConfig", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", ""},
	{"warmEniTarget", "WARM_ENI_TARGET", "1"},
	{"warmIpTarget", "WARM_IP_TARGET", ""},
	{"warmPrefixTarget", "WARM_PREFIX_TARGET", ""},
	{"enablePrefixDelegation", "ENABLE_PREFIX_DELEGATION", ""},
	{"logLevel", "AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG"},
	{"logFile", "AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log"},
	{"vethPrefix", "AWS_VPC_K8S_CNI_VETHPREFIX", "eni"},
	{"eniMtu", "AWS_VPC_ENI_MTU", "9001"},
	{"eniConfigLabelDef", "ENI_CONFIG_LABEL_DEF", ""},
	{"pluginLogLevel", "AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "DEBUG"},
	{"pluginLogFile", "AWS_VPC_K8S_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/plugin.log"},
	{"enablePodEni", "ENABLE_POD_ENI", "false"},
	{"cniConfigureRpfilter", "AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", ""},
	{"cniCustomNetworkCfg", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false"},
	{"externalSnat", "AWS_VPC_K8S_CNI_EXTERNALSNAT", ""},
	{"cniExternalSnat", "AWS_VPC_K8S_CNI_EXTERNALSNAT", "false"},
}

// cniConfiguration renders the add-on's configuration as pulumi-eks does, its trap included: without
// cniCustomNetworkCfg it writes "false" after customNetworkConfig has written "true" (docs/facts.md §5).
func cniConfiguration(options pulumi.MapInput) pulumi.StringPtrInput {
	if options == nil {
		options = pulumi.Map{}
	}
	return options.ToMapOutput().ApplyT(func(settings map[string]any) (*string, error) {
		env, init := map[string]any{}, map[string]any{"DISABLE_TCP_EARLY_DEMUX": "false"}
		for _, v := range cniVariables {
			given, isGiven := settings[v.option]
			switch {
			case isGiven && given != false && given != "" && given != 0.0:
				env[v.name] = fmt.Sprint(given)
			case v.otherwise != "" && (v.option != "cniExternalSnat" || env[v.name] == nil):
				env[v.name] = v.otherwise
			}
		}
		if settings["disableTcpEarlyDemux"] == true {
			init["DISABLE_TCP_EARLY_DEMUX"] = "true"
		}
		merged := map[string]any{}
		given, _ := settings["configurationValues"].(map[string]any)
		maps.Copy(merged, given)
		if own, ok := given["env"].(map[string]any); ok {
			maps.Copy(env, own)
		}
		pod := map[string]any{}
		if own, ok := given["init"].(map[string]any); ok {
			maps.Copy(pod, own)
			if variables, ok := own["env"].(map[string]any); ok {
				maps.Copy(init, variables)
			}
		}
		pod["env"] = init
		merged["env"], merged["init"] = env, pod
		b, err := json.Marshal(merged)
		text := string(b)
		return &text, err
	}).(pulumi.StringPtrOutput)
}
