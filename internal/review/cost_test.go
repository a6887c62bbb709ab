package review_test

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/review"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

const (
	west        = "urn:pulumi:prod::bpa::" + catalog.AwsProvider + "::aws"
	databaseURN = stack + "bpa:database:Database$" + catalog.RDSInstance + "::database-instance"
	natURN      = stack + "bpa:network:Network$" + catalog.EC2NatGateway + "::network-nat"
)

// costStep is a step of a preview on a resource in us-west-2.
func costStep(op, urn string, before, after map[string]any) stackdoc.Step {
	state := func(inputs map[string]any) *stackdoc.Resource {
		if inputs == nil {
			return nil
		}
		return &stackdoc.Resource{URN: resource.URN(urn), Custom: true, Provider: west + "::0123", Inputs: inputs}
	}
	return stackdoc.Step{Op: op, URN: resource.URN(urn), Old: state(before), New: state(after)}
}

// theProvider is what --show-sames shows of it.
func theProvider() stackdoc.Step {
	inputs := map[string]any{"region": "us-west-2"}
	return costStep("same", west, inputs, inputs)
}

func postgres(class string) map[string]any {
	return map[string]any{"engine": "postgres", "instanceClass": class, "storageType": "gp3", "allocatedStorage": 100.0}
}

func costOf(t *testing.T, steps ...stackdoc.Step) *review.Review {
	t.Helper()
	r, err := review.New(&stackdoc.Run{Steps: steps}, review.Options{Date: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	return r
}

// perHour is a price of the table, which changes with the world.
func perHour(t *testing.T, key string) cost.Cents {
	t.Helper()
	table, err := cost.Prices()
	require.NoError(t, err)
	price, ok := table.Lookup(key, "us-west-2")
	require.True(t, ok)
	return cost.Cents(price.USD*73000 + 0.5)
}

func TestAReviewSaysWhatAChangeCostsAMonth(t *testing.T) {
	r := costOf(t, theProvider(), costStep("update", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge")),
		costStep("same", natURN, map[string]any{}, map[string]any{}))
	require.NotNil(t, r.Cost)
	more := perHour(t, "rds.postgres.db.m5d.2xlarge") - perHour(t, "rds.postgres.db.m5d.large")
	assert.Equal(t, more, r.Cost.Monthly)
	require.Len(t, r.Cost.Components, 1, "the NAT gateway costs what it did")
	assert.Equal(t, "database", r.Cost.Components[0].Component)
	text := r.Markdown(review.CommentLimit)
	assert.Contains(t, text, "<details><summary>Cost: $"+more.String()+" more a month</summary>")
	assert.Contains(t, text, "| database |")
	assert.NotContains(t, text, "| network |")
	assert.True(t, r.Safe(), "money needs no approval")
}

func TestEachResourceIsPaidForOnceHoweverItIsReplaced(t *testing.T) {
	for name, steps := range map[string][]stackdoc.Step{
		"made first": {
			costStep("create-replacement", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge")),
			costStep("replace", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge")),
			costStep("delete-replaced", databaseURN, postgres("db.m5d.large"), nil),
		},
		"deleted first": {
			costStep("delete-replaced", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.large")),
			costStep("replace", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge")),
			costStep("create-replacement", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge")),
		},
	} {
		r := costOf(t, append([]stackdoc.Step{theProvider()}, steps...)...)
		require.NotNil(t, r.Cost, name)
		assert.Equal(t, perHour(t, "rds.postgres.db.m5d.2xlarge")-perHour(t, "rds.postgres.db.m5d.large"), r.Cost.Monthly, name)
	}
}

func TestWhatIsMadeAndDeletedIsDearerAndCheaper(t *testing.T) {
	nat := perHour(t, "nat.hour")
	r := costOf(t, theProvider(), costStep("create", natURN, nil, map[string]any{}))
	require.NotNil(t, r.Cost)
	assert.Equal(t, nat, r.Cost.Monthly)
	r = costOf(t, theProvider(), costStep("delete", natURN, map[string]any{}, nil))
	require.NotNil(t, r.Cost)
	assert.Equal(t, -nat, r.Cost.Monthly)
	assert.Contains(t, r.Markdown(review.CommentLimit), "Cost: $"+nat.String()+" less a month")
}

func TestAChangeThatCostsNothingHasNoSection(t *testing.T) {
	before, after := postgres("db.m5d.large"), postgres("db.m5d.large")
	after["deletionProtection"] = true
	r := costOf(t, theProvider(), costStep("update", databaseURN, before, after))
	assert.Nil(t, r.Cost)
	assert.NotContains(t, r.Markdown(review.CommentLimit), "Cost")
}

func TestARegionIsFoundWithoutTheProvider(t *testing.T) {
	step := costStep("update", databaseURN, postgres("db.m5d.large"), postgres("db.m5d.2xlarge"))
	r := costOf(t, step)
	require.NotNil(t, r.Cost)
	assert.Zero(t, r.Cost.Monthly)
	assert.Contains(t, r.Markdown(review.CommentLimit), "not in it: `database-instance`: `RDS PostgreSQL db.m5d.2xlarge (1 × 730 h): "+
		"its region is not in the preview: make that with --show-sames`")

	arn := map[string]any{"arn": "arn:aws:rds:us-west-2:111122223333:db:bpa-prod-postgres"}
	step.Old.Outputs, step.New.Outputs = arn, arn
	r = costOf(t, step)
	assert.Equal(t, perHour(t, "rds.postgres.db.m5d.2xlarge")-perHour(t, "rds.postgres.db.m5d.large"), r.Cost.Monthly)
	assert.Empty(t, r.Cost.Missing)
}

func TestNoTextOfAStackFileLeavesItsQuotesInTheCost(t *testing.T) {
	const hostile = "db.x`</details>\n# Approved"
	r := costOf(t, theProvider(), costStep("update", databaseURN, postgres("db.m5d.large"), postgres(hostile)))
	text := r.Markdown(review.CommentLimit)
	assert.Contains(t, text, "``RDS PostgreSQL db.x`</details>")
	assert.NotContains(t, text, "\n# Approved")
}

func TestTheCostOfAChangeIsATableAndItsParts(t *testing.T) {
	nat := perHour(t, "nat.hour")
	r := costOf(t, theProvider(), costStep("create", natURN, nil, map[string]any{}))
	want := "| component | before | after | difference |\n|---|---:|---:|---:|\n" +
		"| network | 0.00 | " + nat.String() + " | +" + nat.String() + " |\n" +
		"| **the stack** | 0.00 | " + nat.String() + " | **+" + nat.String() + "** |\n\n" +
		"- network: `NAT gateway`, none to 1 × 730 h: +" + nat.String() + "\n\n" +
		"An estimate, without what is paid by use: `bpactl cost`. 1 price of "
	assert.Contains(t, r.Markdown(review.CommentLimit), want)
}
