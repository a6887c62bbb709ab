package cluster

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-eks/sdk/v3/go/eks"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/access"
	"github.com/bpa-on-aws/platform/infra/config"
)

// podNetworking puts pods into the pod range (R13): the VPC CNI's custom networking, configured with the cluster and so
// before any node registers, as only nodes registered afterwards use it (docs/facts.md §5).
//
// CniCustomNetworkCfg is the switch. CustomNetworkConfig has no effect: pulumi-eks overwrites what it sets.
func (c *Cluster) podNetworking() *eks.VpcCniOptionsArgs {
	subnets := pulumi.Map{}
	for _, zone := range c.args.Zones {
		subnets[zone.Name] = pulumi.Map{"id": zone.PodSubnetID, "securityGroups": pulumi.StringArray{c.PodSecurityGroupID}}
	}
	return &eks.VpcCniOptionsArgs{
		AddonVersion:           pulumi.String(c.args.AddonVersions["vpc-cni"]),
		CniCustomNetworkCfg:    pulumi.Bool(true),
		EniConfigLabelDef:      pulumi.String("topology.kubernetes.io/zone"),
		EnablePrefixDelegation: pulumi.Bool(true),
		ConfigurationValues: pulumi.Map{"eniConfig": pulumi.Map{
			"create": pulumi.Bool(true), "region": pulumi.String(c.args.Account.Region), "subnets": subnets,
		}},
	}
}

// newPodSecurityGroup makes the group of the pods' network interfaces. It goes into the cluster's configuration, so it
// exists before the cluster; rules that name the cluster's own groups come afterwards.
func (c *Cluster) newPodSecurityGroup(ctx *pulumi.Context) error {
	group, err := ec2.NewSecurityGroup(ctx, c.name+"-pods", &ec2.SecurityGroupArgs{
		VpcId: c.args.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("Pods of " + c.args.Name),
	}, pulumi.Parent(c))
	if err != nil {
		return err
	}
	c.PodSecurityGroupID = group.ID().ToStringOutput()
	out, err := vpc.NewSecurityGroupEgressRule(ctx, c.name+"-pods-out", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(), IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("0.0.0.0/0"),
		Description: pulumi.String("Anywhere (R25)"),
	}, pulumi.Parent(c))
	c.Ready = append(c.Ready, out)
	return err
}

// newSecurityRules lets nodes, pods and the control plane talk. The paper opens TCP 0-65535 to everyone (R25); here the
// sources are the node and the pod range.
func (c *Cluster) newSecurityRules(ctx *pulumi.Context) error {
	for _, rule := range []struct {
		role        string
		group       pulumi.StringInput
		cidr        string
		source      pulumi.StringPtrInput
		protocol    string
		from, to    int
		description string
	}{
		{role: "pods-from-nodes", group: c.PodSecurityGroupID, cidr: c.args.NodeCIDR, protocol: "-1", description: "Nodes to pods"},
		{role: "pods-from-pods", group: c.PodSecurityGroupID, cidr: c.args.PodCIDR, protocol: "-1", description: "Pods to pods"},
		{
			role: "nodes-from-nodes", group: c.NodeSecurityGroupID, cidr: c.args.NodeCIDR, protocol: "tcp", to: 65535,
			description: "Nodes to nodes (R25)",
		},
		{
			role: "nodes-from-pods", group: c.NodeSecurityGroupID, cidr: c.args.PodCIDR, protocol: "tcp", to: 65535,
			description: "Pods to nodes (R25)",
		},
		{
			role: "nodes-dns-from-pods", group: c.NodeSecurityGroupID, cidr: c.args.PodCIDR, protocol: "udp", from: 53, to: 53,
			description: "DNS of pods on the host network",
		},
		{
			role: "api-from-pods", group: c.SecurityGroupID, source: c.PodSecurityGroupID.ToStringPtrOutput(), protocol: "tcp",
			from: 443, to: 443, description: "Pods to the Kubernetes API",
		},
	} {
		args := &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: rule.group, IpProtocol: pulumi.String(rule.protocol), Description: pulumi.String(rule.description),
			ReferencedSecurityGroupId: rule.source,
		}
		if rule.cidr != "" {
			args.CidrIpv4 = pulumi.String(rule.cidr)
		}
		if rule.protocol != "-1" {
			args.FromPort, args.ToPort = pulumi.Int(rule.from), pulumi.Int(rule.to)
		}
		made, err := vpc.NewSecurityGroupIngressRule(ctx, c.name+"-"+rule.role, args, pulumi.Parent(c))
		if err != nil {
			return fmt.Errorf("%s: %w", rule.role, err)
		}
		c.Ready = append(c.Ready, made)
	}
	return nil
}

// newNodeEgress lets nodes out. pulumi-eks does so too, by a rule for every protocol for which nothing waits: a destroy takes it in
// its first wave, beside the uninstallation, whose hooks and volumes still need the API. EC2 refuses the same rule a second time,
// and one for a single protocol is another (docs/facts.md §4).
func (c *Cluster) newNodeEgress(ctx *pulumi.Context) error {
	for _, rule := range []struct {
		protocol string
		from, to int
	}{{"tcp", 0, 65535}, {"udp", 0, 65535}, {"icmp", -1, -1}} {
		out, err := vpc.NewSecurityGroupEgressRule(ctx, c.name+"-nodes-out-"+rule.protocol, &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: c.NodeSecurityGroupID, IpProtocol: pulumi.String(rule.protocol), FromPort: pulumi.Int(rule.from),
			ToPort: pulumi.Int(rule.to), CidrIpv4: pulumi.String("0.0.0.0/0"), Description: pulumi.String("Anywhere (R25)"),
		}, pulumi.Parent(c))
		if err != nil {
			return err
		}
		c.Ready = append(c.Ready, out)
	}
	return nil
}

// newAccessRules admits HTTPS to the private endpoint. EKS answers whoever the security group lets in, and without a rule
// that is nodes and pods alone: not the bastion, and not the machine that runs `pulumi up`.
func (c *Cluster) newAccessRules(ctx *pulumi.Context) error {
	for _, cidr := range c.args.PrivateAccessCIDRs {
		rule, err := vpc.NewSecurityGroupIngressRule(ctx, c.name+"-api-from-"+cidr, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: c.SecurityGroupID, IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
			CidrIpv4: pulumi.String(cidr), Description: pulumi.String("Operators to the Kubernetes API"),
		}, pulumi.Parent(c))
		if err != nil {
			return fmt.Errorf("%s: %w", cidr, err)
		}
		c.access = append(c.access, rule)
	}
	return nil
}

// describe says how the cluster is reached.
func (c *Cluster) describe() {
	c.Endpoint = c.EKS.EksCluster.Endpoint()
	c.CertificateAuthority = c.EKS.EksCluster.CertificateAuthority().Data().Elem()
	c.Kubeconfig = pulumi.ToSecret(pulumi.All(c.Endpoint, c.CertificateAuthority).ApplyT(func(v []any) (string, error) {
		return kubeconfig(c.args, v[0].(string), v[1].(string))
	})).(pulumi.StringOutput)
}

// NewProvider makes the provider that deploys into the cluster. It waits until the API lets the deployer in, and for what leads
// there: a provider that finds the cluster unreachable when it starts fails everything that it is asked for later. In turn, what
// leads there outlives all that is in the cluster.
//
// Secrets are updated in place, so that a new certificate leaves no moment without one (R24); what must be replaced is
// declared immutable. ClusterIdentifier says that it is the same cluster even while the kubeconfig is unknown, so that a
// preview never proposes to replace everything in it.
func (c *Cluster) NewProvider(ctx *pulumi.Context, way []pulumi.Resource) (*kubernetes.Provider, error) {
	provider, err := kubernetes.NewProvider(ctx, c.name+"-kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: c.Kubeconfig, ClusterIdentifier: pulumi.String(c.args.Account.ARN("eks", "cluster/"+c.args.Name)),
		EnableSecretMutable: pulumi.Bool(true), EnableConfigMapMutable: pulumi.Bool(true),
	}, pulumi.Parent(c), pulumi.DependsOn(slices.Concat([]pulumi.Resource{c.EKS}, c.access, way)))
	if err != nil {
		return nil, fmt.Errorf("cluster: kubernetes provider: %w", err)
	}
	return provider, nil
}

// kubeconfig authenticates with `aws eks get-token` and whatever credentials the shell has, or with the role that the stack
// is deployed with: EKS knows only that one at first, as it made the cluster. It names no profile, and the proxy of `bpactl connect`
// has the same address everywhere, so it is the same for everyone.
func kubeconfig(args *Args, endpoint, certificateAuthority string) (string, error) {
	name := args.Name
	token := []string{"eks", "get-token", "--cluster-name", name, "--region", args.Account.Region, "--output", "json"}
	if args.RoleARN != "" {
		token = append(token, "--role-arn", args.RoleARN)
	}
	reached := map[string]any{"server": endpoint, "certificate-authority-data": certificateAuthority}
	if args.Access == config.BastionAccess {
		reached["proxy-url"] = access.ProxyURL
	}
	b, err := json.Marshal(map[string]any{
		"apiVersion": "v1", "kind": "Config", "current-context": name,
		"clusters": []any{map[string]any{"name": name, "cluster": reached}},
		"contexts": []any{map[string]any{"name": name, "context": map[string]any{"cluster": name, "user": name}}},
		"users": []any{map[string]any{"name": name, "user": map[string]any{"exec": map[string]any{
			"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "interactiveMode": "Never",
			"args": token,
		}}}},
	})
	return string(b), err
}
