package database_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/components/database"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/testkit"
)

const (
	instanceType  = "aws:rds/instance:Instance"
	parameterType = "aws:rds/parameterGroup:ParameterGroup"
)

func args() *database.Args {
	return &database.Args{
		Account: testkit.Account, Identifier: "bpa-test-postgres", VpcID: pulumi.String("vpc-1"),
		SubnetIDs:    pulumi.StringArray{pulumi.String("subnet-a"), pulumi.String("subnet-b")},
		IngressCIDRs: []string{"100.64.0.0/16", "10.20.0.0/16"}, Protect: true,
		Database: config.Database{
			EngineVersion: "16.14", InstanceClass: "db.m5d.2xlarge", StorageGiB: 300, MaxStorageGiB: 600, MultiAZ: true,
			MasterUsername: "bpaadmin", BackupRetentionDays: 14, DeletionProtection: true, FinalSnapshot: true, ForceTLS: true,
		},
		Logins: []database.Login{
			{Role: "admin", Database: "admin"}, {Role: "kong", Database: "kong"}, {Role: "camunda", Database: "process-engine"},
		},
	}
}

func program(a *database.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		_, err := database.New(ctx, "database", a)
		return err
	}
}

// address gives the instance its host name.
func address() testkit.Option {
	return testkit.WithOutputs(instanceType, func(string, resource.PropertyMap) resource.PropertyMap {
		return resource.PropertyMap{"address": resource.NewStringProperty("db.example")}
	})
}

func TestR03R07TheInstanceIsPrivateEncryptedBackedUpAndProtected(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		assert.Equal(t, []string{
			"aws:ec2/securityGroup:SecurityGroup database-group",
			"aws:kms/key:Key database-key",
			"aws:rds/instance:Instance database-instance",
			"aws:rds/parameterGroup:ParameterGroup database-parameters",
			"aws:rds/subnetGroup:SubnetGroup database-subnets",
			"aws:secretsmanager/secret:Secret database-admin",
			"aws:secretsmanager/secret:Secret database-bpaadmin",
			"aws:secretsmanager/secret:Secret database-camunda",
			"aws:secretsmanager/secret:Secret database-kong",
			"aws:secretsmanager/secretVersion:SecretVersion database-admin",
			"aws:secretsmanager/secretVersion:SecretVersion database-bpaadmin",
			"aws:secretsmanager/secretVersion:SecretVersion database-camunda",
			"aws:secretsmanager/secretVersion:SecretVersion database-kong",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule database-from-10.20.0.0/16",
			"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule database-from-100.64.0.0/16",
			"bpa:database:Database database",
			"random:index/randomPassword:RandomPassword database-admin",
			"random:index/randomPassword:RandomPassword database-camunda",
			"random:index/randomPassword:RandomPassword database-kong",
			"random:index/randomPassword:RandomPassword database-master",
		}, g.List())
		g.Owned(t, "bpa:database:Database")
		assert.Equal(t, []string{"aws:kms/key:Key database-key", "aws:rds/instance:Instance database-instance"}, g.Protected())
		i := g.Get(t, instanceType, "database-instance")
		for key, want := range map[string]any{
			"identifier": "bpa-test-postgres", "engine": "postgres", "engineVersion": "16.14", "instanceClass": "db.m5d.2xlarge",
			"allocatedStorage": 300.0, "maxAllocatedStorage": 600.0, "storageEncrypted": true, "multiAz": true, "publiclyAccessible": false,
			"username": "bpaadmin", "backupRetentionPeriod": 14.0, "deletionProtection": true, "skipFinalSnapshot": false,
			"autoMinorVersionUpgrade": false, "deleteAutomatedBackups": false,
		} {
			assert.Equal(t, want, i.Plain(key), key)
		}
		assert.True(t, i.Secret("password"))
	}, address())
}

// A stack that is destroyed, made again and destroyed again leaves two snapshots, and so does one whose instance was restored.
func TestR07NoTwoFinalSnapshotsHaveOneName(t *testing.T) {
	name := func(key string, restore *config.DatabaseRestore) any {
		a := args()
		a.RestoreFrom = restore
		g, err := testkit.Update(program(a), address(), testkit.WithOutputs("aws:kms/key:Key",
			func(string, resource.PropertyMap) resource.PropertyMap {
				return resource.PropertyMap{"keyId": resource.NewStringProperty(key)}
			}))
		require.NoError(t, err)
		return g.Get(t, instanceType, "database-instance").Plain("finalSnapshotIdentifier")
	}
	first := name("0a1b2c3d-0000-4000-8000-000000000000", nil)
	assert.Equal(t, "bpa-test-postgres-final-0a1b2c3d", first)
	assert.NotEqual(t, first, name("9f8e7d6c-0000-4000-8000-000000000000", nil), "another stack of this name")
	assert.NotEqual(t, first, name("0a1b2c3d-0000-4000-8000-000000000000", &config.DatabaseRestore{Snapshot: "before"}))
}

func TestR08OnlyPodsAndNodesReachThePort(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		sources := map[any]bool{}
		for _, r := range g.OfType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
			assert.Equal(t, []any{"tcp", 5432.0, 5432.0}, []any{r.Plain("ipProtocol"), r.Plain("fromPort"), r.Plain("toPort")})
			sources[r.Plain("cidrIpv4")] = true
		}
		assert.Equal(t, map[any]bool{"100.64.0.0/16": true, "10.20.0.0/16": true}, sources)
	}, address())
}

func TestR09PasswordsAreMD5BeforeAnyRoleCanBeMade(t *testing.T) {
	a := args()
	a.Parameters = map[string]string{"max_connections": "500", "log_min_duration_statement": "1000"}
	testkit.Both(t, program(a), func(t *testing.T, g *testkit.Graph) {
		group := g.Get(t, parameterType, "database-parameters")
		assert.Equal(t, "postgres16", group.Plain("family"))
		assert.Equal(t, []any{
			map[string]any{"name": "log_min_duration_statement", "value": "1000", "applyMethod": "immediate"},
			map[string]any{"name": "max_connections", "value": "500", "applyMethod": "pending-reboot"},
			map[string]any{"name": "password_encryption", "value": "md5", "applyMethod": "immediate"},
			map[string]any{"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"},
		}, group.Plain("parameters"))
		assert.True(t, g.DependsOn(g.Get(t, instanceType, "database-instance"), parameterType, "database-parameters"),
			"existing hashes do not change, so the group is there from the start (docs/facts.md §2)")
	}, address())
}

func TestR10GeneratedPasswordsAreLegalEverywhere(t *testing.T) {
	testkit.Both(t, program(args()), func(t *testing.T, g *testkit.Graph) {
		for _, p := range g.OfType("random:index/randomPassword:RandomPassword") {
			assert.Equal(t, 32.0, p.Plain("length"))
			assert.Empty(t, strings.Trim(p.Plain("overrideSpecial").(string), "-_."), "legal for RDS, a shell, a URL and environment.txt")
		}
	}, address())
}

func TestR10AGivenPasswordIsUsedAndStaysSecret(t *testing.T) {
	a := args()
	a.MasterPassword, a.Logins[2].Password = config.NewSecret("given-master"), pulumi.String("given-camunda")
	g, err := testkit.Update(program(a), address())
	require.NoError(t, err)
	assert.Len(t, g.OfType("random:index/randomPassword:RandomPassword"), 2)
	i := g.Get(t, instanceType, "database-instance")
	assert.Equal(t, "given-master", i.Plain("password"))
	assert.True(t, i.Secret("password"))
	version := g.Get(t, "aws:secretsmanager/secretVersion:SecretVersion", "database-camunda")
	assert.True(t, version.Secret("secretString"))
	assert.JSONEq(t, `{"engine": "postgres", "host": "db.example", "port": 5432, "dbname": "process-engine", "username": "camunda",
		"password": "given-camunda"}`, version.Plain("secretString").(string))
}

func bootstrap(ctx *pulumi.Context) error {
	node, err := ec2.NewInstance(ctx, "node", &ec2.InstanceArgs{})
	if err != nil {
		return err
	}
	_, err = bootstrapped(ctx, args(), node)
	return err
}

// bootstrapped is a database and the job that makes its logins, once some resources are there.
func bootstrapped(ctx *pulumi.Context, a *database.Args, after ...pulumi.Resource) (*database.Bootstrap, error) {
	d, err := database.New(ctx, "database", a)
	if err != nil {
		return nil, err
	}
	return database.NewBootstrap(ctx, "bootstrap", &database.BootstrapArgs{
		Namespace: "bpa-system", Image: pulumi.String("postgres:16"), Database: d, After: after,
	})
}

func TestR10TheBootstrapIsAJobInsideTheCluster(t *testing.T) {
	testkit.Both(t, bootstrap, func(t *testing.T, g *testkit.Graph) {
		job := g.Get(t, "kubernetes:batch/v1:Job", "bootstrap-job")
		assert.True(t, g.DependsOn(job, instanceType, "database-instance"))
		assert.True(t, g.DependsOn(job, "aws:ec2/instance:Instance", "node"))
		pod := job.Plain("spec").(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
		assert.Equal(t, false, pod["automountServiceAccountToken"])
		assert.Equal(t, true, pod["securityContext"].(map[string]any)["runAsNonRoot"])
		container := pod["containers"].([]any)[0].(map[string]any)
		assert.Equal(t, []any{"bash", "/bootstrap/bootstrap.sh", "bootstrap"}, container["command"])
		assert.Nil(t, container["env"], "no password stands in the job itself")
		credentials := g.Get(t, "kubernetes:core/v1:Secret", "bootstrap-credentials")
		assert.Equal(t, true, credentials.Plain("immutable"), "a changed password is a new secret, and so a new job")
		assert.True(t, credentials.Secret("stringData"))
		script := g.Get(t, "kubernetes:core/v1:ConfigMap", "bootstrap-script")
		assert.Equal(t, true, script.Plain("immutable"))
		assert.NotNil(t, g.Get(t, "kubernetes:core/v1:Namespace", "bootstrap-namespace"))
	}, address())
}

func TestR11TheJobKnowsEveryLogin(t *testing.T) {
	g, err := testkit.Update(bootstrap, address())
	require.NoError(t, err)
	data := g.Get(t, "kubernetes:core/v1:Secret", "bootstrap-credentials").Plain("stringData").(map[string]any)
	for key, want := range map[string]any{
		"PGHOST": "db.example", "PGPORT": "5432", "PGUSER": "bpaadmin", "PGSSLMODE": "verify-full",
		"PGSSLROOTCERT": "/bootstrap/rds-roots.crt",
		"LOGINS":        "3",
		"ROLE_0":        "admin", "DATABASE_0": "admin", "USER_0": "admin", "ROLE_1": "kong", "DATABASE_1": "kong", "USER_1": "kong",
		"ROLE_2": "camunda", "DATABASE_2": "process-engine", "USER_2": "camunda",
	} {
		assert.Equal(t, want, data[key], key)
	}
	for _, key := range []string{"PGPASSWORD", "PASSWORD_0", "PASSWORD_1", "PASSWORD_2"} {
		assert.NotEmpty(t, data[key], key)
	}
	b, err := json.Marshal(g.Get(t, "kubernetes:core/v1:ConfigMap", "bootstrap-script").Plain("data"))
	require.NoError(t, err)
	assert.NotContains(t, string(b), data["PASSWORD_0"])
}

// rotated is a database whose login kong was replaced once, and camunda twice.
func rotated(ctx *pulumi.Context) error {
	a := args()
	a.Logins[1].Generation, a.Logins[2].Generation = 1, 2
	b, err := bootstrapped(ctx, a)
	if err != nil {
		return err
	}
	application, err := ec2.NewInstance(ctx, "application", &ec2.InstanceArgs{})
	if err != nil {
		return err
	}
	_, err = database.NewRetirement(ctx, "retirement", &database.RetirementArgs{
		Bootstrap: b, After: []pulumi.Resource{application},
	})
	return err
}

func TestR11D04WhoseTurnIsOverIsRetiredAfterTheApplication(t *testing.T) {
	testkit.Both(t, rotated, func(t *testing.T, g *testkit.Graph) {
		job := g.Get(t, "kubernetes:batch/v1:Job", "retirement-job")
		assert.True(t, g.DependsOn(job, "aws:ec2/instance:Instance", "application"))
		assert.True(t, g.Get(t, "kubernetes:core/v1:Secret", "retirement-credentials").Secret("stringData"))
	}, address())
	g, err := testkit.Update(rotated, address())
	require.NoError(t, err)
	data := func(secret string) map[string]any {
		return g.Get(t, "kubernetes:core/v1:Secret", secret).Plain("stringData").(map[string]any)
	}
	for i, want := range [][2]string{{"admin", "admin_b"}, {"kong_b", "kong"}, {"camunda", "camunda_b"}} {
		user := fmt.Sprintf("USER_%d", i)
		assert.Equal(t, want, [2]string{data("bootstrap-credentials")[user].(string), data("retirement-credentials")[user].(string)})
		assert.NotContains(t, data("retirement-credentials"), fmt.Sprintf("PASSWORD_%d", i), "it needs none")
	}
	kept := g.Get(t, "aws:secretsmanager/secretVersion:SecretVersion", "database-kong").Plain("secretString").(string)
	assert.Contains(t, kept, `"username":"kong_b"`)
}

func TestR11D04NobodyIsRetiredBeforeTheFirstRotation(t *testing.T) {
	g, err := testkit.Update(func(ctx *pulumi.Context) error {
		b, err := bootstrapped(ctx, args())
		if err != nil {
			return err
		}
		retired, err := database.NewRetirement(ctx, "retirement", &database.RetirementArgs{Bootstrap: b, After: b.Ready})
		assert.Nil(t, retired)
		return err
	}, address())
	require.NoError(t, err)
	assert.Empty(t, g.OfType("bpa:database:Retirement"))
	_, err = testkit.Update(func(ctx *pulumi.Context) error {
		_, err := database.NewRetirement(ctx, "retirement", &database.RetirementArgs{})
		return err
	})
	require.ErrorContains(t, err, "retirement: Bootstrap: (not set)")
}

func TestBadDatabaseArgumentsAreReportedAtOnce(t *testing.T) {
	a := args()
	a.Identifier, a.MasterUsername, a.IngressCIDRs, a.StorageGiB, a.EngineVersion = "1db", "admin", []string{"all"}, 5, "16"
	a.SubnetIDs, a.Logins[1].Role, a.Logins[2].Role, a.Logins[2].Generation = nil, "admin", "admin_b", -1
	g, err := testkit.Update(program(a))
	for _, part := range []string{
		`Identifier: "1db": must be`, `masterUsername: "admin": is reserved by RDS; the default bpaadmin works`,
		`SubnetIDs: 0: must be in at least two zones`, `IngressCIDRs[0]: "all": must be an IPv4 CIDR`,
		`storageGiB: 5: must be from 20 to 65536`,
		`engineVersion: "16": must be a PostgreSQL version such as 16.14`, `Logins[0].Role: "admin": must be unique`,
		`Logins[2].Role: "admin_b": must be unique`, `Logins[2].Generation: -1: must not be negative`,
	} {
		require.ErrorContains(t, err, "database: "+part)
	}
	assert.Empty(t, g.List())
}

func TestR09AServerOfAnUnknownRegionIsNotVerified(t *testing.T) {
	g, err := testkit.Update(func(ctx *pulumi.Context) error {
		a := args()
		a.Account.Region = "mx-central-1"
		_, err := bootstrapped(ctx, a)
		return err
	}, address())
	require.NoError(t, err)
	data := g.Get(t, "kubernetes:core/v1:Secret", "bootstrap-credentials").Plain("stringData").(map[string]any)
	assert.Equal(t, "require", data["PGSSLMODE"])
	assert.NotContains(t, data, "PGSSLROOTCERT")
	assert.NotContains(t, g.Get(t, "kubernetes:core/v1:ConfigMap", "bootstrap-script").Plain("data"), "rds-roots.crt")
}
