package cost_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
)

func TestD07TheProjectsPricesAreStatedOnceWithSourceAndDay(t *testing.T) {
	table, err := cost.Prices()
	require.NoError(t, err)
	for _, s := range table.Sources {
		assert.False(t, s.Seen.After(time.Now()), "%s: a price is not of tomorrow", s.Title)
	}
	for _, d := range table.Derived {
		for key := range d.Times {
			assert.NotContains(t, table.Keys(), key, "a price that is stated is not derived")
		}
	}
}

func TestTheRegionsThatStandInForEachOtherCostTheSame(t *testing.T) {
	table, err := cost.Prices()
	require.NoError(t, err)
	compared := 0
	for region, other := range table.StandIns {
		for _, key := range table.Keys() {
			own, ok := table.Lookup(key, region)
			theirs, there := table.Lookup(key, other)
			if ok && there && own.StandIn == "" && theirs.StandIn == "" && own.Source != theirs.Source {
				compared++
				assert.Equal(t, own.USD, theirs.USD, "%s: %s is no stand-in for %s", key, other, region)
			}
		}
	}
	assert.Greater(t, compared, 30, "the claim must rest on something")
}

func TestAPriceOfAnotherRegionSaysSo(t *testing.T) {
	table := testTable(t)
	price, ok := table.Lookup("rds.postgres.db.x.2xlarge", "us-west-2")
	require.True(t, ok)
	assert.Equal(t, "us-east-1", price.StandIn)
	assert.Equal(t, "RDS db.x.2xlarge", price.What)
	price, ok = table.Lookup("rds.postgres.db.x.xlarge", "us-west-2")
	require.True(t, ok)
	assert.InDelta(t, 1.00, price.USD, 1e-9, "half of 2.00")
	assert.Equal(t, "0.5 × rds.postgres.db.x.2xlarge: they are in proportion", price.Derived)
	price, ok = table.Lookup("nat.hour", "us-west-2")
	require.True(t, ok)
	assert.Empty(t, price.StandIn+price.Derived)
	_, ok = table.Lookup("nat.hour", "us-east-1")
	assert.False(t, ok, "us-west-2 stands in for nobody")
	_, ok = table.Lookup("rds.postgres.db.x.2xlarge", "eu-west-1")
	assert.False(t, ok, "nobody stands in for eu-west-1")
}

func TestAnEstimateOfARegionWithoutPricesNamesEverything(t *testing.T) {
	resources := stack(t, "eu-west-1", made(urn("Network", catalog.EC2NatGateway, "n"), nil),
		made(urn("Network", catalog.EC2Eip, "n"), nil))
	e, err := cost.New(resources, cost.Options{Table: testTable(t), Date: today})
	require.NoError(t, err)
	assert.Zero(t, e.Total)
	assert.Equal(t, []string{
		"n: address (1 × 730 h): the table has no price of it in eu-west-1",
		"n: NAT gateway (1 × 730 h): the table has no price of it in eu-west-1",
	}, whys(e))
	assert.Contains(t, e.Text(), "cost prod: about $0.00 a month in eu-west-1, without 2 prices\n")
}

func TestAProviderOfAnotherRegionHasItsPrices(t *testing.T) {
	parent := project + catalog.AwsProvider + "::aws-parent"
	elsewhere := func(r map[string]any) { r["provider"] = parent + "::4567" }
	e := estimate(t, made(parent, map[string]any{"region": "ap-south-1"}),
		made(urn("Atlas", catalog.EC2Eip, "a"), nil, elsewhere), made(urn("Network", catalog.EC2Eip, "n"), nil))
	assert.Equal(t, cost.Cents(365), e.Total)
	assert.Equal(t, []string{"a: address (1 × 730 h): the table has no price of it in ap-south-1"}, whys(e))
	assert.Equal(t, []string{"ap-south-1", "us-west-2"}, e.Regions)
}

func TestATableThatIsWrongIsRefused(t *testing.T) {
	for want, c := range map[string]struct{ old, with string }{
		"nat.hour: us-west-2 is stated twice": {
			"regions: [us-east-1]\n    usd: {", "regions: [us-east-1, us-west-2]\n    usd: {nat.hour: 0.05, ",
		},
		"kms.kex: 1: must be a price above 0 of an item": {"kms.key: 1.00", "kms.kex: 1.00"},
		"kms.key: 0: must be a price above 0 of an item": {"kms.key: 1.00", "kms.key: 0"},
		"kms.key: must have a price, or be unpriced":     {"      kms.key: 1.00\n", ""},
		"alb.lcu: must have a price, or be unpriced":     {"unit: LCU-hour, unpriced: true", "unit: LCU-hour"},
		"needs title, publisher, read, seen and regions": {"publisher: https://example.com/west", "publisher: somebody"},
		"parsing time": {"seen: 2026-06-01", "seen: June"},
		"derived from rds.postgres.db.z: needs a price and a reason": {"{from: rds.postgres.db.x.2xlarge,", "{from: rds.postgres.db.z,"},
		"field prize not found": {"undated: true", "prize: true"},
	} {
		require.Contains(t, testPrices, c.old)
		_, err := cost.Read([]byte(strings.Replace(testPrices, c.old, c.with, 1)))
		require.ErrorContains(t, err, want)
	}
}

func TestPricesAreWarnedAboutWhenTheyAreSixMonthsOld(t *testing.T) {
	nat := made(urn("Network", catalog.EC2NatGateway, "n"), nil)
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) // six months after 2026-06-01
	e := estimateOn(t, day, nat, nat)
	assert.Empty(t, e.Prices.Warning())
	assert.Equal(t, cost.Age{Oldest: "2026-06-01", Newest: "2026-06-01", Used: 1}, e.Prices, "one price, however often")
	e = estimateOn(t, day.AddDate(0, 0, 1), nat)
	const warning = "1 of 1 prices are more than 6 months old: docs/cost.md says how to bring them up to date"
	assert.Equal(t, warning, e.Prices.Warning())
	assert.Contains(t, e.Text(), "\nwarning: 1 of 1 prices are more than 6 months old")
	bastion := made(urn("Bastion", catalog.EC2Instance, "b"), map[string]any{
		"instanceType": "t9.tiny", "rootBlockDevice": map[string]any{"volumeType": "gp3"},
	})
	e = estimateOn(t, day, bastion)
	assert.Equal(t, "2 prices of 2026-06-01, 1 whose source names no day", e.Prices.String())
	assert.Zero(t, e.Prices.Stale)
	// A price without a day ages from when it was read, 2026-11-25.
	for on, stale := range map[string]int{"2027-05-25": 1, "2027-05-26": 2} {
		day, err := time.Parse(time.DateOnly, on)
		require.NoError(t, err)
		assert.Equal(t, stale, estimateOn(t, day, bastion).Prices.Stale, on)
	}
}

func TestTheListOfPricesNamesEverySource(t *testing.T) {
	text := testTable(t).List()
	for _, want := range []string{
		"[1] the west (2026-06-01)\n", "[2] the east (no day given, read on 2026-11-25)\n", "    https://example.com/east\n",
		"kms.key                             1.00 per month            us-west-2\n",
		"derived from rds.postgres.db.x.2xlarge, because they are in proportion:\n",
	} {
		assert.Contains(t, text, want)
	}
}
