// Package database builds RDS PostgreSQL (R03, R07-R09) and, from inside the cluster, its databases and roles (R10).
package database

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/rdsca"
)

// port of PostgreSQL.
const port = 5432

// Login is a role and the database that it owns.
type Login struct {
	Role, Database string
	// Password is generated where it is nil.
	Password pulumi.StringInput
	// Generation goes up for another password: it is generated anew, and another user gets it.
	Generation int
}

// ResolvedLogin is a login with the user who logs in, and the password of that one, which is secret.
type ResolvedLogin struct {
	Role, Database string
	// User is Role itself, or in every second generation a user that becomes Role by logging in. While BPA rolls from one
	// to the other, the password of each is right.
	User     string
	Password pulumi.StringOutput
}

// users are the two who take turns at logging in as a role.
func users(role string) [2]string { return [2]string{role, role + "_b"} }

// Args are the arguments of New.
type Args struct {
	// Database is what the configuration says. The passwords of roles are those of Logins. Of another RestoreFrom the instance
	// is replaced, or where it is protected, the engine refuses.
	config.Database
	Account account.Account
	// Identifier of the instance, 1-63 characters.
	Identifier string
	VpcID      pulumi.StringInput
	// SubnetIDs are private, in at least two zones.
	SubnetIDs pulumi.StringArray
	// IngressCIDRs may connect: the pod and the node range (R08).
	IngressCIDRs []string
	// MasterGeneration goes up for another generated password.
	MasterGeneration int
	Logins           []Login
	// Protect refuses to delete instance and key.
	Protect bool
}

// Database is the component.
type Database struct {
	pulumi.ResourceState

	// Endpoint is the host name.
	Endpoint pulumi.StringOutput `pulumi:"endpoint"`
	// Identifier is the instance's: of a restored one, not that of Args.
	Identifier     pulumi.StringOutput
	Port           int
	MasterUsername string
	// MasterPassword is secret.
	MasterPassword pulumi.StringOutput
	Logins         []ResolvedLogin
	// Roots verify the server's certificate, in PEM. "" where those of the region are not known.
	Roots string

	name     string
	args     *Args
	instance *rds.Instance
}

// New builds the instance. Databases and roles are made by NewBootstrap.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Database, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	d := &Database{name: name, args: args, Port: port, MasterUsername: args.MasterUsername, Roots: rdsca.Bundle(args.Account.Region)}
	if err := ctx.RegisterComponentResource("bpa:database:Database", name, d, opts...); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := d.newPasswords(ctx); err != nil {
		return nil, fmt.Errorf("database: password: %w", err)
	}
	if err := d.newInstance(ctx); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := d.newSecrets(ctx); err != nil {
		return nil, fmt.Errorf("database: secret: %w", err)
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"endpoint": d.Endpoint})
}

var identifierPattern = regexp.MustCompile(`^[a-z](?:-?[a-z0-9])*$`)

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Database)
	p.Require(identifierPattern.MatchString(a.Identifier) && len(a.Identifier) <= 63, "Identifier", a.Identifier,
		"must be 1-63 lower-case letters, digits and single hyphens, first a letter")
	p.Require(len(a.SubnetIDs) >= 2, "SubnetIDs", len(a.SubnetIDs), "must be in at least two zones")
	p.Require(len(a.IngressCIDRs) > 0, "IngressCIDRs", nil, "must list who may connect")
	for i, text := range a.IngressCIDRs {
		wrong := cidr.Wrong(text)
		p.Require(wrong == "", fmt.Sprintf("IngressCIDRs[%d]", i), text, "%s", wrong)
	}
	p.Require(strings.Contains(a.EngineVersion, "."), "engineVersion", a.EngineVersion, "must be a PostgreSQL version such as 16.14")
	p.Require(a.RestoreFrom == nil || len(a.Identifier) <= 56, "Identifier", a.Identifier,
		"must have at most 56 characters beside restoreFrom")
	seen := map[string]bool{a.MasterUsername: true}
	for i, l := range a.Logins {
		p.Require(l.Role != "" && l.Database != "", fmt.Sprintf("Logins[%d]", i), l.Role, "must have a role and a database")
		p.Require(l.Generation >= 0, fmt.Sprintf("Logins[%d].Generation", i), l.Generation, "must not be negative")
		for _, user := range users(l.Role) {
			p.Require(!seen[user], fmt.Sprintf("Logins[%d].Role", i), user, "must be unique, and not the master user")
			seen[user] = true
		}
	}
	return p.Err("database: ")
}

// newInstance makes the instance with all that it stands on. The parameter group is there before the instance, so
// password_encryption is md5 before any role can be made (R09).
func (d *Database) newInstance(ctx *pulumi.Context) error {
	group, err := d.newSecurityGroup(ctx)
	if err != nil {
		return fmt.Errorf("security group: %w", err)
	}
	parameters, err := d.newParameterGroup(ctx)
	if err != nil {
		return fmt.Errorf("parameter group: %w", err)
	}
	subnets, err := rds.NewSubnetGroup(ctx, d.name+"-subnets", &rds.SubnetGroupArgs{SubnetIds: d.args.SubnetIDs}, pulumi.Parent(d))
	if err != nil {
		return fmt.Errorf("subnet group: %w", err)
	}
	key, err := kms.NewKey(ctx, d.name+"-key", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts " + d.args.Identifier),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30),
	}, pulumi.Parent(d), pulumi.Protect(d.args.Protect), pulumi.RetainOnDelete(d.args.FinalSnapshot))
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	args := d.instanceArgs()
	args.VpcSecurityGroupIds, args.KmsKeyId = pulumi.StringArray{group.ID()}, key.Arn
	args.ParameterGroupName, args.DbSubnetGroupName = parameters.Name, subnets.Name
	identifier := restore(args, d.args.Identifier, d.args.RestoreFrom)
	if d.args.FinalSnapshot {
		args.FinalSnapshotIdentifier = finalSnapshot(identifier, key)
	}
	kept, err := d.fit(ctx, args, identifier)
	if err != nil {
		return err
	}
	if d.instance, err = rds.NewInstance(ctx, d.name+"-instance", args, pulumi.Parent(d), pulumi.Protect(d.args.Protect),
		anotherMoment, pulumi.IgnoreChanges(kept),
		// As the program names it, the bridge would delete the old instance before it restores the new one, which has another name.
		pulumi.DeleteBeforeReplace(false),
		pulumi.Timeouts(&pulumi.CustomTimeouts{Create: "90m", Update: "120m", Delete: "60m"})); err != nil {
		return fmt.Errorf("instance: %w", err)
	}
	d.Endpoint, d.Identifier = d.instance.Address, d.instance.Identifier
	return nil
}

// instanceArgs: 300 GB in the paper is the instance store of db.m5d.2xlarge, which holds only temporary objects, so EBS
// storage is needed beside it (R07). Minor versions are the configuration's to choose. A change takes effect with the `up` that
// makes it: one that waits for the maintenance window leaves a state that says what is not yet so, and the parameter group of
// the old family in use, so that it cannot be deleted.
func (d *Database) instanceArgs() *rds.InstanceArgs {
	args := &rds.InstanceArgs{
		Identifier:                   pulumi.String(d.args.Identifier),
		Engine:                       pulumi.String("postgres"),
		EngineVersion:                pulumi.String(d.args.EngineVersion),
		InstanceClass:                pulumi.String(d.args.InstanceClass),
		AllocatedStorage:             pulumi.Int(d.args.StorageGiB),
		StorageType:                  pulumi.String("gp3"),
		StorageEncrypted:             pulumi.Bool(true),
		MultiAz:                      pulumi.Bool(d.args.MultiAZ),
		PubliclyAccessible:           pulumi.Bool(false),
		Username:                     pulumi.String(d.args.MasterUsername),
		Password:                     d.MasterPassword.ToStringPtrOutput(),
		Port:                         pulumi.Int(port),
		BackupRetentionPeriod:        pulumi.Int(d.args.BackupRetentionDays),
		BackupWindow:                 pulumi.String("07:00-08:00"),
		MaintenanceWindow:            pulumi.String("sun:08:30-sun:09:30"),
		CopyTagsToSnapshot:           pulumi.Bool(true),
		DeletionProtection:           pulumi.Bool(d.args.DeletionProtection),
		SkipFinalSnapshot:            pulumi.Bool(!d.args.FinalSnapshot),
		AutoMinorVersionUpgrade:      pulumi.Bool(false),
		AllowMajorVersionUpgrade:     pulumi.Bool(d.args.AllowMajorUpgrade),
		ApplyImmediately:             pulumi.Bool(true),
		CaCertIdentifier:             pulumi.String("rds-ca-rsa2048-g1"),
		PerformanceInsightsEnabled:   pulumi.Bool(true),
		EnabledCloudwatchLogsExports: pulumi.StringArray{pulumi.String("postgresql"), pulumi.String("upgrade")},
		DeleteAutomatedBackups:       pulumi.Bool(!d.args.FinalSnapshot),
	}
	if d.args.MaxStorageGiB > 0 {
		args.MaxAllocatedStorage = pulumi.Int(d.args.MaxStorageGiB)
	}
	return args
}

// finalSnapshot names the snapshot that is left of an instance. The instance's own name alone would be taken when a stack that
// was destroyed and made again is destroyed a second time, and RDS would then refuse to delete the instance. A stack that is
// made again has another key.
func finalSnapshot(identifier string, key *kms.Key) pulumi.StringPtrOutput {
	return key.KeyId.ApplyT(func(id string) *string {
		unique, _, _ := strings.Cut(id, "-")
		name := identifier + "-final-" + unique
		return &name
	}).(pulumi.StringPtrOutput)
}

// newSecurityGroup admits PostgreSQL from the given ranges, and nothing else (R08).
func (d *Database) newSecurityGroup(ctx *pulumi.Context) (*ec2.SecurityGroup, error) {
	group, err := ec2.NewSecurityGroup(ctx, d.name+"-group", &ec2.SecurityGroupArgs{
		VpcId: d.args.VpcID.ToStringOutput().ToStringPtrOutput(), Description: pulumi.String("PostgreSQL from nodes and pods"),
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	for _, cidr := range d.args.IngressCIDRs {
		if _, err := vpc.NewSecurityGroupIngressRule(ctx, d.name+"-from-"+cidr, &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(port), ToPort: pulumi.Int(port),
			CidrIpv4: pulumi.String(cidr), Description: pulumi.String("PostgreSQL"),
		}, pulumi.Parent(d)); err != nil {
			return nil, err
		}
	}
	return group, nil
}

// newParameterGroup sets md5, which Camunda needs (R09), and whether TLS is a must.
func (d *Database) newParameterGroup(ctx *pulumi.Context) (*rds.ParameterGroup, error) {
	tls := "0"
	if d.args.ForceTLS {
		tls = "1"
	}
	values := map[string]string{"password_encryption": "md5", "rds.force_ssl": tls}
	for name, value := range d.args.Parameters {
		values[name] = value
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	sort.Strings(names)
	parameters := rds.ParameterGroupParameterArray{}
	for _, name := range names {
		parameters = append(parameters, &rds.ParameterGroupParameterArgs{
			Name: pulumi.String(name), Value: pulumi.String(values[name]), ApplyMethod: pulumi.String(applyMethod(name)),
		})
	}
	major, _, _ := strings.Cut(d.args.EngineVersion, ".")
	return rds.NewParameterGroup(ctx, d.name+"-parameters", &rds.ParameterGroupArgs{
		Family: pulumi.String("postgres" + major), Parameters: parameters, Description: pulumi.String("BPA: md5 passwords for Camunda"),
	}, pulumi.Parent(d))
}

// applyMethod: a static parameter takes effect with the next reboot only, and RDS refuses to be asked for more.
func applyMethod(parameter string) string {
	static := []string{"max_connections", "shared_buffers", "shared_preload_libraries", "max_wal_senders", "max_replication_slots",
		"max_worker_processes", "wal_buffers", "huge_pages", "rds.logical_replication", "max_locks_per_transaction"}
	if slices.Contains(static, parameter) {
		return "pending-reboot"
	}
	return "immediate"
}
