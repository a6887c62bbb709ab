package atlas_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-mongodbatlas/sdk/v3/go/mongodbatlas"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/atlas"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const (
	clusterType  = "mongodbatlas:index/advancedCluster:AdvancedCluster"
	scheduleType = "mongodbatlas:index/cloudBackupSchedule:CloudBackupSchedule"
	serviceType  = "mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

func args() *atlas.Args {
	return &atlas.Args{
		Atlas: config.Atlas{
			OrgID:                 "0123456789abcdef01234567",
			Version:               "7.0",
			InstanceSize:          "M30",
			DiskGiB:               40,
			BackupRetentionDays:   14,
			PointInTimeRecovery:   true,
			RestoreWindowDays:     7,
			TerminationProtection: true,
			Username:              "bpa",
			Databases:             []string{"bpa", "audit"},
		},
		Account: testkit.Account, ProjectName: "bpa-test", ClusterName: "bpa-test",
		IngressCIDRs: []string{"100.64.0.0/16", "10.20.0.0/16"}, Protect: true,
		Endpoint: atlas.PrivateEndpoint{
			VpcID: pulumi.String("vpc-1"), SubnetIDs: pulumi.StringArray{pulumi.String("subnet-a"), pulumi.String("subnet-b")},
			Zones: []string{"us-west-2a", "us-west-2b"},
		},
	}
}

func program(a *atlas.Args, connection *testkit.Captured) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		made, err := atlas.New(ctx, "atlas", a)
		if err == nil && connection != nil {
			connection.Capture(ctx, made.ConnectionString)
		}
		return err
	}
}

const lookUp = "mongodbatlas:index/getAdvancedCluster:getAdvancedCluster"

func endpoint(id, uri string) any {
	return map[string]any{
		"srvConnectionString": uri, "endpoints": []any{map[string]any{"endpointId": id, "providerName": "AWS", "region": "US_WEST_2"}},
	}
}

// endpoints gives the cluster the connection strings of two endpoints, the second one ours, which comes with the third question.
func endpoints() testkit.Option {
	asked := 0
	return testkit.WithCall(lookUp, func(resource.PropertyMap) (resource.PropertyMap, error) {
		private := []any{endpoint("vpce-other", "mongodb+srv://other")}
		if asked++; asked > 2 {
			private = append(private, endpoint("atlas-endpoint-id", "mongodb+srv://ours"))
		}
		return resource.NewPropertyMapFromMap(map[string]any{
			"id": "cluster", "connectionStrings": []any{map[string]any{"privateEndpoints": private}},
		}), nil
	})
}

func TestR12TheClusterIsDedicatedBackedUpAndProtected(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ec2/securityGroup:SecurityGroup atlas-group",
			"aws:ec2/vpcEndpoint:VpcEndpoint atlas-endpoint",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule atlas-from-10.20.0.0/16",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule atlas-from-100.64.0.0/16",
			"bpa:atlas:Atlas atlas",
			"mongodbatlas:index/advancedCluster:AdvancedCluster atlas-cluster",
			scheduleType + " atlas-backup",
			"mongodbatlas:index/databaseUser:DatabaseUser atlas-user",
			"mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint atlas-link",
			"mongodbatlas:index/privateLinkEndpointService:PrivateLinkEndpointService atlas-service",
			"mongodbatlas:index/project:Project atlas-project",
			"random:index/randomPassword:RandomPassword atlas-password",
		}, g.List())
		g.Owned(t, "bpa:atlas:Atlas")
		assert.Equal(t, []string{clusterType + " atlas-cluster", "mongodbatlas:index/project:Project atlas-project"}, g.Protected())
		c := g.Get(t, clusterType, "atlas-cluster")
		for key, want := range map[string]any{
			"mongoDbMajorVersion": "7.0", "backupEnabled": true, "pitEnabled": true, "terminationProtectionEnabled": true,
		} {
			assert.Equal(t, want, c.Plain(key), key)
		}
		assert.Equal(t, []any{map[string]any{"regionConfigs": []any{map[string]any{
			"providerName": "AWS", "regionName": "US_WEST_2", "priority": 7.0,
			"electableSpecs": map[string]any{"instanceSize": "M30", "nodeCount": 3.0, "diskSizeGb": 40.0},
		}}}}, c.Plain("replicationSpecs"))
	}, endpoints())
}

func TestAnyMomentOfTheWindowCanBeRestoredFromASnapshotBeforeIt(t *testing.T) {
	item := func(every, days float64) map[string]any {
		return map[string]any{"frequencyInterval": every, "retentionUnit": "days", "retentionValue": days}
	}
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		schedule := g.Get(t, scheduleType, "atlas-backup")
		assert.Equal(t, item(1, 14), schedule.Plain("policyItemDaily"))
		assert.Equal(t, item(6, 7), schedule.Plain("policyItemHourly"))
		assert.Equal(t, 7.0, schedule.Plain("restoreWindowDays"))
	}, endpoints())
	a := args()
	a.PointInTimeRecovery, a.RestoreWindowDays = false, 0
	testkit.Both(t, program(a, nil), func(t *testing.T, g *testkit.Graph) {
		schedule := g.Get(t, scheduleType, "atlas-backup")
		assert.Equal(t, item(1, 14), schedule.Plain("policyItemDaily"))
		assert.Nil(t, schedule.Plain("policyItemHourly"))
		assert.Nil(t, schedule.Plain("restoreWindowDays"))
	}, endpoints())
}

func TestR12TheUserMayUseItsDatabasesAndNoMore(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		user := g.Get(t, "mongodbatlas:index/databaseUser:DatabaseUser", "atlas-user")
		assert.Equal(t, []any{
			map[string]any{
				"roleName":     "readWrite",
				"databaseName": "bpa",
			},
			map[string]any{"roleName": "readWrite", "databaseName": "audit"},
		}, user.Plain("roles"))
		scopes := user.Plain("scopes").([]any)
		require.Len(t, scopes, 1)
		assert.Equal(t, "CLUSTER", scopes[0].(map[string]any)["type"])
		assert.True(t, user.Secret("password"))
	}, endpoints())
}

func TestR13TheEndpointHasOneSubnetAZoneAndItsIDGoesBackToAtlas(t *testing.T) {
	testkit.Both(t, program(args(), nil), func(t *testing.T, g *testkit.Graph) {
		endpoint := g.Get(t, endpointType, "atlas-endpoint")
		if subnets := endpoint.Plain("subnetIds"); subnets != nil { // a first preview does not know Atlas's service
			assert.Equal(t, []any{"subnet-a", "subnet-b"}, subnets)
		}
		assert.Equal(t, "Interface", endpoint.Plain("vpcEndpointType"))
		assert.True(t, g.DependsOn(endpoint, "mongodbatlas:index/privateLinkEndpoint:PrivateLinkEndpoint", "atlas-link"))
		service := g.Get(t, serviceType, "atlas-service")
		assert.True(t, g.DependsOn(service, endpointType, "atlas-endpoint"))
	}, endpoints())
}

func TestR05TheConnectionStringIsThatOfOurEndpointOnTheFirstUp(t *testing.T) {
	var connection testkit.Captured
	g, err := testkit.Update(program(args(), &connection), endpoints())
	require.NoError(t, err)
	assert.False(t, g.DependsOn(g.Get(t, clusterType, "atlas-cluster"), serviceType, "atlas-service"), "they are made side by side")
	uri, _ := connection.Value()
	assert.Equal(t, "mongodb+srv://ours", uri, "not the first one listed")

	_, err = testkit.Preview(program(args(), &connection), endpoints())
	require.NoError(t, err, "a preview without connection strings must not fail")
}

func TestAConnectionStringThatNeverComesFails(t *testing.T) {
	_, err := testkit.Update(program(args(), nil), testkit.WithCall(lookUp,
		func(resource.PropertyMap) (resource.PropertyMap, error) {
			return resource.PropertyMap{"id": resource.NewProperty("cluster")}, nil
		}))
	require.ErrorContains(t, err, "the cluster has no connection string for a private endpoint; atlas-endpoint-id is expected")
}

func TestNoConnectionStringIsTakenFromAnotherEndpoint(t *testing.T) {
	all := []mongodbatlas.GetAdvancedClusterConnectionString{{
		PrivateEndpoints: []mongodbatlas.GetAdvancedClusterConnectionStringPrivateEndpoint{{
			SrvConnectionString: "mongodb+srv://other",
			Endpoints:           []mongodbatlas.GetAdvancedClusterConnectionStringPrivateEndpointEndpoint{{EndpointId: "vpce-2"}, {}},
		}},
	}}
	_, missing := atlas.ConnectionStringFor(all, "vpce-1")
	assert.Equal(t, "the cluster has no connection string for endpoint vpce-1, only for vpce-2", missing)
	_, missing = atlas.ConnectionStringFor(nil, "vpce-1")
	assert.Equal(t, "the cluster has no connection string for a private endpoint; vpce-1 is expected", missing)
	uri, missing := atlas.ConnectionStringFor(all, "vpce-2")
	assert.Equal(t, []string{"mongodb+srv://other", ""}, []string{uri, missing})
}

func TestR13AZoneThatAtlasIsNotInHasNoEndpoint(t *testing.T) {
	offered := func(zones ...any) testkit.Option {
		return testkit.WithCall("aws:ec2/getVpcEndpointService:getVpcEndpointService",
			func(resource.PropertyMap) (resource.PropertyMap, error) {
				return resource.NewPropertyMapFromMap(map[string]any{"id": "service", "availabilityZones": zones}), nil
			})
	}
	g, err := testkit.Update(program(args(), nil), endpoints(), offered("us-west-2b", "us-west-2d"))
	require.NoError(t, err)
	assert.Equal(t, []any{"subnet-b"}, g.Get(t, endpointType, "atlas-endpoint").Plain("subnetIds"))
	_, err = testkit.Update(program(args(), nil), endpoints(), offered("us-west-2d"))
	require.ErrorContains(t, err, "none of the zones us-west-2a, us-west-2b has Atlas's service")
}

func TestR27TheEndpointMayLieInTheParentAccount(t *testing.T) {
	testkit.Both(t, func(ctx *pulumi.Context) error {
		parent, err := aws.NewProvider(ctx, "aws-parent", &aws.ProviderArgs{})
		if err != nil {
			return err
		}
		a := args()
		a.Endpoint.Provider, a.Endpoint.Zones = parent, nil
		return program(a, nil)(ctx)
	}, func(t *testing.T, g *testkit.Graph) {
		for _, r := range g.All() {
			switch r.Type {
			case endpointType, "aws:ec2/securityGroup:SecurityGroup", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
				assert.Contains(t, r.Provider, "aws-parent", r.Name)
			default:
				assert.NotContains(t, r.Provider, "aws-parent", r.Name)
			}
		}
		for _, r := range g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
			assert.Equal(t, []any{0.0, 65535.0}, []any{r.Plain("fromPort"), r.Plain("toPort")}, "as the paper asks")
			assert.Contains(t, []any{"100.64.0.0/16", "10.20.0.0/16"}, r.Plain("cidrIpv4"), "but from nodes and pods only")
		}
	}, endpoints(), testkit.WithCall("aws:ec2/getSubnet:getSubnet", func(resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{"id": resource.NewProperty("subnet"), "availabilityZone": resource.NewProperty("us-west-2a")}, nil
	}))
}

func TestAnExistingProjectIsNotMadeAgain(t *testing.T) {
	a := args()
	a.OrgID, a.ProjectID, a.Password = "", "76543210fedcba9876543210", config.NewSecret("given-password")
	g, err := testkit.Update(program(a, nil), endpoints())
	require.NoError(t, err)
	assert.Empty(t, g.OfType("mongodbatlas:index/project:Project"))
	assert.Empty(t, g.OfType("random:index/randomPassword:RandomPassword"))
	assert.Equal(t, a.ProjectID, g.Get(t, clusterType, "atlas-cluster").Plain("projectId"))
	assert.Nil(t, g.Get(t, clusterType, "atlas-cluster").Plain("retainBackupsEnabled"), "not asked for")
	a.RetainBackups = true
	g, err = testkit.Update(program(a, nil), endpoints())
	require.NoError(t, err)
	assert.Equal(t, true, g.Get(t, clusterType, "atlas-cluster").Plain("retainBackupsEnabled"))
	assert.Equal(t, "given-password", g.Get(t, "mongodbatlas:index/databaseUser:DatabaseUser", "atlas-user").Plain("password"))
}

func TestBadAtlasArgumentsAreReportedAtOnce(t *testing.T) {
	g, err := testkit.Update(program(&atlas.Args{Atlas: config.Atlas{InstanceSize: "M2"}}, nil))
	for _, part := range []string{
		"orgId: (not set): must be 24 hexadecimal digits", "ProjectName: (not set): must be given",
		"ClusterName: (not set): must have 1-64 characters",
		`instanceSize: "M2": must be a dedicated tier, M10 or larger`, "username: (not set)", "databases: (not set)",
		"Endpoint: (not set)", "IngressCIDRs: (not set)",
	} {
		require.ErrorContains(t, err, "atlas: "+part)
	}
	assert.Empty(t, g.List())
}
