package network

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/policy"
)

// newEndpoints makes the chosen VPC endpoints. Interface endpoints take one subnet a zone (docs/facts.md §4) and admit HTTPS
// from nodes and pods.
func (n *Network) newEndpoints(ctx *pulumi.Context, v *ec2.Vpc, tables []*ec2.RouteTable) error {
	var group *ec2.SecurityGroup
	for _, service := range n.args.Endpoints {
		args := &ec2.VpcEndpointArgs{
			VpcId: v.ID(), ServiceName: pulumi.Sprintf("com.amazonaws.%s.%s", n.args.Account.Region, service), Tags: n.tags(service),
		}
		if service == "s3" {
			ids := make(pulumi.StringArray, len(tables))
			for i, t := range tables {
				ids[i] = t.ID()
			}
			args.VpcEndpointType, args.RouteTableIds = pulumi.String("Gateway"), ids
		} else {
			if group == nil {
				var err error
				if group, err = n.newEndpointGroup(ctx, v); err != nil {
					return err
				}
			}
			args.VpcEndpointType, args.PrivateDnsEnabled = pulumi.String("Interface"), pulumi.Bool(true)
			args.SubnetIds, args.SecurityGroupIds = n.PrivateSubnetIDs(), pulumi.StringArray{group.ID()}
		}
		endpoint, err := ec2.NewVpcEndpoint(ctx, n.name+"-"+service, args, pulumi.Parent(n))
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		n.Services = append(n.Services, endpoint)
	}
	return nil
}

func (n *Network) newEndpointGroup(ctx *pulumi.Context, v *ec2.Vpc) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, n.name+"-endpoints", &ec2.SecurityGroupArgs{
		VpcId: v.ID(), Description: pulumi.String("HTTPS to the VPC endpoints from nodes and pods"), Tags: n.tags("endpoints"),
	}, pulumi.Parent(n))
	if err != nil {
		return nil, err
	}
	for role, block := range map[string]string{"nodes": n.args.NodeCIDR, "pods": n.args.PodCIDR} {
		if _, err := vpc.NewSecurityGroupIngressRule(ctx, n.name+"-endpoints-"+role, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
			CidrIpv4: pulumi.String(block), Description: pulumi.String("HTTPS from " + role),
		}, pulumi.Parent(n)); err != nil {
			return nil, err
		}
	}
	return group, nil
}

// newFlowLogs records accepted and rejected traffic.
func (n *Network) newFlowLogs(ctx *pulumi.Context, v *ec2.Vpc) error {
	group, err := cloudwatch.NewLogGroup(ctx, n.name+"-flow-logs", &cloudwatch.LogGroupArgs{
		RetentionInDays: pulumi.Int(n.args.FlowLogRetentionDays),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	role, err := iam.NewRole(ctx, n.name+"-flow-logs", &iam.RoleArgs{
		AssumeRolePolicy: policy.Trust("vpc-flow-logs.amazonaws.com"), Description: pulumi.String("Writes VPC flow logs"),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	write, err := iam.NewRolePolicy(ctx, n.name+"-flow-logs", &iam.RolePolicyArgs{
		Role: role.ID(),
		Policy: policy.Document(policy.Statement{
			Actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
			Resources: []pulumi.StringInput{pulumi.Sprintf("%s:*", group.Arn)},
		}),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	_, err = ec2.NewFlowLog(ctx, n.name+"-flow-logs", &ec2.FlowLogArgs{
		VpcId: v.ID(), TrafficType: pulumi.String("ALL"), LogDestination: group.Arn, IamRoleArn: role.Arn, Tags: n.tags("flow-logs"),
	}, pulumi.Parent(n), pulumi.DependsOn([]pulumi.Resource{write}))
	return err
}

// forward sends queries for some domains to on-premises resolvers (R25), for everything in the VPC, pods included.
func (n *Network) forward(ctx *pulumi.Context) error {
	group, err := ec2.NewSecurityGroup(ctx, n.name+"-resolver", &ec2.SecurityGroupArgs{
		VpcId: n.VpcID, Description: pulumi.String("DNS to the on-premises resolvers"), Tags: n.tags("resolver"),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	for _, ip := range n.args.DNS.Resolvers {
		for _, protocol := range []string{"tcp", "udp"} {
			if _, err := vpc.NewSecurityGroupEgressRule(
				ctx,
				fmt.Sprintf("%s-resolver-%s-%s", n.name, protocol, ip),
				&vpc.SecurityGroupEgressRuleArgs{
					SecurityGroupId: group.ID(), IpProtocol: pulumi.String(protocol), FromPort: pulumi.Int(53), ToPort: pulumi.Int(53),
					CidrIpv4: pulumi.String(ip + "/32"), Description: pulumi.String("DNS"),
				},
				pulumi.Parent(n),
			); err != nil {
				return err
			}
		}
	}
	addresses := route53.ResolverEndpointIpAddressArray{}
	for _, id := range n.PrivateSubnetIDs() {
		addresses = append(addresses, &route53.ResolverEndpointIpAddressArgs{SubnetId: id})
	}
	endpoint, err := route53.NewResolverEndpoint(ctx, n.name+"-resolver", &route53.ResolverEndpointArgs{
		Name:             pulumi.String(n.resolverName("")),
		Direction:        pulumi.String("OUTBOUND"),
		SecurityGroupIds: pulumi.StringArray{group.ID()},
		IpAddresses:      addresses,
		Tags:             n.tags("resolver"),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	for _, domain := range n.args.DNS.Domains {
		if err := n.forwardDomain(ctx, endpoint, domain); err != nil {
			return fmt.Errorf("%s: %w", domain, err)
		}
	}
	return nil
}

// resolverName names what Route 53 Resolver makes. Left to itself, pulumi-aws makes a name of the logical one, and the provider
// refuses the dots of a domain: `only alphanumeric characters, '-', '_' and ' ' are allowed in "name"`, 64 of them
// (terraform-provider-aws, internal/service/route53resolver/validate.go).
func (n *Network) resolverName(domain string) string {
	return naming.Limit(64, n.args.ClusterName, "resolver", domain)
}

func (n *Network) forwardDomain(ctx *pulumi.Context, endpoint *route53.ResolverEndpoint, domain string) error {
	targets := route53.ResolverRuleTargetIpArray{}
	for _, ip := range n.args.DNS.Resolvers {
		targets = append(targets, &route53.ResolverRuleTargetIpArgs{Ip: pulumi.String(ip), Port: pulumi.Int(53)})
	}
	rule, err := route53.NewResolverRule(ctx, n.name+"-resolver-"+domain, &route53.ResolverRuleArgs{
		Name:       pulumi.String(n.resolverName(domain)),
		DomainName: pulumi.String(domain), RuleType: pulumi.String("FORWARD"), ResolverEndpointId: endpoint.ID(), TargetIps: targets,
		Tags: n.tags("resolver-" + domain),
	}, pulumi.Parent(n))
	if err != nil {
		return err
	}
	association, err := route53.NewResolverRuleAssociation(ctx, n.name+"-resolver-"+domain, &route53.ResolverRuleAssociationArgs{
		Name: pulumi.String(n.resolverName(domain)), ResolverRuleId: rule.ID(), VpcId: n.VpcID,
	}, pulumi.Parent(n))
	n.Services = append(n.Services, association)
	return err
}
