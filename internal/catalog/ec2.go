package catalog

import "time"

// The types of ec2.
const (
	EC2DefaultNetworkAcl           = "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl"
	EC2DefaultSecurityGroup        = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	EC2Eip                         = "aws:ec2/eip:Eip"
	EC2FlowLog                     = "aws:ec2/flowLog:FlowLog"
	EC2Instance                    = "aws:ec2/instance:Instance"
	EC2InternetGateway             = "aws:ec2/internetGateway:InternetGateway"
	EC2LaunchTemplate              = "aws:ec2/launchTemplate:LaunchTemplate"
	EC2NatGateway                  = "aws:ec2/natGateway:NatGateway"
	EC2NetworkAcl                  = "aws:ec2/networkAcl:NetworkAcl"
	EC2NetworkAclRule              = "aws:ec2/networkAclRule:NetworkAclRule"
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
		Token:   EC2DefaultNetworkAcl,
		Exposes: aclRules,
	},
	{
		Token:   EC2DefaultSecurityGroup,
		Exposes: rules,
		Price:   Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateTags"}, On: OnSecurityGroup, If: Unclaimed},
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "sg-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group/{id}", "name": "default", "ownerId": "{account}",
			},
		},
		Failures: inOneCall,
		None:     none(quiet, plain, instant, None{Loss: notMissed}),
	},
	{
		Token: EC2Eip,
		Loss: Loss{
			Lost: "a public address that others may have allowed",
		},
		Waits: []Wait{
			{For: []string{EC2InternetGateway, EC2Route}, Why: "a public address needs a gateway, and must go before it goes"},
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:AllocateAddress"}, On: OnElasticIp, If: Made},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:ReleaseAddress"}, On: OnElasticIp, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "eipalloc-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:elastic-ip/{id}", "allocationId": "{id}",
				"publicIp": "198.51.100.{octet}",
			},
			Replaces: []string{"ipamPoolId"}, Newer: []string{"ipamPoolId"},
			InUse: hasDependencies("InvalidIPAddress.InUse", "address"),
		},
		Failures: idBeforeWait("ec2/ec2_eip.go resourceEIPCreate"),
		None:     none(quiet, closed, plain, None{Exposes: "what has the address opens it", Duration: atOnce}),
	},
	{
		Token: EC2FlowLog,
		Loss: Loss{
			Unfelt: Always,
		},
		Waits: []Wait{
			{For: []string{IAMRolePolicy}, Why: "without the right to write it fails"},
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateFlowLogs"}, On: OnVpcFlowLog, If: Made},
				{Actions: []string{"ec2:CreateFlowLogs"}, On: OnVpc, If: Own},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "vpc-flow-logs.amazonaws.com"},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeFlowLogs"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteFlowLogs"}, On: OnVpcFlowLog, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "fl-{hex:17}", Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{id}"},
		},
		Failures: []Failure{{Atomic, awsCode + "ec2/vpc_flow_log.go resourceLogFlowCreate"}},
		None:     none(quiet, closed, plain, None{Duration: atOnce}),
	},
	{
		Token: EC2Instance,
		Loss: Loss{
			Lost:     "what is on the instance's disk",
			Downtime: "the instance is away until the new one runs",
		},
		Exposes: public("associatePublicIpAddress", "the instance's public address", 0),
		Waits: []Wait{
			{For: []string{EC2Route, EC2RouteTableAssociation, EC2NatGateway}, Why: "it registers with Systems Manager when it boots"},
		},
		Duration: Duration{Create: 30 * time.Second, Delete: time.Minute, Source: Plan},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:RunInstances"}, On: OnInstance, If: Made},
				{Actions: []string{"ec2:RunInstances"}, On: OnVolume},
				{Actions: []string{"ec2:RunInstances"}, On: OnNetworkInterface},
				{Actions: []string{"ec2:RunInstances"}, On: OnImage},
				{Actions: []string{"ec2:RunInstances"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:RunInstances"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"iam:PassRole"}, On: OnRole, If: PassedTo, Service: "ec2.amazonaws.com"},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeInstances", "ec2:DescribeInstanceCreditSpecifications", "ec2:DescribeInstanceTypes", "ec2:DescribeIamInstanceProfileAssociations", "ec2:DescribeImages", "ec2:DescribeNetworkInterfaces", "ec2:DescribeTags", "ec2:DescribeVolumes"}},
				{Actions: []string{"ec2:DescribeInstanceAttribute"}, On: OnInstance, If: Own},
				{Actions: []string{"iam:GetInstanceProfile"}, On: OnInstanceProfile},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ModifyInstanceAttribute", "ec2:ModifyInstanceCreditSpecification", "ec2:ModifyInstanceMetadataOptions", "ec2:StartInstances", "ec2:StopInstances"}, On: OnInstance, If: Own},
				{Actions: []string{"ec2:ModifyInstanceAttribute"}, On: OnSecurityGroup, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:TerminateInstances"}, On: OnInstance, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "i-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:instance/{id}", "instanceState": "running",
				"privateIp": "10.20.0.{octet}",
			},
			Newer: []string{"enablePrimaryIpv6"},
		},
		Failures: idBeforeWait("ec2/ec2_instance.go resourceInstanceCreate"),
		None:     none(quiet, plain),
	},
	{
		Token: EC2InternetGateway,
		Loss: Loss{
			Downtime: "no way in from or out to the internet until it is back",
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateInternetGateway"}, On: OnInternetGateway, If: Made},
				{Actions: []string{"ec2:AttachInternetGateway"}, On: OnInternetGateway, If: Own},
				{Actions: []string{"ec2:AttachInternetGateway"}, On: OnVpc, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeInternetGateways"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DetachInternetGateway", "ec2:DeleteInternetGateway"}, On: OnInternetGateway, If: Own},
				{Actions: []string{"ec2:DetachInternetGateway"}, On: OnVpc, If: Own},
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
		Loss: Loss{
			Unfelt: Always,
		},
		Effects: []Effect{
			{Property: "userData", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "imageId", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "instanceType", Downtime: nodeRolls, Typical: 7 * time.Minute},
			{Property: "blockDeviceMappings", Downtime: nodeRolls, Typical: 7 * time.Minute},
		},
		Guards: []Guard{
			{"metadataOptions.httpTokens", unlike("required"), "credentials of the instance can be had without a token (IMDSv1)"},
		},
		Exposes: possible(publicCards),
		Price:   Price{Free: "what is launched from it is paid for"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateLaunchTemplate"}, On: OnLaunchTemplate, If: Made},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"}, On: OnLaunchTemplate, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteLaunchTemplate"}, On: OnLaunchTemplate, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "lt-{hex:17}", Name: Naming{"name", 128, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:launch-template/{id}", "defaultVersion": 1.0},
			InUse:   hasDependencies("DependencyViolation", "launch template"),
		},
		Failures: []Failure{{Atomic, awsCode + "ec2/ec2_launch_template.go resourceLaunchTemplateCreate"}},
		None: none(plain, instant, None{
			Refusals: noRefusal, Runs: "the age of its image is looked at where the stack file names it",
		}),
	},
	{
		Token: EC2NatGateway,
		Loss: Loss{
			Lost:     "the public addresses that others may have allowed",
			Downtime: "no way out to the internet until the new gateway is up",
		},
		Waits: []Wait{
			{For: []string{EC2InternetGateway, EC2Route}, Why: "a public address needs a gateway, and must go before it goes"},
		},
		// 1.4-2.1, 0.7-1.6 min
		Duration: Duration{Create: 105 * time.Second, Delete: 70 * time.Second, Source: Logs},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateNatGateway"}, On: OnNatgateway, If: Made},
				{Actions: []string{"ec2:CreateNatGateway"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:CreateNatGateway"}, On: OnElasticIp, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeNatGateways"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteNatGateway"}, On: OnNatgateway, If: Own},
			},
		},
		Simulation: Simulation{ID: "nat-{hex:17}", Outputs: map[string]any{"networkInterfaceId": "eni-{hex:17}"}},
		Failures:   idBeforeWait("ec2/vpc_nat_gateway.go resourceNATGatewayCreate"),
		None:       none(quiet, closed, plain, None{Exposes: "lets out, and nobody in"}),
	},
	{
		Token:   EC2NetworkAcl,
		Exposes: aclRules,
	},
	{
		Token: EC2NetworkAclRule,
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
			ImportID: "{routeTableId}_{destinationCidrBlock}",
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
			Create: []Grant{
				{Actions: []string{"ec2:CreateRoute"}, On: OnRouteTable, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeRouteTables"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ReplaceRoute"}, On: OnRouteTable, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteRoute"}, On: OnRouteTable, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "r-{routeTableId}{hex:9}", Outputs: map[string]any{"state": "active", "origin": "CreateRoute"},
		},
		Failures: idBeforeWait("ec2/vpc_route.go resourceRouteCreate"),
		None:     none(plain, instant, None{Guards: noGuard, Refusals: noRefusal}),
	},
	{
		Token: EC2RouteTable,
		Loss: Loss{
			Downtime: "no way along its routes for some seconds",
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateRouteTable"}, On: OnRouteTable, If: Made},
				{Actions: []string{"ec2:CreateRouteTable"}, On: OnVpc, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeRouteTables"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DisassociateRouteTable", "ec2:DeleteRouteTable"}, On: OnRouteTable, If: Own},
			},
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
			ImportID: "{subnetId}/{routeTableId}",
		},
		Loss: Loss{
			Downtime: "the subnet uses the VPC's main routes for some seconds",
			Unfelt:   Deleted,
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:AssociateRouteTable"}, On: OnRouteTable, If: Own},
				{Actions: []string{"ec2:AssociateRouteTable"}, On: OnSubnet, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeRouteTables"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ReplaceRouteTableAssociation"}, On: OnRouteTable, If: Own},
				{Actions: []string{"ec2:ReplaceRouteTableAssociation"}, On: OnSubnet, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DisassociateRouteTable"}, On: OnRouteTable, If: Own},
				{Actions: []string{"ec2:DisassociateRouteTable"}, On: OnSubnet, If: Own},
			},
		},
		Simulation: Simulation{ID: "rtbassoc-{hex:17}"},
		Failures:   idBeforeWait("ec2/vpc_route_table_association.go resourceRouteTableAssociationCreate"),
		None:       none(quiet, closed, plain, instant),
	},
	{
		Token: EC2SecurityGroup,
		Loss: Loss{
			Downtime: "connections through it are refused in between",
		},
		Exposes: rules,
		Price:   Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateSecurityGroup"}, On: OnSecurityGroup, If: Made},
				{Actions: []string{"ec2:CreateSecurityGroup"}, On: OnVpc, If: Own},
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress"}, On: OnSecurityGroup, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:DeleteSecurityGroup"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:DescribeNetworkInterfaces"}},
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
		Token: EC2SecurityGroupRule,
		Loss: Loss{
			Downtime: "connections by the rule are refused in between",
			Unfelt:   Deleted,
		},
		Exposes: func(_ string, in map[string]any) []Opening {
			return ways(in["type"] == "egress", rule(in, in["securityGroupId"], "protocol"))
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"}, On: OnSecurityGroupRule},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress"}, On: OnSecurityGroup, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"}, On: OnSecurityGroup, If: Own},
			},
		},
		Simulation: Simulation{
			ID: "sgrule-{hex:17}",
			Outputs: map[string]any{
				"arn": "arn:{partition}:ec2:{region}:{account}:security-group-rule/{id}", "securityGroupRuleId": "{id}",
			},
		},
		Failures: []Failure{{CreatedIDLost, awsCode + "ec2/vpc_security_group_rule.go resourceSecurityGroupRuleCreate"}},
		None:     none(quiet, plain, instant),
	},
	{
		Token: EC2Subnet,
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
				{Actions: []string{"ec2:CreateSubnet"}, On: OnSubnet, If: Made},
				{Actions: []string{"ec2:CreateSubnet"}, On: OnVpc, If: Own},
				{Actions: []string{"ec2:ModifySubnetAttribute"}, On: OnSubnet, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeSubnets"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ModifySubnetAttribute"}, On: OnSubnet, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteSubnet"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:DescribeNetworkInterfaces"}},
			},
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
		Loss: Loss{
			Downtime: "everything in the VPC is down: all of it must be replaced",
		},
		Price: Price{Free: "a VPC costs nothing itself"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateVpc"}, On: OnVpc, If: Made},
				{Actions: []string{"ec2:ModifyVpcAttribute"}, On: OnVpc, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeVpcs", "ec2:DescribeNetworkAcls", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups"}},
				{Actions: []string{"ec2:DescribeVpcAttribute"}, On: OnVpc, If: Own},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ModifyVpcAttribute"}, On: OnVpc, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteVpc"}, On: OnVpc, If: Own},
			},
		},
		Simulation: Simulation{
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
		Loss: Loss{
			Downtime: "no way to the service until the new endpoint is up",
		},
		// 1-3 min
		Duration: Duration{Create: 2 * time.Minute, Delete: time.Minute, Source: Plan},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:CreateVpcEndpoint"}, On: OnVpcEndpoint, If: Made},
				{Actions: []string{"ec2:CreateVpcEndpoint"}, On: OnVpc, If: Own},
				{Actions: []string{"ec2:CreateVpcEndpoint"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:CreateVpcEndpoint"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:CreateVpcEndpoint"}, On: OnRouteTable, If: Own},
				{Actions: []string{"route53:AssociateVPCWithHostedZone"}, On: OnHostedZone},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"}},
			},
			Update: []Grant{
				{Actions: []string{"ec2:ModifyVpcEndpoint"}, On: OnVpcEndpoint, If: Own},
				{Actions: []string{"ec2:ModifyVpcEndpoint"}, On: OnSubnet, If: Own},
				{Actions: []string{"ec2:ModifyVpcEndpoint"}, On: OnSecurityGroup, If: Own},
				{Actions: []string{"ec2:ModifyVpcEndpoint"}, On: OnRouteTable, If: Own},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DeleteVpcEndpoints"}, On: OnVpcEndpoint, If: Own},
			},
		},
		Simulation: Simulation{
			ID:       "vpce-{hex:17}",
			Outputs:  map[string]any{"arn": "arn:{partition}:ec2:{region}:{account}:vpc-endpoint/{id}", "ownerId": "{account}"},
			Replaces: []string{"resourceConfigurationArn", "serviceNetworkArn", "serviceRegion"},
			Newer:    []string{"resourceConfigurationArn", "serviceNetworkArn", "serviceRegion", "subnetConfigurations"},
		},
		Failures: idBeforeWait("ec2/vpc_endpoint.go resourceVPCEndpointCreate"),
		None:     none(quiet, closed, plain, None{Exposes: itsGroup, Waits: noWait}),
	},
	{
		Token: EC2VpcIpv4CidrBlockAssociation,
		Loss: Loss{
			Downtime: "what has an address in the range must move first",
		},
		Price: Price{Free: partOfVPC},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"ec2:AssociateVpcCidrBlock"}, On: OnVpc, If: Own},
			},
			Read: []Grant{
				{Actions: []string{"ec2:DescribeVpcs"}},
			},
			Delete: []Grant{
				{Actions: []string{"ec2:DisassociateVpcCidrBlock"}, On: OnVpc, If: Own},
			},
		},
		Simulation: Simulation{ID: "vpc-cidr-assoc-{hex:17}"},
		Failures:   idBeforeWait("ec2/vpc_ipv4_cidr_block_association.go resourceVPCIPv4CIDRBlockAssociationCreate"),
		None:       none(quiet, closed, plain, instant),
	},
}
