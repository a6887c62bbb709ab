package cost_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
)

func small(t *testing.T) *cost.Estimate {
	t.Helper()
	return estimate(t, append(group("lt-n", map[string]any{"desiredCapacity": 2.0}),
		made(urn("Network", catalog.EC2NatGateway, "a"), nil), made(urn("Network", catalog.EC2NatGateway, "b"), nil),
		made(urn("BPA", "aws:sqs/queue:Queue", "q"), nil),
		made(urn("Database", catalog.RDSInstance, "d"), map[string]any{
			"engine": "postgres", "instanceClass": "db.x.2xlarge", "storageType": "gp3", "allocatedStorage": 50.0,
		}))...)
}

func TestTheTableOfASmallStack(t *testing.T) {
	assert.Equal(t, `cost prod: about $3,023.00 a month in us-west-2, without 1 price

component     what                                          quantity  $ a month
database      RDS db.x.2xlarge                             1 × 730 h   1,460.00~
              RDS storage                                      50 GB      10.00
                                                            together   1,470.00
network       NAT gateway                                  2 × 730 h      73.00
nodes         EC2 m1.big                                   2 × 730 h   1,460.00
              gp3                                             200 GB      20.00
                                                            together   1,480.00
total                                                                  3,023.00

~ no price of the region itself:
- RDS db.x.2xlarge: the price of us-east-1

not in the total, because the table has no price of it:
- aws:sqs/queue:Queue is a type whose price is not known here (q)

not in the total, because it is paid by use (--usage KEY=QUANTITY a month):
- nat.gb: data through NAT, $0.05 per GB (network)
- transfer.zones: data between zones, no price in the table (network, nodes)

taken for granted:
- prices on demand, before tax, without free tiers, savings plans and discounts;
  a month of 730 hours

5 prices of 2026-06-01, 1 whose source names no day; sources: bpactl cost prices
`, small(t).Text())
}

func TestTheJSONHasEveryLineAndAddsUp(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, small(t).JSON(&out))
	assert.Contains(t, out.String(), `"monthlyUsd": 3023.00,`)
	var read cost.Estimate
	require.NoError(t, json.Unmarshal(out.Bytes(), &read))
	var lines, components cost.Cents
	for _, l := range read.Lines {
		lines += l.Monthly
	}
	for _, c := range read.Components {
		components += c.Monthly
	}
	assert.Equal(t, cost.Cents(302300), read.Total)
	assert.Equal(t, read.Total, lines)
	assert.Equal(t, read.Total, components)
	assert.Len(t, read.Lines, 6, "one for each resource and price")
}

func TestD07ADifferenceIsByComponentAndByPart(t *testing.T) {
	database := func(class string) map[string]any {
		return made(urn("Database", catalog.RDSInstance, "d"), map[string]any{
			"engine": "postgres", "instanceClass": class, "storageType": "gp3", "allocatedStorage": 50.0,
		})
	}
	nat := func(name string) map[string]any {
		return made(urn("Network", catalog.EC2NatGateway, name), nil)
	}
	before := estimate(t, database("db.x.2xlarge"), nat("a"))
	after := estimate(t, database("db.x.xlarge"), nat("a"), nat("b"), made(urn("BPA", "aws:sqs/queue:Queue", "q"), nil))
	d := cost.Compare(before, after)
	assert.Equal(t, []cost.Change{
		{Component: "database", Before: 147000, After: 74000}, {Component: "network", Before: 3650, After: 7300},
	}, d.Components)
	assert.Equal(t, "$693.50 less a month", d.Headline())
	assert.Equal(t, []cost.Part{
		{Component: "database", What: "RDS db.x.xlarge", Before: "none", After: "1 × 730 h", Monthly: 73000},
		{Component: "database", What: "RDS db.x.2xlarge", Before: "1 × 730 h", After: "none", Monthly: -146000},
		{Component: "network", What: "NAT gateway", Before: "1 × 730 h", After: "2 × 730 h", Monthly: 3650},
	}, d.Parts)
	require.Len(t, d.Missing, 1)
	assert.Equal(t, "aws:sqs/queue:Queue is a type whose price is not known here", d.Missing[0].Why)
	assert.Equal(t, "$693.50 more a month", cost.Compare(after, before).Headline())
	same := cost.Compare(after, after)
	assert.True(t, same.Empty())
	assert.Equal(t, "the same a month", same.Headline())
}

func TestWhatIsNoStateIsRefused(t *testing.T) {
	_, err := cost.FromState([]byte("x"))
	require.ErrorContains(t, err, "cost: reading the state")
	_, err = cost.FromState([]byte(`{"deployment": {}}`))
	require.ErrorContains(t, err, "must be the output of `pulumi stack export`")
}

func TestAResourceThatIsAboutToBeDeletedIsNotPaidFor(t *testing.T) {
	gone := func(r map[string]any) { r["delete"] = true }
	e := estimate(t, made(urn("Network", catalog.EC2NatGateway, "a"), nil),
		made(urn("Network", catalog.EC2NatGateway, "a"), nil, gone))
	assert.Equal(t, cost.Cents(3650), e.Total)
}
