// Package ingress builds the application load balancer in front of BPA (R02, R26).
package ingress

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/acm"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Listener is a port of the load balancer and the node port behind it. Both speak HTTPS.
type Listener struct{ Port, NodePort int }

// Target is a group of nodes.
type Target struct {
	Name                 string
	AutoScalingGroupName pulumi.StringInput
}

// Imported is a certificate to import into ACM.
type Imported struct {
	// CertificatePEM is the leaf, ChainPEM what is between it and the root, or empty.
	CertificatePEM, ChainPEM string
	PrivateKey               pulumi.StringInput
}

// Args are the arguments of New.
type Args struct {
	// Ingress is what the configuration says. Of its certificate only ARN counts here; without one, Imported is imported.
	config.Ingress
	Account account.Account
	// LoadBalancerName has 1-32 characters.
	LoadBalancerName string
	VpcID            pulumi.StringInput
	// SubnetIDs are public ones for the scheme internet-facing, else private.
	SubnetIDs pulumi.StringArray
	Targets   []Target
	// NodeSecurityGroupID admits the load balancer, NodeCIDR is where the nodes are.
	NodeSecurityGroupID pulumi.StringInput
	NodeCIDR            string
	Imported            Imported
	// After is what the load balancer needs: one that faces the internet is refused in a VPC without internet gateway.
	After []pulumi.Resource
	// Protect keeps the bucket of the access logs; without it the bucket goes with what is in it.
	Protect bool
}

// Ingress is the component.
type Ingress struct {
	pulumi.ResourceState

	DNSName        pulumi.StringOutput `pulumi:"dnsName"`
	ZoneID         pulumi.StringOutput `pulumi:"zoneId"`
	CertificateARN pulumi.StringOutput `pulumi:"certificateArn"`
	// ARNSuffix is what CloudWatch knows the load balancer by, TargetGroupARNSuffixes the target group of each listener.
	ARNSuffix              pulumi.StringOutput
	TargetGroupARNSuffixes []pulumi.StringOutput

	name  string
	args  *Args
	group *ec2.SecurityGroup
}

// New builds the load balancer.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Ingress, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	i := &Ingress{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:ingress:Ingress", name, i, opts...); err != nil {
		return nil, fmt.Errorf("ingress: %w", err)
	}
	if err := i.newSecurity(ctx); err != nil {
		return nil, fmt.Errorf("ingress: security group: %w", err)
	}
	if err := i.newCertificate(ctx); err != nil {
		return nil, fmt.Errorf("ingress: certificate: %w", err)
	}
	bucket, permitted, err := i.newLogBucket(ctx)
	if err != nil {
		return nil, fmt.Errorf("ingress: access logs: %w", err)
	}
	balancer, err := i.newLoadBalancer(ctx, bucket, permitted)
	if err != nil {
		return nil, fmt.Errorf("ingress: load balancer: %w", err)
	}
	for _, l := range args.Listeners() {
		if err := i.newListener(ctx, balancer, l); err != nil {
			return nil, fmt.Errorf("ingress: listener %d: %w", l.Port, err)
		}
	}
	return i, ctx.RegisterResourceOutputs(i, pulumi.Map{
		"dnsName": i.DNSName, "zoneId": i.ZoneID, "certificateArn": i.CertificateARN,
	})
}

// Listeners are those of the paper (R26): HTTPS, and the portal.
func (a *Args) Listeners() []Listener {
	return []Listener{{Port: 443, NodePort: a.HTTPSNodePort}, {Port: 30101, NodePort: a.PortalNodePort}}
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Ingress)
	p.Require(
		a.LoadBalancerName != "" && len(a.LoadBalancerName) <= 32,
		"LoadBalancerName",
		a.LoadBalancerName,
		"must have 1-32 characters",
	)
	p.Require(len(a.SubnetIDs) >= 2, "SubnetIDs", len(a.SubnetIDs), "must be in at least two zones")
	p.Require(a.Certificate.ARN != "" || a.Imported.CertificatePEM != "" && a.Imported.PrivateKey != nil, "Imported", nil,
		"must be certificate and key, or certificate.arn given")
	return p.Err("ingress: ")
}

// newSecurity admits users to the listeners, and the load balancer to the node ports and nothing else (R25).
func (i *Ingress) newSecurity(ctx *pulumi.Context) (err error) {
	i.group, err = ec2.NewSecurityGroup(ctx, i.name+"-group", &ec2.SecurityGroupArgs{
		VpcId: i.args.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("Users to the BPA load balancer"),
	}, pulumi.Parent(i))
	if err != nil {
		return err
	}
	for _, l := range i.args.Listeners() {
		for _, cidr := range i.args.AllowedCIDRs {
			if _, err := vpc.NewSecurityGroupIngressRule(
				ctx,
				fmt.Sprintf("%s-%d-from-%s", i.name, l.Port, cidr),
				&vpc.SecurityGroupIngressRuleArgs{
					SecurityGroupId: i.group.ID(),
					IpProtocol:      pulumi.String("tcp"),
					FromPort:        pulumi.Int(l.Port),
					ToPort:          pulumi.Int(l.Port),
					CidrIpv4:        pulumi.String(cidr),
					Description:     pulumi.String("Users"),
				},
				pulumi.Parent(i),
			); err != nil {
				return err
			}
		}
		if _, err := vpc.NewSecurityGroupEgressRule(ctx, fmt.Sprintf("%s-to-%d", i.name, l.NodePort), &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId: i.group.ID(),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(l.NodePort),
			ToPort:          pulumi.Int(l.NodePort),
			CidrIpv4:        pulumi.String(i.args.NodeCIDR),
			Description:     pulumi.String("Nodes"),
		}, pulumi.Parent(i)); err != nil {
			return err
		}
		if _, err := vpc.NewSecurityGroupIngressRule(ctx, fmt.Sprintf("%s-node-%d", i.name, l.NodePort), &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: i.args.NodeSecurityGroupID, ReferencedSecurityGroupId: i.group.ID(), IpProtocol: pulumi.String("tcp"),
			FromPort: pulumi.Int(l.NodePort), ToPort: pulumi.Int(l.NodePort), Description: pulumi.String("Load balancer"),
		}, pulumi.Parent(i)); err != nil {
			return err
		}
	}
	return nil
}

// newCertificate imports the certificate, unless there is one already. An imported certificate is changed in place: the
// listeners keep its ARN.
func (i *Ingress) newCertificate(ctx *pulumi.Context) error {
	if arn := i.args.Certificate.ARN; arn != "" {
		i.CertificateARN = pulumi.String(arn).ToStringOutput()
		return nil
	}
	c := i.args.Imported
	args := &acm.CertificateArgs{
		CertificateBody: pulumi.String(c.CertificatePEM),
		PrivateKey:      pulumi.ToSecret(c.PrivateKey).(pulumi.StringOutput).ToStringPtrOutput(),
	}
	if c.ChainPEM != "" {
		args.CertificateChain = pulumi.String(c.ChainPEM)
	}
	certificate, err := acm.NewCertificate(ctx, i.name+"-certificate", args, pulumi.Parent(i))
	if err != nil {
		return err
	}
	i.CertificateARN = certificate.Arn
	return nil
}

func (i *Ingress) newLoadBalancer(ctx *pulumi.Context, logs *s3.BucketV2, permitted pulumi.Resource) (*lb.LoadBalancer, error) {
	balancer, err := lb.NewLoadBalancer(ctx, i.name+"-alb", &lb.LoadBalancerArgs{
		Name: pulumi.String(i.args.LoadBalancerName), LoadBalancerType: pulumi.String("application"),
		Internal: pulumi.Bool(i.args.Scheme == "internal"), Subnets: i.args.SubnetIDs, SecurityGroups: pulumi.StringArray{i.group.ID()},
		EnableDeletionProtection: pulumi.Bool(i.args.DeletionProtection), DropInvalidHeaderFields: pulumi.Bool(true),
		IdleTimeout: pulumi.Int(300),
		AccessLogs:  &lb.LoadBalancerAccessLogsArgs{Bucket: logs.Bucket, Enabled: pulumi.Bool(true)},
	}, pulumi.Parent(i), pulumi.DependsOn(append([]pulumi.Resource{permitted}, i.args.After...)))
	if err != nil {
		return nil, err
	}
	i.DNSName, i.ZoneID, i.ARNSuffix = balancer.DnsName, balancer.ZoneId, balancer.ArnSuffix
	return balancer, nil
}

// newListener makes a listener, the target group on its node port, and attaches every node to that (R26). Nothing waits
// for healthy targets: they are unhealthy until BPA's own ingress runs.
func (i *Ingress) newListener(ctx *pulumi.Context, balancer *lb.LoadBalancer, l Listener) error {
	group, err := lb.NewTargetGroup(ctx, fmt.Sprintf("%s-%d", i.name, l.Port), &lb.TargetGroupArgs{
		VpcId: i.args.VpcID.ToStringOutput().ToStringPtrOutput(), TargetType: pulumi.String("instance"), Protocol: pulumi.String("HTTPS"),
		Port: pulumi.Int(l.NodePort), DeregistrationDelay: pulumi.Int(60),
		HealthCheck: &lb.TargetGroupHealthCheckArgs{
			// Any answer means that the ingress is there; a portal may well answer 401 or 404 on /.
			Protocol: pulumi.String("HTTPS"), Path: pulumi.String("/"), Matcher: pulumi.String("200-499"), Interval: pulumi.Int(15),
			HealthyThreshold: pulumi.Int(2), UnhealthyThreshold: pulumi.Int(3),
		},
	}, pulumi.Parent(i))
	if err != nil {
		return err
	}
	i.TargetGroupARNSuffixes = append(i.TargetGroupARNSuffixes, group.ArnSuffix)
	if _, err := lb.NewListener(ctx, fmt.Sprintf("%s-%d", i.name, l.Port), &lb.ListenerArgs{
		LoadBalancerArn: balancer.Arn,
		Port:            pulumi.Int(l.Port),
		Protocol:        pulumi.String("HTTPS"),
		SslPolicy:       pulumi.String(i.args.TLSPolicy),
		CertificateArn:  i.CertificateARN,
		DefaultActions: lb.ListenerDefaultActionArray{&lb.ListenerDefaultActionArgs{
			Type: pulumi.String("forward"), TargetGroupArn: group.Arn,
		}},
	}, pulumi.Parent(i)); err != nil {
		return err
	}
	for _, target := range i.args.Targets {
		if _, err := autoscaling.NewAttachment(ctx, fmt.Sprintf("%s-%d-%s", i.name, l.Port, target.Name), &autoscaling.AttachmentArgs{
			AutoscalingGroupName: target.AutoScalingGroupName, LbTargetGroupArn: group.Arn,
		}, pulumi.Parent(i)); err != nil {
			return fmt.Errorf("%s: %w", target.Name, err)
		}
	}
	return nil
}
