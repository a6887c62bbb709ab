package stacks

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/atlas"
	"github.com/bpa-on-aws/platform/components/bastion"
	"github.com/bpa-on-aws/platform/components/bpa"
	"github.com/bpa-on-aws/platform/components/cluster"
	"github.com/bpa-on-aws/platform/components/database"
	"github.com/bpa-on-aws/platform/components/ingress"
	"github.com/bpa-on-aws/platform/components/network"
	"github.com/bpa-on-aws/platform/components/nodes"
	"github.com/bpa-on-aws/platform/components/packages"
	"github.com/bpa-on-aws/platform/components/registry"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// bootstrapNamespace holds the database bootstrap and the master password, away from BPA's own namespace.
const bootstrapNamespace = "bpa-system"

func (p *platform) networkArgs() *network.Args {
	c := p.config.Network
	c.Zones = p.zones
	return &network.Args{Network: c, Account: p.account, ClusterName: p.names.Cluster()}
}

func (p *platform) registryArgs() *registry.Args {
	return &registry.Args{
		Registry: p.config.Registry, Repositories: p.images.Repositories(), Account: p.account, Protect: p.config.Protect,
	}
}

func (p *platform) packagesArgs() *packages.Args {
	return &packages.Args{Account: p.account, Archive: p.archive, Protect: p.config.Protect}
}

func (p *platform) clusterArgs() *cluster.Args {
	args := &cluster.Args{
		Cluster: p.config.Cluster, Account: p.account, Name: p.names.Cluster(),
		VpcID: p.network.VpcID, SubnetIDs: p.network.PrivateSubnetIDs(),
		NodeCIDR: p.config.Network.NodeCIDR, PodCIDR: p.config.Network.PodCIDR,
		RoleARN: p.config.AWS.RoleARN, LogOptions: p.logOptions(cluster.LogGroup(p.names.Cluster())), Protect: p.config.Protect,
	}
	for _, zone := range p.network.Zones {
		args.Zones = append(args.Zones, cluster.Zone{Name: zone.Name, PodSubnetID: zone.PodSubnetID})
	}
	return args
}

func (p *platform) nodesArgs() *nodes.Args {
	args := &nodes.Args{
		Nodes: p.config.Nodes, Account: p.account, Cluster: p.cluster.EKS, ClusterName: p.cluster.Name,
		SubnetIDs:           map[string]pulumi.StringInput{},
		NodeSecurityGroupID: p.cluster.NodeSecurityGroupID, ClusterIngressRuleID: p.cluster.IngressRuleID,
		Role: p.cluster.NodeRole,
		RolePolicies: map[string]pulumi.StringInput{
			"registry": p.registry.PullPolicy,
			"packages": p.packages.ReadPolicy,
		},
		NodeCIDR: p.config.Network.NodeCIDR, PodCIDR: p.config.Network.PodCIDR,
		PackageBucket: p.packages.BucketName, PackagePointer: p.packages.Pointer,
		Tags:    p.config.StackTags(),
		After:   slices.Concat(p.network.Routes, p.network.Services, p.packages.Ready, p.cluster.Ready),
		Protect: p.config.Protect, KeepKey: p.config.Nodes.FinalSnapshot || p.config.Backup.Enabled,
	}
	for _, zone := range p.network.Zones {
		args.SubnetIDs[zone.Name] = zone.PrivateSubnetID
	}
	if dns := p.config.Network.DNS; dns.Mode == config.Nameservers {
		args.Nameservers, args.SearchDomains = dns.Resolvers, dns.Domains
	}
	args.Items = slices.Clone(args.Items)
	for i := range args.Items {
		if item := &args.Items[i]; item.Zone == "" {
			item.Zone = zones.OfNode(p.zones, item.Name)
		}
		args.Images = append(args.Images, pulumi.String(p.nodeAMIs[i]))
	}
	return args
}

func (p *platform) addonsArgs() *cluster.AddonsArgs {
	return &cluster.AddonsArgs{
		Account: p.account, ClusterName: pulumi.String(p.cluster.Name), Versions: p.config.Cluster.AddonVersions,
		NodesReady: p.nodes.Ready, KeyARN: p.nodes.KeyARN, GivenKey: p.config.Nodes.KMSKey,
	}
}

func (p *platform) rollArgs() *nodes.RollArgs {
	return &nodes.RollArgs{
		Account:     p.account,
		ClusterName: p.cluster.Name,
		Nodes:       p.nodes,
		Image: pulumi.String(
			p.registry.Public(p.config.Nodes.RollImage),
		),
		StackTag: [2]string{"bpa:stack", p.config.StackTags()["bpa:stack"]},
		After:    slices.Concat(p.nodes.Ready, p.addons.Ready, p.registry.Ready),
	}
}

func (p *platform) bastionArgs() *bastion.Args {
	return &bastion.Args{
		Bastion: p.config.Bastion, Account: p.account, VpcID: p.network.VpcID, SubnetID: p.network.Zones[0].PrivateSubnetID,
		AMIID: pulumi.String(p.bastionAMI), KeyARN: p.nodes.KeyARN, NodeSecurityGroupID: p.cluster.NodeSecurityGroupID,
		NodeCIDR: p.config.Network.NodeCIDR, ClusterSecurityGroupID: p.cluster.SecurityGroupID, After: p.network.Routes,
	}
}

func (p *platform) ingressArgs() *ingress.Args {
	c := p.config.Ingress
	args := &ingress.Args{
		Ingress: c, Account: p.account, LoadBalancerName: p.names.LoadBalancer(), VpcID: p.network.VpcID,
		SubnetIDs: p.network.PrivateSubnetIDs(), NodeSecurityGroupID: p.cluster.NodeSecurityGroupID,
		NodeCIDR: p.config.Network.NodeCIDR, Protect: p.config.Protect,
	}
	if c.Certificate.ARN == "" {
		args.Imported = ingress.Imported{
			CertificatePEM: p.certificate.Leaf, ChainPEM: p.certificate.Chain, PrivateKey: p.certificate.Key.Input(),
		}
	}
	if c.Scheme == config.InternetFacing {
		args.SubnetIDs, args.After = p.network.PublicSubnetIDs(), p.network.Gateway
	}
	for _, group := range p.nodes.Groups {
		args.Targets = append(args.Targets, ingress.Target{Name: group.Name, AutoScalingGroupName: group.AutoScalingGroupName})
	}
	return args
}

func (p *platform) databaseArgs() *database.Args {
	return &database.Args{
		Database: p.config.Database, Account: p.account, Identifier: p.names.Database(),
		VpcID: p.network.VpcID, SubnetIDs: p.network.PrivateSubnetIDs(),
		// hostNetwork pods keep the address of their node, so both ranges must reach the database (R08, docs/facts.md §5).
		IngressCIDRs: []string{p.config.Network.PodCIDR, p.config.Network.NodeCIDR},
		Logins:       p.logins(), MasterGeneration: p.config.Rotation.Database.Master, Protect: p.config.Protect,
	}
}

// logins are the roles and databases that the paper asks for (R10).
func (p *platform) logins() []database.Login {
	c, turn := p.config.Database, p.config.Rotation.Database
	return []database.Login{
		{Role: "admin", Database: "admin", Password: c.AdminPassword.Input(), Generation: turn.Admin},
		{Role: "kong", Database: "kong", Password: c.KongPassword.Input(), Generation: turn.Kong},
		{Role: "camunda", Database: "process-engine", Password: c.CamundaPassword.Input(), Generation: turn.Camunda},
	}
}

func (p *platform) bootstrapArgs() *database.BootstrapArgs {
	after := append([]pulumi.Resource{}, p.nodes.Ready...)
	after = append(after, p.addons.Ready...)
	return &database.BootstrapArgs{
		Namespace: bootstrapNamespace, Image: pulumi.String(p.registry.Public(p.config.Database.BootstrapImage)), Database: p.database,
		After: append(after, p.registry.Ready...),
	}
}

func (p *platform) retirementArgs() *database.RetirementArgs {
	return &database.RetirementArgs{Bootstrap: p.bootstrap, After: p.bpa.Ready}
}

func (p *platform) atlasArgs() *atlas.Args {
	c := p.config.Atlas
	args := &atlas.Args{
		Atlas: c, Account: p.account, ProjectName: p.names.AtlasProject(), ClusterName: p.names.AtlasCluster(),
		Generation: p.config.Rotation.Atlas, Protect: p.config.Protect,
		Endpoint:     atlas.PrivateEndpoint{VpcID: p.network.VpcID, SubnetIDs: p.network.PrivateSubnetIDs(), Zones: p.zones},
		IngressCIDRs: []string{p.config.Network.PodCIDR, p.config.Network.NodeCIDR},
	}
	if parent := c.ParentAccount; parent != nil {
		args.Endpoint = atlas.PrivateEndpoint{
			VpcID: pulumi.String(parent.VpcID), SubnetIDs: pulumi.ToStringArray(parent.SubnetIDs), Provider: p.providers.parent,
		}
	}
	return args
}

func (p *platform) bpaArgs() *bpa.Args {
	after := append([]pulumi.Resource{}, p.bootstrap.Ready...)
	after = append(after, p.atlas.Ready...)
	after = append(after, p.addons.Ready...)
	after = append(after, p.registry.Ready...)
	after = append(after, p.roll.Ready...)
	return &bpa.Args{
		Application:  p.config.Application,
		Chart:        p.chart,
		SecretValues: p.secretValues,

		References:     p.references(),
		CertificatePEM: p.certificate.Bundle,
		PrivateKey:     p.certificate.Key.Input(),
		Mongo: bpa.Mongo{
			URL: p.atlas.ConnectionString, Username: p.atlas.Username, Password: p.atlas.Password,
		},
		After: append(after, p.nodes.Ready...),
	}
}
