package review_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-random/sdk/v4/go/random"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/review"
)

func admits(cidrs ...string) func(*pulumi.Context, *aws.Provider) error {
	return func(ctx *pulumi.Context, p *aws.Provider) error {
		network, err := ec2.NewVpc(ctx, "vpc", &ec2.VpcArgs{CidrBlock: pulumi.String("10.1.0.0/16")}, pulumi.Provider(p))
		if err != nil {
			return err
		}
		group, err := ec2.NewSecurityGroup(ctx, "group", &ec2.SecurityGroupArgs{VpcId: network.ID()}, pulumi.Provider(p))
		if err != nil {
			return err
		}
		for _, cidr := range cidrs {
			_, err := vpc.NewSecurityGroupIngressRule(ctx, "from-"+cidr, &vpc.SecurityGroupIngressRuleArgs{
				SecurityGroupId: group.ID(), IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(443), ToPort: pulumi.Int(443),
				CidrIpv4: pulumi.String(cidr),
			}, pulumi.Provider(p))
			if err != nil {
				return err
			}
		}
		return nil
	}
}

func TestOnlyWhatIsWiderOpens(t *testing.T) {
	r := reviewed(t, admits("10.0.0.0/8"), admits("10.0.0.0/9", "10.128.0.0/10"))
	assert.True(t, r.Safe(), r.Verdict)
	r = reviewed(t, admits("10.0.0.0/9", "10.128.0.0/9"), admits("10.0.0.0/8"))
	assert.True(t, r.Safe(), "two halves are the whole: %s", r.Verdict)
	r = reviewed(t, admits("10.0.0.0/9"), admits("10.0.0.0/8"))
	assert.Contains(t, lines(r), "network create from-10.0.0.0/8: opens tcp port 443 to 10.0.0.0/8")
	assert.False(t, r.Safe())
	r = reviewed(t, admits("10.0.0.0/8"), admits("10.0.0.0/8", "0.0.0.0/0"))
	assert.Contains(t, lines(r), "network create from-0.0.0.0/0: opens tcp port 443 to 0.0.0.0/0: everybody")
}

func role(policy string) func(*pulumi.Context, *aws.Provider) error {
	return func(ctx *pulumi.Context, p *aws.Provider) error {
		r, err := iam.NewRole(ctx, "role", &iam.RoleArgs{AssumeRolePolicy: pulumi.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
				`"Action":"sts:AssumeRole"}]}`,
		)}, pulumi.Provider(p))
		if err != nil {
			return err
		}
		_, err = iam.NewRolePolicy(ctx, "policy", &iam.RolePolicyArgs{Role: r.Name, Policy: pulumi.String(policy)}, pulumi.Provider(p))
		return err
	}
}

const bucket = "arn:aws:s3:::bpa"

func TestAPolicyIsComparedByWhatItAllows(t *testing.T) {
	before := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:ListBucket"],"Resource":"` + bucket + `*"}]}`
	reordered := `{"Statement":{"Resource":["` + bucket + `*"],"Action":["s3:listbucket","s3:GetObject"],` +
		`"Effect":"Allow"},"Version":"2012-10-17"}`
	r := reviewed(t, role(before), role(reordered))
	assert.Empty(t, lines(r), "less is allowed, in another order")
	wider := strings.Replace(before, "s3:ListBucket", "s3:*", 1)
	r = reviewed(t, role(before), role(wider))
	assert.Equal(t, []string{"permission update policy: allows `s3:*` on `arn:aws:s3:::bpa*`"}, lines(r))
	assert.False(t, r.Safe())
}

func database(password string, class string, protected bool, days int) func(*pulumi.Context, *aws.Provider) error {
	return func(ctx *pulumi.Context, p *aws.Provider) error {
		generator, err := random.NewProvider(ctx, "random", &random.ProviderArgs{})
		if err != nil {
			return err
		}
		if _, err := random.NewRandomPassword(ctx, "generated", &random.RandomPasswordArgs{Length: pulumi.Int(20)},
			pulumi.Provider(generator)); err != nil {
			return err
		}
		_, err = rds.NewInstance(ctx, "db", &rds.InstanceArgs{
			Engine: pulumi.String("postgres"), EngineVersion: pulumi.String("16.14"), InstanceClass: pulumi.String(class),
			AllocatedStorage: pulumi.Int(100), Username: pulumi.String("bpaadmin"), StorageEncrypted: pulumi.Bool(true),
			Password: pulumi.ToSecret(pulumi.String(password)).(pulumi.StringOutput), DeletionProtection: pulumi.Bool(protected),
			BackupRetentionPeriod: pulumi.Int(days), SkipFinalSnapshot: pulumi.Bool(true),
		}, pulumi.Provider(p))
		return err
	}
}

func TestSecretsAreNamedAndNeverShown(t *testing.T) {
	r := reviewed(t, database("Before-It-Was-This-1", "db.m5d.large", true, 14), database("After-It-Is-This-22", "db.m5d.xlarge", false, 7))
	assert.Equal(t, []string{
		"protection update db: `backupRetentionPeriod`: older automated backups are deleted at once",
		"protection update db: `deletionProtection`: RDS no longer refuses to delete the instance",
		"interruption update db: updated because of instanceClass (db.m5d.large to db.m5d.xlarge)",
		"credential update db: another secret value: `password`",
	}, sortedProtection(lines(r)))
	b, err := json.Marshal(r)
	require.NoError(t, err)
	for _, secret := range []string{"Before-It-Was-This-1", "After-It-Is-This-22"} {
		assert.NotContains(t, r.Markdown(review.CommentLimit), secret)
		assert.NotContains(t, string(b), secret)
	}
}

func sortedProtection(l []string) []string {
	if len(l) > 1 && l[0] > l[1] {
		l[0], l[1] = l[1], l[0]
	}
	return l
}
