package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/zones"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// The types of ec2.
const (
	EC2DefaultNetworkACL           = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	EC2DefaultSecurityGroup        = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	EC2Eip                         = "aws:ec2/eip:Eip"
	EC2FlowLog                     = "aws:ec2/flowLog:FlowLog"
	EC2Instance                    = "aws:ec2/instance:Instance"
	EC2InternetGateway             = "aws:ec2/internetGateway:InternetGateway"
	EC2LaunchTemplate              = "aws:ec2/launchTemplate:LaunchTemplate"
	EC2NatGateway                  = "aws:ec2/natGateway:NatGateway"
	EC2NetworkACL                  = "aws:ec2/networkAcl:NetworkAcl"
	EC2NetworkACLRule              = "aws:ec2/networkAclRule:NetworkAclRule"
	EC2NetworkInterface            = "aws:ec2/networkInterface:NetworkInterface"
	EC2PlacementGroup              = "aws:ec2/placementGroup:PlacementGroup"
	EC2Route                       = "aws:ec2/route:Route"
	EC2RouteTable                  = "aws:ec2/routeTable:RouteTable"
	EC2RouteTableAssociation       = "aws:ec2/routeTableAssociation:RouteTableAssociation"
	EC2SecurityGroup               = "aws:ec2/securityGroup:SecurityGroup"
	EC2SecurityGroupRule           = "aws:ec2/securityGroupRule:SecurityGroupRule"
	EC2Subnet                      = "aws:ec2/subnet:Subnet"
	EC2Tag                         = "aws:ec2/tag:Tag"
	EC2VolumeAttachment            = "aws:ec2/volumeAttachment:VolumeAttachment"
	EC2Vpc                         = "aws:ec2/vpc:Vpc"
	EC2VpcEndpoint                 = "aws:ec2/vpcEndpoint:VpcEndpoint"
	EC2VpcIpv4CidrBlockAssociation = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
)

var ec2Types = []Type{
	{
		Token:   EC2DefaultNetworkACL,
		Exposes: aclRules,
	},
	{
		Token: EC2DefaultSecurityGroup,
		Identity: Identity{
			ARN:     "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
			Listing: Listing{"aws ec2 describe-security-groups", "SecurityGroups"},
		},
		Exposes: rules,
		Price:   Price{Free: partOfVPC},
		// Every VPC comes with this group. The provider tags it first, and only then empties it (vpc_default_security_group.go).
		Permissions: Permissions{
			Create: []Grant{
				onSecurityGroup.when(Unclaimed, "ec2:CreateTags"),
				groupRules,
			},
			Read:   []Grant{readsRules},
			Update: []Grant{groupRules},
		},
		Simulation: Simulation{
			ID: "sg-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}", "name": "default", "ownerId": "{account}",
			},
		},
		Failures: idBeforeWait("ec2/vpc_default_security_group.go resourceDefaultSecurityGroupCreate"),
		None:     none(quiet, plain, instant, None{Loss: notMissed}),
	},
	{
		Token: EC2Eip,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}",
		},
		Loss: Loss{
			Lost: "a public address that others may have allowed",
		},
		Waits: []Wait{
			{For: []string{EC2InternetGateway, EC2Route}, Why: "a public address needs a gateway, and must go before it goes"},
		},
		Price: Price{Rule: paysEach("ipv4.hour")},
		Permissions: Permissions{
			Create: []Grant{onElasticIP.when(Made, "ec2:AllocateAddress")},
			Read:   []Grant{anything.allow("ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute")},
			Delete: []Grant{onElasticIP.when(Own, "ec2:ReleaseAddress")},
		},
		Simulation: Simulation{
			ID: "eipalloc-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}", "allocationId": "{id}",
				"publicIp": "198.51.100.{octet}",
			},
			Replaces: []string{"ipamPoolId"},
			InUse:    hasDependencies("InvalidIPAddress.InUse", "address"),
		},
		Failures: idBeforeWait("ec2/ec2_eip.go resourceEIPCreate"),
		None:     none(quiet, closed, plain, None{Exposes: "what has the address opens it", Duration: atOnce}),
	},
	{
		Token: EC2FlowLog,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}",
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Waits: []Wait{
			{For: []string{IAMRolePolicy}, Why: "without the right to write it fails"},
		},
		Price: Price{Rule: paysUse("logs.ingested")},
		Permissions: Permissions{
			Create: []Grant{
				onVpcFlowLog.when(Made, "ec2:CreateFlowLogs"),
				onVpc.when(Own, "ec2:CreateFlowLogs"),
				passes("vpc-flow-logs.amazonaws.com"),
			},
			Read:   []Grant{anything.allow("ec2:DescribeFlowLogs")},
			Delete: []Grant{onVpcFlowLog.when(Own, "ec2:DeleteFlowLogs")},
		},
		Simulation: Simulation{
			ID: "fl-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"},
		},
		Failures: []Failure{{Class: Atomic, Source: awsCode + "ec2/vpc_flow_log.go resourceLogFlowCreate"}},
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
	{
		Token: EC2Instance,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:instance/{id}",
		},
		Loss: Loss{
			Lost:     "what is on the instance's disk",
			Downtime: "the instance is away until the new one runs",
		},
		Exposes: public("associatePublicIpAddress", "the instance's public address", 0),
		Waits: []Wait{
			{For: []string{EC2Route, EC2RouteTableAssociation, EC2NatGateway}, Why: "it registers with Systems Manager when it boots"},
		},
		Duration: Duration{Create: 30 * time.Second, Delete: time.Minute, Source: Plan},
		Price:    Price{Rule: priceInstance},
		Permissions: Permissions{
			Create: slices.Concat([]Grant{onInstance.when(Made, "ec2:RunInstances")}, instanceParts),
			Read: []Grant{
				anything.allow(
					"ec2:DescribeInstances", "ec2:DescribeInstanceCreditSpecifications", "ec2:DescribeInstanceTypes",
					"ec2:DescribeIamInstanceProfileAssociations", "ec2:DescribeImages", "ec2:DescribeNetworkInterfaces",
					"ec2:DescribeTags", "ec2:DescribeVolumes",
				),
				onInstance.when(Own, "ec2:DescribeInstanceAttribute"),
				onInstanceProfile.allow("iam:GetInstanceProfile"),
				// The stack's instance is the bastion, through which `bpactl connect` opens a session. Sources: Service Authorization
				// Reference, AWS Systems Manager and Amazon Message Gateway Service; Systems Manager user guide, "Sample IAM policies
				// for Session Manager".
				anything.allow("ssm:DescribeInstanceInformation", "ssmmessages:OpenDataChannel"),
				onInstance.when(Own, "ssm:StartSession"),
				onForwarding.allow("ssm:StartSession"),
				onSession.when(Opened, "ssm:TerminateSession"),
			},
			Update: []Grant{
				onInstance.when(
					Own, "ec2:ModifyInstanceAttribute", "ec2:ModifyInstanceCreditSpecification", "ec2:ModifyInstanceMetadataOptions",
					"ec2:StartInstances", "ec2:StopInstances",
				),
				onSecurityGroup.when(Own, "ec2:ModifyInstanceAttribute"),
			},
			Delete: []Grant{onInstance.when(Own, "ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:TerminateInstances")},
		},
		Simulation: Simulation{
			Plans: []Planned{{
				"enablePrimaryIpv6", func(before, after any) bool { return before == true && after == false },
				"planned so by provider 6.13.0",
			}},
			ID: "i-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:instance/{id}", "instanceState": "running",
				"privateIp": "10.20.0.{octet}",
			},
		},
		Failures: idBeforeWait("ec2/ec2_instance.go resourceInstanceCreate"),
		None:     none(quiet, plain),
	},
	{
		Token: EC2InternetGateway,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}",
		},
		Loss: Loss{
			Downtime: "no way in from or out to the internet until it is back",
		},
		Price: Price{Rule: paysUse("transfer.internet")},
		Permissions: Permissions{
			Create: []Grant{
				onInternetGateway.when(Made, "ec2:CreateInternetGateway"),
				onInternetGateway.when(Own, "ec2:AttachInternetGateway"),
				onVpc.when(Own, "ec2:AttachInternetGateway"),
			},
			Read: []Grant{anything.allow("ec2:DescribeInternetGateways")},
			Delete: []Grant{
				onInternetGateway.when(Own, "ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"),
				onVpc.when(Own, "ec2:DetachInternetGateway"),
			},
		},
		Simulation: Simulation{
			ID: "igw-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:internet-gateway/{id}"},
		},
		Failures: idBeforeWait("ec2/vpc_internet_gateway.go resourceInternetGatewayCreate"),
		None:     none(quiet, closed, plain, instant, None{Exposes: "the routes to it open it"}),
	},
	{
		Token: EC2LaunchTemplate,
		Identity: Identity{
			ARN:     "arn:{partition}:ec2:{region}:{account}:launch-template/{id}",
			Listing: Listing{"aws ec2 describe-launch-templates", "LaunchTemplates"},
		},
		Loss: Loss{
			Unfelt: Always,
		},
		Effects: []Effect{
			{Property: "userData", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "imageId", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "instanceType", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "blockDeviceMappings", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "iamInstanceProfile", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "metadataOptions", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "networkInterfaces", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "tagSpecifications", Note: "running instances get the tags and stay", Typical: time.Minute},
		},
		Guards: []Guard{
			{"metadataOptions.httpTokens", unlike("required"), "credentials of the instance can be had without a token (IMDSv1)"},
		},
		Exposes: possible(publicCards),
		Price:   Price{Free: "what is launched from it is paid for"},
		Permissions: Permissions{
			Create: []Grant{onLaunchTemplate.when(Made, "ec2:CreateLaunchTemplate")},
			Read:   []Grant{anything.allow("ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions")},
			Update: []Grant{onLaunchTemplate.when(Own, "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate")},
			Delete: []Grant{onLaunchTemplate.when(Own, "ec2:DeleteLaunchTemplate")},
		},
		Simulation: Simulation{
			ID: "lt-{hex:17}", Name: Naming{"name", 128, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:launch-template/{id}", "defaultVersion": 1.0},
			InUse:   hasDependencies("DependencyViolation", "launch template"),
			Recomputed: Recomputed{
				"latestVersion", []string{"name", "namePrefix", "description", "defaultVersion", "updateDefaultVersion"},
				awsCode + "ec2/ec2_launch_template.go resourceLaunchTemplate, CustomizeDiff",
			},
		},
		Failures: []Failure{{Class: Atomic, Source: awsCode + "ec2/ec2_launch_template.go resourceLaunchTemplateCreate"}},
		None: none(plain, instant, None{
			Refusals: noRefusal, Runs: "the age of its image is looked at where the stack file names it",
		}),
	},
	{
		Token: EC2NatGateway,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:natgateway/{id}",
		},
		Loss: Loss{
			Lost:     "the public addresses that others may have allowed",
			Downtime: "no way out to the internet until the new gateway is up",
		},
		Waits: []Wait{
			{For: []string{EC2InternetGateway, EC2Route}, Why: "a public address needs a gateway, and must go before it goes"},
		},
		// 1.4-2.1, 0.7-1.6 min
		Duration: Duration{Create: 105 * time.Second, Delete: 70 * time.Second, Source: Logs},
		Price:    Price{Rule: paysEach("nat.hour", "nat.gb", "transfer.zones")},
		Permissions: Permissions{
			Create: []Grant{
				onNatGateway.when(Made, "ec2:CreateNatGateway"),
				onSubnet.when(Own, "ec2:CreateNatGateway"),
				onElasticIP.when(Own, "ec2:CreateNatGateway"),
			},
			Read:   []Grant{anything.allow("ec2:DescribeNatGateways")},
			Delete: []Grant{onNatGateway.when(Own, "ec2:DeleteNatGateway")},
		},
		Simulation: Simulation{ID: "nat-{hex:17}", Outputs: map[string]any{"networkInterfaceId": "eni-{hex:17}"}},
		Failures:   idBeforeWait("ec2/vpc_nat_gateway.go resourceNATGatewayCreate"),
		None:       none(quiet, closed, plain, None{Exposes: "lets out, and nobody in"}),
	},
	{
		Token:   EC2NetworkACL,
		Exposes: aclRules,
	},
	{
		Token: EC2NetworkACLRule,
		Exposes: func(_ string, in map[string]any) []Opening {
			if in["ruleAction"] != "allow" {
				return nil
			}
			return ways(in["egress"] == true, aclRule(in, in["networkAclId"]))
		},
	},
	{
		Token: EC2NetworkInterface,
	},
	{
		Token: EC2PlacementGroup,
	},
	{
		Token: EC2Route,
		Identity: Identity{
			ImportID: form("{routeTableId}_{destinationCidrBlock}"),
			StateID:  routeID,
		},
		Loss: Loss{
			Downtime: "no way along the route for some seconds",
			Unfelt:   Deleted,
		},
		Effects: []Effect{
			{Property: "natGatewayId", Downtime: "open connections to the internet break, and are made anew"},
		},
		Exposes: gatewayRoute,
		Price:   Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{onRouteTable.when(Own, "ec2:CreateRoute")},
			Read:   []Grant{anything.allow("ec2:DescribeRouteTables")},
			Update: []Grant{onRouteTable.when(Own, "ec2:ReplaceRoute")},
			Delete: []Grant{onRouteTable.when(Own, "ec2:DeleteRoute")},
		},
		Simulation: Simulation{
			ID: AsRead, Outputs: map[string]any{"state": "active", "origin": "CreateRoute"},
		},
		Failures: idBeforeWait("ec2/vpc_route.go resourceRouteCreate"),
		None:     none(plain, instant, None{Guards: noGuard, Refusals: noRefusal}),
	},
	{
		Token: EC2RouteTable,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:route-table/{id}",
		},
		Loss: Loss{
			Downtime: "no way along its routes for some seconds",
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{onRouteTable.when(Made, "ec2:CreateRouteTable"), onVpc.when(Own, "ec2:CreateRouteTable")},
			Read:   []Grant{anything.allow("ec2:DescribeRouteTables")},
			Delete: []Grant{onRouteTable.when(Own, "ec2:DisassociateRouteTable", "ec2:DeleteRouteTable")},
		},
		Simulation: Simulation{
			ID: "rtb-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:route-table/{id}"},
			InUse:  hasDependencies("DependencyViolation", "routeTable"),
			Except: []string{EC2Route + ".routeTableId", EC2VpcEndpoint + ".routeTableIds"},
		},
		Failures: idBeforeWait("ec2/vpc_route_table.go resourceRouteTableCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: EC2RouteTableAssociation,
		Identity: Identity{
			ImportID: form("{subnetId}/{routeTableId}"),
			Listing:  Listing{"aws ec2 describe-route-tables", "RouteTables"},
		},
		Loss: Loss{
			Downtime: "the subnet uses the VPC's main routes for some seconds",
			Unfelt:   Deleted,
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{onRouteTable.when(Own, "ec2:AssociateRouteTable"), onSubnet.when(Own, "ec2:AssociateRouteTable")},
			Read:   []Grant{anything.allow("ec2:DescribeRouteTables")},
			Update: []Grant{
				onRouteTable.when(Own, "ec2:ReplaceRouteTableAssociation"),
				onSubnet.when(Own, "ec2:ReplaceRouteTableAssociation"),
			},
			Delete: []Grant{onRouteTable.when(Own, "ec2:DisassociateRouteTable"), onSubnet.when(Own, "ec2:DisassociateRouteTable")},
		},
		Simulation: Simulation{ID: "rtbassoc-{hex:17}"},
		Failures:   idBeforeWait("ec2/vpc_route_table_association.go resourceRouteTableAssociationCreate"),
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: EC2SecurityGroup,
		Identity: Identity{
			ARN:     "arn:{partition}:ec2:{region}:{account}:security-group/{id}",
			Listing: Listing{"aws ec2 describe-security-groups", "SecurityGroups"},
		},
		Loss: Loss{
			Downtime: "connections through it are refused in between",
		},
		Exposes: rules,
		Price:   Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				onSecurityGroup.when(Made, "ec2:CreateSecurityGroup"),
				onVpc.when(Own, "ec2:CreateSecurityGroup"),
				groupRules,
			},
			Read: []Grant{readsRules},
			Update: []Grant{
				groupRules,
				describesRules,
			},
			Delete: []Grant{
				groupRules,
				onSecurityGroup.when(Own, "ec2:DeleteSecurityGroup"),
				anything.allow("ec2:DescribeNetworkInterfaces"),
			},
		},
		Simulation: Simulation{
			ID: "sg-{hex:17}", Name: Naming{"name", 255, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}", "ownerId": "{account}"},
			InUse:   Answer{"DependencyViolation", "resource {id} has a dependent object ({blocker.type} {blocker.id})"},
			Except: []string{
				EC2SecurityGroupRule + ".securityGroupId",
				VPCSecurityGroupIngressRule + ".securityGroupId",
				VPCSecurityGroupEgressRule + ".securityGroupId",
			},
		},
		Failures: idBeforeWait("ec2/vpc_security_group.go resourceSecurityGroupCreate"),
		None:     none(quiet, plain, instant),
	},
	{
		// The older type of rule, which pulumi-eks makes. It has no tags.
		Token: EC2SecurityGroupRule,
		Identity: Identity{
			ImportID: securityGroupRuleID,
			StateID:  securityGroupRuleID,
			Listing:  Listing{"aws ec2 describe-security-group-rules", "SecurityGroupRules"},
		},
		Loss: Loss{
			Downtime: "connections by the rule are refused in between",
			Unfelt:   Deleted,
		},
		Exposes: func(_ string, in map[string]any) []Opening {
			return ways(in["type"] == "egress", rule(in, in["securityGroupId"], "protocol"))
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: authorizesRule,
			Read:   []Grant{readsRules},
			Update: []Grant{describesRules},
			Delete: []Grant{onSecurityGroup.when(Own, "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress")},
		},
		Simulation: Simulation{
			ID: AsRead, DeletesFirst: true,
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}",
			},
		},
		Failures: []Failure{{Class: CreatedIDLost, Source: awsCode + "ec2/vpc_security_group_rule.go resourceSecurityGroupRuleCreate"}},
		None:     none(quiet, plain, instant),
	},
	{
		Token: EC2Subnet,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:subnet/{id}",
		},
		Loss: Loss{
			Downtime: "what has an address in the subnet must move first",
		},
		Exposes: possible(public("mapPublicIpOnLaunch", "public addresses in the subnet", 0)),
		Waits: []Wait{
			{For: []string{EC2VpcIpv4CidrBlockAssociation}, Why: "a subnet's range must be associated first"},
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				onSubnet.when(Made, "ec2:CreateSubnet"),
				onVpc.when(Own, "ec2:CreateSubnet"),
				onSubnet.when(Own, "ec2:ModifySubnetAttribute"),
			},
			Read:   []Grant{anything.allow("ec2:DescribeSubnets")},
			Update: []Grant{onSubnet.when(Own, "ec2:ModifySubnetAttribute")},
			Delete: []Grant{onSubnet.when(Own, "ec2:DeleteSubnet"), anything.allow("ec2:DescribeNetworkInterfaces")},
		},
		Simulation: Simulation{
			ID:      "subnet-{hex:17}",
			Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:subnet/{id}", "ownerId": "{account}"},
			InUse:   hasDependencies("DependencyViolation", "subnet"), Except: []string{EC2RouteTableAssociation + ".subnetId"},
		},
		Failures: idBeforeWait("ec2/vpc_subnet.go resourceSubnetCreate"),
		None:     none(quiet, plain, None{Duration: atOnce}),
	},
	{
		Token: EC2Tag,
		Loss: Loss{
			Unfelt: Always,
		},
	},
	{
		Token:      EC2VolumeAttachment,
		Simulation: Simulation{ID: "vai-{hex:17}"},
	},
	{
		Token: EC2Vpc,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:vpc/{id}",
		},
		Loss: Loss{
			Downtime: "everything in the VPC is down: all of it must be replaced",
		},
		Price: Price{Free: "a VPC costs nothing itself"},
		Permissions: Permissions{
			Create: []Grant{onVpc.when(Made, "ec2:CreateVpc"), onVpc.when(Own, "ec2:ModifyVpcAttribute")},
			Read: []Grant{
				anything.allow("ec2:DescribeVpcs", "ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups"),
				onVpc.when(Own, "ec2:DescribeVpcAttribute"),
			},
			Update: []Grant{onVpc.when(Own, "ec2:ModifyVpcAttribute")},
			Delete: []Grant{onVpc.when(Own, "ec2:DeleteVpc")},
		},
		Simulation: Simulation{
			Plans: []Planned{{
				"instanceTenancy", func(before, after any) bool { return before != after && (before != "dedicated" || after != "default") },
				awsCode + "ec2/ec2_vpc.go resourceVPCCustomizeDiff",
			}},
			ID: "vpc-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:vpc/{id}", "ownerId": "{account}",
				"defaultSecurityGroupId": "sg-{hex:17}", "mainRouteTableId": "rtb-{hex:17}",
				"defaultNetworkAclId": "acl-{hex:17}",
			},
			InUse: hasDependencies("DependencyViolation", "vpc"), Except: []string{EC2DefaultSecurityGroup + ".vpcId"},
		},
		Failures: idBeforeWait("ec2/vpc_.go resourceVPCCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: EC2VpcEndpoint,
		Identity: Identity{
			ARN: "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}",
		},
		Loss: Loss{
			Downtime: "no way to the service until the new endpoint is up",
		},
		// 1-3 min
		Duration: Duration{Create: 2 * time.Minute, Delete: time.Minute, Source: Plan, Depends: gatewayAtOnce},
		Price:    Price{Rule: priceEndpoint},
		Permissions: Permissions{
			Create: []Grant{
				onVpcEndpoint.when(Made, "ec2:CreateVpcEndpoint"),
				onVpc.when(Own, "ec2:CreateVpcEndpoint"),
				onSubnet.when(Own, "ec2:CreateVpcEndpoint"),
				onSecurityGroup.when(Own, "ec2:CreateVpcEndpoint"),
				onRouteTable.when(Own, "ec2:CreateVpcEndpoint"),
				onHostedZone.allow("route53:AssociateVPCWithHostedZone"), // private DNS: a zone that AWS itself makes
			},
			Read: []Grant{anything.allow(
				"ec2:DescribePrefixLists", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeVpcEndpointServices",
			)},
			Update: []Grant{
				onVpcEndpoint.when(Own, "ec2:ModifyVpcEndpoint"),
				onSubnet.when(Own, "ec2:ModifyVpcEndpoint"),
				onSecurityGroup.when(Own, "ec2:ModifyVpcEndpoint"),
				onRouteTable.when(Own, "ec2:ModifyVpcEndpoint"),
			},
			Delete: []Grant{onVpcEndpoint.when(Own, "ec2:DeleteVpcEndpoints")},
		},
		Simulation: Simulation{
			ID:       "vpce-{hex:17}",
			Outputs:  map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}", "ownerId": "{account}"},
			Replaces: []string{"resourceConfigurationArn", "serviceNetworkArn", "serviceRegion"},
		},
		Failures: idBeforeWait("ec2/vpc_endpoint.go resourceVPCEndpointCreate"),
		None:     none(quiet, closed, plain, None{Exposes: itsGroup, Waits: noWait}),
	},
	{
		Token: EC2VpcIpv4CidrBlockAssociation,
		Identity: Identity{
			Listing: Listing{"aws ec2 describe-vpcs", "Vpcs"},
		},
		Loss: Loss{
			Downtime: "what has an address in the range must move first",
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{onVpc.when(Own, "ec2:AssociateVpcCidrBlock")},
			Read:   []Grant{anything.allow("ec2:DescribeVpcs")},
			Delete: []Grant{onVpc.when(Own, "ec2:DisassociateVpcCidrBlock")},
		},
		Simulation: Simulation{ID: "vpc-cidr-assoc-{hex:17}"},
		Failures:   idBeforeWait("ec2/vpc_ipv4_cidr_block_association.go resourceVPCIPv4CIDRBlockAssociationCreate"),
		None:       none(quiet, closed, plain, instant),
	},
}

// groupRules empties a group of the rules that it comes with, and fills it with those that it has inline.
var groupRules = onSecurityGroup.when(
	Own, "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress",
	"ec2:RevokeSecurityGroupIngress",
)

var (
	readsRules     = anything.allow("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules")
	describesRules = onSecurityGroup.when(
		Own, "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
	)
)

// authorizesRule makes a rule, to which both the group and the rule have a say.
var authorizesRule = []Grant{
	onSecurityGroup.when(Own, "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"),
	onSecurityGroupRule.allow("ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"),
}

// instanceParts is what an instance is run with, beside itself.
var instanceParts = []Grant{
	onVolume.allow("ec2:RunInstances"),
	onNetworkInterface.allow("ec2:RunInstances"),
	onImage.allow("ec2:RunInstances"),
	onSubnet.when(Own, "ec2:RunInstances"),
	onSecurityGroup.when(Own, "ec2:RunInstances"),
	passes("ec2.amazonaws.com"),
}

// priceInstance pays for a single one.
func priceInstance(p Pricing, r *stackdoc.Resource) {
	priceMachine(p, r.Text("instanceType"), 1)
	root := property.Object(r.Inputs, "rootBlockDevice")
	size := root["volumeSize"]
	if size == nil {
		size = property.Get(r.Outputs, "rootBlockDevice", "volumeSize")
	}
	if size == nil || stackdoc.IsUnknown(size) {
		size = 8.0
		p.Assume("a root disk without a size has the 8 GB of Amazon Linux 2023's image")
	}
	priceDisk(p, map[string]any{"volumeType": root["volumeType"], "volumeSize": size}, 1)
	if property.True(r.Inputs, "associatePublicIpAddress") {
		p.Paid("ipv4.hour", 1)
	}
}

// priceMachine pays for instances of a type.
func priceMachine(p Pricing, typ string, n float64) {
	if typ == "" {
		p.Missing("its instance type is not known")
		return
	}
	p.Paid("ec2."+typ, n)
	p.ByUse("transfer.zones")
	if strings.HasPrefix(typ, "t") {
		p.ByUse("ec2.credits")
	}
}

// priceEndpoint pays for an interface endpoint in each of its subnets, of which there is one a zone. Gateway endpoints are free.
func priceEndpoint(p Pricing, r *stackdoc.Resource) {
	switch kind := r.Text("vpcEndpointType"); kind {
	case "", "Gateway":
	case "Interface":
		if subnets := r.Property("subnetIds"); stackdoc.IsUnknown(subnets) {
			p.Assume("an interface endpoint whose subnets are known only after up has one in each of the %d zones", zones.Count)
			p.Paid("endpoint.hour", zones.Count)
		} else {
			p.Paid("endpoint.hour", float64(len(property.List(subnets))))
		}
		p.ByUse("endpoint.gb")
	default:
		p.Missing("VPC endpoints of type %s: the table has prices of Interface alone", kind)
	}
}

// gatewayAtOnce: a gateway endpoint is an entry in route tables, and has no interfaces to make.
func gatewayAtOnce(d Duration, in map[string]any) Duration {
	if in["vpcEndpointType"] == "Gateway" {
		d.Create, d.Delete = 5*time.Second, 5*time.Second
	}
	return d
}
