package review_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ebs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// options rehearses a program with an empty stack file.
func options(t *testing.T, program func(*pulumi.Context, *aws.Provider) error) rehearsal.Options {
	t.Helper()
	dir := t.TempDir()
	file, project := filepath.Join(dir, "Pulumi.test.yaml"), filepath.Join(dir, "Pulumi.yaml")
	require.NoError(t, os.WriteFile(file, []byte("config:\n  pulumi:disable-default-providers: ['*']\n"), 0o600))
	require.NoError(t, os.WriteFile(project, []byte("name: bpa\nruntime: go\n"), 0o600))
	run := func(ctx *pulumi.Context) error {
		provider, err := aws.NewProvider(ctx, "aws", &aws.ProviderArgs{
			Region: pulumi.String("us-west-2"), AllowedAccountIds: pulumi.StringArray{pulumi.String("111122223333")},
		})
		if err != nil {
			return err
		}
		return program(ctx, provider)
	}
	return rehearsal.Options{
		Project: project, ToolsModule: "../../tools/go.mod", StackFile: file, Stack: "test",
		Program: func(string) pulumi.RunFunc { return run },
	}
}

// reviewed deploys one program on the real engine, previews another on it as JSON, and reviews that.
func reviewed(t *testing.T, before, after func(*pulumi.Context, *aws.Provider) error, approved ...string) *review.Review {
	t.Helper()
	first := options(t, before)
	result, err := rehearsal.Digest(context.Background(), rehearsal.Base{Program: &first}, options(t, after))
	require.NoError(t, err, result.Text)
	preview, err := stackdoc.ReadPreview(bytes.NewReader(result.Digest))
	require.NoError(t, err, string(result.Digest))
	r, err := review.New(preview, review.Options{Approved: approved})
	require.NoError(t, err)
	return r
}

// lines writes the findings as "subject kind name: text because".
func lines(r *review.Review) []string {
	list := []string{}
	for _, f := range r.Findings {
		line := strings.Join([]string{string(f.Subject), string(f.Kind), f.Name}, " ") + ": " + f.Text
		for _, c := range f.Causes {
			line += " because of " + c.String()
		}
		list = append(list, line)
	}
	return list
}

func volume(zone string, size int, opts ...pulumi.ResourceOption) func(*pulumi.Context, *aws.Provider) error {
	return func(ctx *pulumi.Context, p *aws.Provider) error {
		_, err := ebs.NewVolume(ctx, "data", &ebs.VolumeArgs{
			AvailabilityZone: pulumi.String(zone), Size: pulumi.Int(size), Type: pulumi.String("gp3"), Encrypted: pulumi.Bool(true),
		}, append(opts, pulumi.Provider(p))...)
		return err
	}
}

const volumeURN = "urn:pulumi:test::bpa::" + catalog.EBSVolume + "::data"

func TestAReplacedVolumeNeedsApprovalByItsURN(t *testing.T) {
	r := reviewed(t, volume("us-west-2a", 100), volume("us-west-2b", 200))
	assert.False(t, r.Safe())
	assert.Equal(t, []string{volumeURN}, r.Missing())
	assert.Equal(t, "needs approval: 1 loss of data", r.Verdict)
	assert.Equal(t, []string{"data replace data: replaced because of availabilityZone (us-west-2a to us-west-2b)"}, lines(r))
	assert.Contains(t, r.Findings[0].Lost, "what the volume holds")
	text := r.Markdown(review.CommentLimit)
	assert.Contains(t, text, "bpa-approve: "+volumeURN)
	assert.Contains(t, text, "downtime: what runs on the node is down")

	approved := reviewed(t, volume("us-west-2a", 100), volume("us-west-2b", 200), volumeURN, "urn:pulumi:test::bpa::x:y/z:Z::gone")
	assert.True(t, approved.Safe())
	assert.Equal(t, "safe (1 approved)", approved.Verdict)
	assert.Equal(t, []string{"urn:pulumi:test::bpa::x:y/z:Z::gone"}, approved.Unused)
}

func TestWhatChangesInPlaceIsNoLoss(t *testing.T) {
	r := reviewed(t, volume("us-west-2a", 100), volume("us-west-2a", 200))
	assert.True(t, r.Safe())
	assert.Equal(t, "safe", r.Verdict)
	assert.Equal(t, []string{
		"note update data: the volume cannot be changed again for 6 hours; the file system grows at the node's next boot " +
			"because of size (100 to 200)",
	}, lines(r))
}

// The engine's event log says the same as its JSON.
func TestTheEventLogIsReadAsWell(t *testing.T) {
	first := options(t, volume("us-west-2a", 100))
	result, err := rehearsal.Change(context.Background(), first, options(t, volume("us-west-2b", 100)))
	require.NoError(t, err, result.Text)
	events := string(result.Events)
	log := events[strings.LastIndex(events[:strings.LastIndex(events, `"preludeEvent"`)], "\n")+1:] // of the preview, which came last
	preview, err := stackdoc.ReadPreview(strings.NewReader("$ pulumi preview --json\n" + log))
	require.NoError(t, err)
	r, err := review.New(preview, review.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"data replace data: replaced because of availabilityZone (us-west-2a to us-west-2b)"}, lines(r))
	_, err = stackdoc.ReadPreview(strings.NewReader(log[:len(log)/2][:strings.LastIndex(log[:len(log)/2], "\n")]))
	require.ErrorContains(t, err, "the preview did not end")
}

func TestNothingChangesIsSafe(t *testing.T) {
	r := reviewed(t, volume("us-west-2a", 100), volume("us-west-2a", 100))
	assert.Equal(t, "safe: nothing changes", r.Verdict)
	assert.Empty(t, r.Findings)
	assert.Empty(t, r.Harmless)
}

func TestDeletedAndUnprotected(t *testing.T) {
	gone := func(*pulumi.Context, *aws.Provider) error { return nil }
	r := reviewed(t, volume("us-west-2a", 100), gone)
	assert.Equal(t, []string{"data delete data: deleted"}, lines(r))
	assert.False(t, r.Safe())

	r = reviewed(t, volume("us-west-2a", 100, pulumi.Protect(true)), volume("us-west-2a", 100))
	assert.Equal(t, []string{"protection same data: `protect`: Pulumi no longer refuses to delete it"}, lines(r))
	assert.Equal(t, "needs approval: 1 protection lifted", r.Verdict)

	r = reviewed(t, volume("us-west-2a", 100, pulumi.RetainOnDelete(true)), gone)
	assert.Empty(t, r.Findings, "it stays in the cloud")
	assert.Equal(t, 1, r.Counts[review.Forget])
}

// A protected resource that would be deleted fails the preview; such a preview is not reviewed as if it were whole.
func TestAFailedPreviewIsNotReviewed(t *testing.T) {
	first := options(t, volume("us-west-2a", 100, pulumi.Protect(true)))
	result, err := rehearsal.Digest(
		context.Background(),
		rehearsal.Base{Program: &first},
		options(t, volume("us-west-2b", 100, pulumi.Protect(true))),
	)
	require.Error(t, err)
	preview, err := stackdoc.ReadPreview(bytes.NewReader(result.Digest))
	require.NoError(t, err)
	_, err = review.New(preview, review.Options{})
	require.ErrorContains(t, err, "the preview failed, and cannot be reviewed:")
	require.ErrorContains(t, err, "marked for protection")
}

func TestDeleteBeforeReplaceIsSaid(t *testing.T) {
	r := reviewed(t, volume("us-west-2a", 100), volume("us-west-2b", 100, pulumi.DeleteBeforeReplace(true)))
	assert.Equal(t, []string{
		"data replace data: replaced, the old one deleted first, because of availabilityZone (us-west-2a to us-west-2b)",
	}, lines(r))
	assert.Equal(t, map[review.Kind]int{review.Replace: 1}, r.Counts)
}

// What is deleted first takes its dependants along. Without --show-replacement-steps the engine's JSON names no cause for
// them, and not what is deleted first.
func TestWhatDependsOnADeletionIsReplacedAlongWithIt(t *testing.T) {
	first := options(t, chain("10.1.0.0/16", "10.1.0.0/24"))
	second := options(t, chain("10.2.0.0/16", "10.2.0.0/24", pulumi.DeleteBeforeReplace(true)))
	result, err := rehearsal.Digest(context.Background(), rehearsal.Base{Program: &first}, second)
	require.NoError(t, err, result.Text)
	preview, err := stackdoc.ReadPreview(bytes.NewReader(result.Digest))
	require.NoError(t, err)
	cause := "loss replace vpc: replaced, the old one deleted first, because of cidrBlock (10.1.0.0/16 to 10.2.0.0/16)"
	inner := func(s stackdoc.Step) bool { return strings.HasSuffix(s.Op, "replaced") || s.Op == "create-replacement" }
	for i, want := range []string{"because of vpcId (new value known after up)", "as `vpc`, which it needs, is"} {
		if i == 1 {
			preview.Steps = slices.DeleteFunc(preview.Steps, inner)
		}
		r, err := review.New(preview, review.Options{})
		require.NoError(t, err)
		text := strings.Join(lines(r), "\n")
		assert.Contains(t, text, cause)
		assert.Contains(t, text, "loss replace subnet: replaced, the old one deleted first, "+want)
		assert.Equal(t, 2, r.Counts[review.Replace])
	}
}

func TestARenamedResourceWithAnAliasIsMovedAndNotLost(t *testing.T) {
	renamed := func(ctx *pulumi.Context, p *aws.Provider) error {
		_, err := ebs.NewVolume(ctx, "opt", &ebs.VolumeArgs{
			AvailabilityZone: pulumi.String("us-west-2a"), Size: pulumi.Int(100), Type: pulumi.String("gp3"), Encrypted: pulumi.Bool(true),
		}, pulumi.Provider(p), pulumi.Aliases([]pulumi.Alias{{Name: pulumi.String("data")}}))
		return err
	}
	r := reviewed(t, volume("us-west-2a", 100), renamed)
	assert.True(t, r.Safe())
	assert.Empty(t, r.Findings)
	assert.Equal(t, map[review.Kind]int{review.Move: 1}, r.Counts)
	require.Len(t, r.Harmless, 1)
	assert.Equal(t, volumeURN, string(r.Harmless[0].Moved))
}

func TestAnImportIsNoLoss(t *testing.T) {
	existing := apitype.ResourceV3{
		URN: volumeURN, Type: catalog.EBSVolume, Custom: true, ID: "vol-0123456789abcdef0",
		Inputs: map[string]any{"availabilityZone": "us-west-2a", "size": 100.0, "type": "gp3", "encrypted": true},
	}
	existing.Outputs = existing.Inputs
	o := options(t, volume("us-west-2a", 100, pulumi.Import(pulumi.ID("vol-0123456789abcdef0"))))
	o.Existing = []apitype.ResourceV3{existing}
	result, err := rehearsal.Digest(context.Background(), rehearsal.Base{}, o)
	require.NoError(t, err, result.Text)
	preview, err := stackdoc.ReadPreview(bytes.NewReader(result.Digest))
	require.NoError(t, err)
	r, err := review.New(preview, review.Options{})
	require.NoError(t, err)
	assert.Equal(t, map[review.Kind]int{review.Import: 1}, r.Counts)
	assert.True(t, r.Safe())
	assert.Empty(t, r.Findings)
}

func TestAFirstDeploymentIsSafe(t *testing.T) {
	r := reviewed(t, func(*pulumi.Context, *aws.Provider) error { return nil }, volume("us-west-2a", 100))
	assert.True(t, r.FirstDeployment)
	assert.Equal(t, "safe: a first deployment of 1 resources", r.Verdict)
}

// chain is a VPC with a subnet and a security group in it: a new CIDR replaces all three, and the ids of the dependants'
// new VPC are unknown in the preview.
func chain(cidr, subnet string, opts ...pulumi.ResourceOption) func(*pulumi.Context, *aws.Provider) error {
	return func(ctx *pulumi.Context, p *aws.Provider) error {
		network, err := ec2.NewVpc(ctx, "vpc", &ec2.VpcArgs{CidrBlock: pulumi.String(cidr)}, append(opts, pulumi.Provider(p))...)
		if err != nil {
			return err
		}
		_, err = ec2.NewSubnet(ctx, "subnet", &ec2.SubnetArgs{
			VpcId: network.ID(), CidrBlock: pulumi.String(subnet), AvailabilityZone: pulumi.String("us-west-2a"),
		}, pulumi.Provider(p))
		return err
	}
}

func TestAChainOfReplacementsNamesWhatIsUnknown(t *testing.T) {
	r := reviewed(t, chain("10.1.0.0/16", "10.1.0.0/24"), chain("10.2.0.0/16", "10.2.0.0/24"))
	text := strings.Join(lines(r), "\n")
	assert.Contains(t, text, "loss replace vpc: replaced because of cidrBlock (10.1.0.0/16 to 10.2.0.0/16)")
	assert.Contains(t, text, "loss replace subnet: replaced because of cidrBlock (10.1.0.0/24 to 10.2.0.0/24) "+
		"because of vpcId (new value known after up)")
	assert.Equal(t, 2, r.Counts[review.Replace], "each resource once, however many steps its replacement has")
	assert.NotContains(t, r.Markdown(review.CommentLimit), "04da6b54")
}
