// Package atlas builds MongoDB Atlas (R12) and joins it to the VPC through a private endpoint (R05, R13, R27).
package atlas

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/rotation"
)

// PrivateEndpoint says where the AWS side of the endpoint lies.
type PrivateEndpoint struct {
	VpcID pulumi.StringInput
	// SubnetIDs are one a zone: an interface endpoint takes no more (docs/facts.md §4). Those are used whose zone Atlas offers its
	// service in.
	SubnetIDs pulumi.StringArray
	// Zones are those of the subnets, in their order. Nil: AWS is asked.
	Zones []string
	// Provider of the account that owns the VPC, nil for the stack's own (R27).
	Provider *aws.Provider
}

// Args are the arguments of New.
type Args struct {
	// Atlas is what the configuration says: without ProjectID, a project named ProjectName is made in organisation OrgID, and
	// Atlas chooses the patch of Version. RestoreFrom puts a backup in the place of what the cluster holds.
	config.Atlas
	Account     account.Account
	ProjectName string
	// ClusterName has 1-64 characters, of which the first 23 are unique in the project.
	ClusterName string
	// Generation goes up for another user, with a password of its own: `bpa`, `bpa-1`, `bpa-2`. The one before is deleted
	// after all that needs the new one is in place.
	Generation int
	Endpoint   PrivateEndpoint
	// IngressCIDRs may connect to the endpoint: the node and the pod range.
	IngressCIDRs []string
	// Protect refuses to delete project and cluster.
	Protect bool
}

// Atlas is the component.
type Atlas struct {
	pulumi.ResourceState

	ProjectID   pulumi.StringOutput `pulumi:"projectId"`
	ClusterName pulumi.StringOutput `pulumi:"clusterName"`
	// EndpointID is the VPC endpoint's.
	EndpointID pulumi.StringOutput `pulumi:"endpointId"`
	// ConnectionString is the SRV string of our own endpoint. It holds no credentials.
	ConnectionString pulumi.StringOutput `pulumi:"connectionString"`
	// Username is who logs in. Who uses it waits for that user.
	Username pulumi.StringOutput
	// Password is secret.
	Password pulumi.StringOutput
	// Ready is what the application waits for.
	Ready []pulumi.Resource

	name string
	args *Args
}

// New builds project, endpoint, cluster and user. Endpoint and cluster are made side by side, and the connection string is
// looked up after both (docs/facts.md §3).
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Atlas, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	a := &Atlas{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:atlas:Atlas", name, a, opts...); err != nil {
		return nil, fmt.Errorf("atlas: %w", err)
	}
	if err := a.newProject(ctx); err != nil {
		return nil, fmt.Errorf("atlas: project: %w", err)
	}
	service, err := a.newEndpoint(ctx)
	if err != nil {
		return nil, fmt.Errorf("atlas: private endpoint: %w", err)
	}
	cluster, err := a.newCluster(ctx)
	if err != nil {
		return nil, fmt.Errorf("atlas: cluster: %w", err)
	}
	restored, err := a.restore(ctx, cluster)
	if err != nil {
		return nil, fmt.Errorf("atlas: restore: %w", err)
	}
	if err := a.newUser(ctx, cluster); err != nil {
		return nil, fmt.Errorf("atlas: database user: %w", err)
	}
	a.ClusterName = cluster.Name
	a.ConnectionString = a.lookUpConnectionString(ctx, cluster, service, restored)
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{
		"projectId": a.ProjectID, "clusterName": a.ClusterName, "endpointId": a.EndpointID, "connectionString": a.ConnectionString,
	})
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Atlas)
	p.Require(a.ProjectID != "" || a.ProjectName != "", "ProjectName", nil, "must be given, or projectId")
	p.Require(a.ClusterName != "" && len(a.ClusterName) <= 64, "ClusterName", a.ClusterName, "must have 1-64 characters")
	p.Require(!a.PointInTimeRecovery || a.RestoreWindowDays > 0, "restoreWindowDays", a.RestoreWindowDays,
		"must be given, with pointInTimeRecovery")
	p.Require(a.Endpoint.VpcID != nil && len(a.Endpoint.SubnetIDs) > 0, "Endpoint", nil, "must have a VPC and a subnet a zone")
	p.Require(a.Endpoint.Zones == nil || len(a.Endpoint.Zones) == len(a.Endpoint.SubnetIDs), "Endpoint.Zones", a.Endpoint.Zones,
		"must be the zone of each subnet")
	p.Require(len(a.IngressCIDRs) > 0, "IngressCIDRs", nil, "must list who may connect")
	return p.Err("atlas: ")
}

// region in Atlas's form: US_WEST_2.
func (a *Atlas) region() string {
	return strings.ToUpper(strings.ReplaceAll(a.args.Account.Region, "-", "_"))
}

func (a *Atlas) newProject(ctx *pulumi.Context) error {
	if a.args.ProjectID != "" {
		a.ProjectID = pulumi.String(a.args.ProjectID).ToStringOutput()
		return nil
	}
	project, err := mongodbatlas.NewProject(ctx, a.name+"-project", &mongodbatlas.ProjectArgs{
		OrgId: pulumi.String(a.args.OrgID), Name: pulumi.String(a.args.ProjectName),
	}, pulumi.Parent(a), pulumi.Protect(a.args.Protect))
	if err != nil {
		return err
	}
	a.ProjectID = project.ID().ToStringOutput()
	return nil
}

// newEndpoint joins the two sides: Atlas offers a service, AWS gets an endpoint for it, and Atlas is told the endpoint's
// id (R13).
func (a *Atlas) newEndpoint(ctx *pulumi.Context) (*mongodbatlas.PrivateLinkEndpointService, error) {
	link, err := mongodbatlas.NewPrivateLinkEndpoint(ctx, a.name+"-link", &mongodbatlas.PrivateLinkEndpointArgs{
		ProjectId: a.ProjectID, ProviderName: pulumi.String("AWS"), Region: pulumi.String(a.region()),
	}, pulumi.Parent(a), pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "1h", Delete: "1h"}))
	if err != nil {
		return nil, err
	}
	group, err := a.newSecurityGroup(ctx)
	if err != nil {
		return nil, fmt.Errorf("security group: %w", err)
	}
	endpoint, err := ec2.NewVpcEndpoint(ctx, a.name+"-endpoint", &ec2.VpcEndpointArgs{
		VpcId: a.args.Endpoint.VpcID, ServiceName: link.EndpointServiceName, VpcEndpointType: pulumi.String("Interface"),
		SubnetIds: a.subnets(ctx, link.EndpointServiceName), SecurityGroupIds: pulumi.StringArray{group.ID()},
		Tags: pulumi.StringMap{"Name": pulumi.String(a.args.ClusterName + "-atlas")},
	}, a.endpointOptions()...)
	if err != nil {
		return nil, err
	}
	a.EndpointID = endpoint.ID().ToStringOutput()
	return mongodbatlas.NewPrivateLinkEndpointService(ctx, a.name+"-service", &mongodbatlas.PrivateLinkEndpointServiceArgs{
		ProjectId: a.ProjectID, PrivateLinkId: link.PrivateLinkId, EndpointServiceId: a.EndpointID, ProviderName: pulumi.String("AWS"),
	}, pulumi.Parent(a), pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "2h", Delete: "2h"}))
}

// endpointOptions put the AWS side into the parent account, where there is one (R27).
func (a *Atlas) endpointOptions() []pulumi.ResourceOption {
	options := []pulumi.ResourceOption{pulumi.Parent(a)}
	if a.args.Endpoint.Provider != nil {
		options = append(options, pulumi.Provider(a.args.Endpoint.Provider))
	}
	return options
}

// newSecurityGroup admits every TCP port, as the paper asks and as Atlas needs (it listens from 1024 on), but from nodes
// and pods only (R27).
func (a *Atlas) newSecurityGroup(ctx *pulumi.Context) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, a.name+"-group", &ec2.SecurityGroupArgs{
		VpcId: a.args.Endpoint.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("MongoDB Atlas from nodes and pods"),
	}, a.endpointOptions()...)
	if err != nil {
		return nil, err
	}
	for _, cidr := range a.args.IngressCIDRs {
		if _, err := vpc.NewSecurityGroupIngressRule(ctx, a.name+"-from-"+cidr, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(0), ToPort: pulumi.Int(65535),
			CidrIpv4: pulumi.String(cidr), Description: pulumi.String("MongoDB"),
		}, a.endpointOptions()...); err != nil {
			return nil, err
		}
	}
	return group, nil
}

func (a *Atlas) newCluster(ctx *pulumi.Context) (*mongodbatlas.AdvancedCluster, error) {
	args := &mongodbatlas.AdvancedClusterArgs{
		ProjectId:                    a.ProjectID,
		Name:                         pulumi.String(a.args.ClusterName),
		ClusterType:                  pulumi.String("REPLICASET"),
		MongoDbMajorVersion:          pulumi.String(a.args.Version),
		BackupEnabled:                pulumi.Bool(true),
		PitEnabled:                   pulumi.Bool(a.args.PointInTimeRecovery),
		TerminationProtectionEnabled: pulumi.Bool(a.args.TerminationProtection),
		ReplicationSpecs: mongodbatlas.AdvancedClusterReplicationSpecArray{&mongodbatlas.AdvancedClusterReplicationSpecArgs{
			RegionConfigs: mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArray{
				&mongodbatlas.AdvancedClusterReplicationSpecRegionConfigArgs{
					ProviderName: pulumi.String("AWS"), RegionName: pulumi.String(a.region()), Priority: pulumi.Int(7),
					ElectableSpecs: &mongodbatlas.AdvancedClusterReplicationSpecRegionConfigElectableSpecsArgs{
						InstanceSize: pulumi.String(a.args.InstanceSize),
						NodeCount:    pulumi.Int(3),
						DiskSizeGb:   pulumi.Float64(float64(a.args.DiskGiB)),
					},
				},
			},
		}},
	}
	if a.args.RetainBackups {
		args.RetainBackupsEnabled = pulumi.Bool(true)
	}
	cluster, err := mongodbatlas.NewAdvancedCluster(ctx, a.name+"-cluster", args, pulumi.Parent(a), pulumi.Protect(a.args.Protect),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "3h", Update: "3h", Delete: "3h"}))
	if err != nil {
		return nil, err
	}
	if err := a.newBackupSchedule(ctx, cluster); err != nil {
		return nil, fmt.Errorf("backup schedule: %w", err)
	}
	a.Ready = append(a.Ready, cluster)
	return cluster, nil
}

// newBackupSchedule takes the place of Atlas's own. A moment is restored from the snapshot before it, so the window is no longer
// than hourly snapshots are kept, and these no longer than daily ones (docs/facts.md §3).
func (a *Atlas) newBackupSchedule(ctx *pulumi.Context, cluster *mongodbatlas.AdvancedCluster) error {
	args := &mongodbatlas.CloudBackupScheduleArgs{
		ProjectId: a.ProjectID, ClusterName: cluster.Name, ReferenceHourOfDay: pulumi.Int(7), ReferenceMinuteOfHour: pulumi.Int(0),
		PolicyItemDaily: &mongodbatlas.CloudBackupSchedulePolicyItemDailyArgs{
			FrequencyInterval: pulumi.Int(1), RetentionUnit: pulumi.String("days"), RetentionValue: pulumi.Int(a.args.BackupRetentionDays),
		},
	}
	if a.args.PointInTimeRecovery {
		args.RestoreWindowDays = pulumi.Int(a.args.RestoreWindowDays)
		args.PolicyItemHourly = &mongodbatlas.CloudBackupSchedulePolicyItemHourlyArgs{
			FrequencyInterval: pulumi.Int(6), RetentionUnit: pulumi.String("days"), RetentionValue: pulumi.Int(a.args.RestoreWindowDays),
		}
	}
	_, err := mongodbatlas.NewCloudBackupSchedule(ctx, a.name+"-backup", args, pulumi.Parent(a),
		pulumi.ReplaceOnChanges([]string{"clusterName"})) // the provider would ask for the schedule of the old one
	return err
}

// newUser may read and write the given databases of this cluster, and nothing else (R12).
func (a *Atlas) newUser(ctx *pulumi.Context, cluster *mongodbatlas.AdvancedCluster) error {
	if given := a.args.Password.Input(); given != nil {
		a.Password = given.ToStringOutput()
	} else {
		// The password becomes part of connection strings: only characters that mean nothing in a URL.
		generated, err := random.NewRandomPassword(ctx, a.name+"-password", &random.RandomPasswordArgs{
			Length:     pulumi.Int(32),
			Special:    pulumi.Bool(false),
			MinLower:   pulumi.Int(2),
			MinUpper:   pulumi.Int(2),
			MinNumeric: pulumi.Int(2),
			Keepers:    rotation.Keepers(a.args.Generation),
		}, pulumi.Parent(a), pulumi.AdditionalSecretOutputs([]string{"result", "bcryptHash"}))
		if err != nil {
			return err
		}
		a.Password = generated.Result
	}
	roles := mongodbatlas.DatabaseUserRoleArray{}
	for _, database := range a.args.Databases {
		roles = append(
			roles,
			&mongodbatlas.DatabaseUserRoleArgs{RoleName: pulumi.String("readWrite"), DatabaseName: pulumi.String(database)},
		)
	}
	username := a.args.Username
	if a.args.Generation > 0 {
		username = fmt.Sprintf("%s-%d", username, a.args.Generation)
	}
	user, err := mongodbatlas.NewDatabaseUser(ctx, a.name+"-user", &mongodbatlas.DatabaseUserArgs{
		ProjectId: a.ProjectID, Username: pulumi.String(username), AuthDatabaseName: pulumi.String("admin"), Roles: roles,
		Password: pulumi.ToSecret(a.Password).(pulumi.StringOutput).ToStringPtrOutput(),
		Scopes: mongodbatlas.DatabaseUserScopeArray{&mongodbatlas.DatabaseUserScopeArgs{
			Name: cluster.Name.ToStringPtrOutput(), Type: pulumi.String("CLUSTER"),
		}},
	}, pulumi.Parent(a))
	if err != nil {
		return err
	}
	a.Username, a.Ready = user.Username, append(a.Ready, user)
	return nil
}
