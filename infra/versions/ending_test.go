package versions_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/versions"
)

func TestR16D03WhatEndsWithinNinetyDaysIsFoundWithItsRemedy(t *testing.T) {
	stack := versions.Stack{Kubernetes: "1.34", PostgreSQL: "16.14", MongoDB: "7.0", AMIReleases: []string{"v20260930", "v20260930"}}
	assert.Equal(t, []versions.Finding{{
		Product: "EKS", Version: "1.34", Kind: versions.StandardSupport, Date: on(t, "2026-12-02"), DaysLeft: 8,
		Remedy: `set cluster.version to "1.35", then the nodes one at a time (docs/upgrades.md)`, Source: versions.EKS.Releases[7].Source,
	}}, versions.Ending(stack, on(t, "2026-11-24"), 90))

	findings := versions.Ending(stack, on(t, "2027-08-31"), 90)
	require.Len(t, findings, 4)
	assert.Equal(t, []any{"1.34", versions.StandardSupport, -272}, []any{findings[0].Version, findings[0].Kind, findings[0].DaysLeft},
		"in extended support: it runs on, and costs more")
	assert.Equal(t, []any{"16.14", versions.ForcedUpgrade, -17}, []any{findings[1].Version, findings[1].Kind, findings[1].DaysLeft},
		"the major's support goes on until 2029, a minor's does not")
	findings = append(findings[:1], findings[2:]...)
	assert.Equal(t, []any{"7.0", versions.AnySupport, 0}, []any{findings[1].Version, findings[1].Kind, findings[1].DaysLeft})
	assert.Equal(t, `set atlas.version to "8.0" (docs/upgrades.md)`, findings[1].Remedy)
	assert.Equal(t, []any{"EKS node AMI", "v20260930", versions.ImageAge},
		[]any{findings[2].Product, findings[2].Version, findings[2].Kind}, "once, however many nodes have it")
}

func TestR16TheDayOfTheEndStillCounts(t *testing.T) {
	stack := versions.Stack{Kubernetes: "1.35"}
	assert.Empty(t, versions.Ending(stack, on(t, "2026-12-26"), 90), "91 days")
	findings := versions.Ending(stack, on(t, "2026-12-27"), 90)
	require.Len(t, findings, 1)
	assert.Equal(t, 90, findings[0].DaysLeft)
	assert.Equal(t, 0, versions.Ending(stack, on(t, "2027-03-27"), 90)[0].DaysLeft)
	assert.Equal(t, -1, versions.Ending(stack, on(t, "2027-03-28"), 90)[0].DaysLeft)
	assert.Equal(t, versions.AnySupport, versions.Ending(stack, on(t, "2028-01-01"), 90)[0].Kind, "the end of all support is the graver")
}

func TestAnImageIsTooOldAfterNinetyDaysAndNotBefore(t *testing.T) {
	stack := versions.Stack{AMIReleases: []string{"v20260930"}}
	assert.Empty(t, versions.Ending(stack, on(t, "2026-12-29"), 90))
	findings := versions.Ending(stack, on(t, "2026-12-30"), 90)
	require.Len(t, findings, 1)
	assert.Equal(t, -1, findings[0].DaysLeft)
}

func TestWhatTheCalendarDoesNotKnowIsAFinding(t *testing.T) {
	for _, stack := range []versions.Stack{
		{Kubernetes: "1.99"}, {PostgreSQL: "15.1"}, {MongoDB: "9.0"}, {AMIReleases: []string{"latest"}},
		{AMIReleases: []string{"v20261399"}},
	} {
		findings := versions.Ending(stack, on(t, "2026-11-24"), 0)
		require.Len(t, findings, 1)
		assert.Equal(t, versions.NotListed, findings[0].Kind)
		assert.True(t, findings[0].Date.IsZero())
	}
	assert.Empty(t, versions.Ending(versions.Stack{}, on(t, "2026-11-24"), 90), "what is not given is not looked at")
	assert.Empty(
		t,
		versions.Ending(versions.Stack{PostgreSQL: "17.10"}, on(t, "2027-05-15"), 90),
		"an end that is not verified is not made up",
	)
}

func TestR16RDSUpgradesAnOldMinorByItself(t *testing.T) {
	for version, want := range map[string]string{"16.9": "since 2026-08-08", "16.11": "from 2027-02-13 on"} {
		found := versions.Ending(versions.Stack{PostgreSQL: version}, on(t, "2026-11-28"), 90)
		require.Len(t, found, 1, version)
		assert.Equal(t, "may be upgraded by AWS itself "+want+", by its habit", found[0].When(), version)
		assert.Equal(t, `set database.engineVersion to "16.14" (docs/upgrades.md)`, found[0].Remedy, version)
	}
	assert.Empty(t, versions.Ending(versions.Stack{PostgreSQL: "16.14"}, on(t, "2026-11-28"), 90))
	last := versions.Ending(versions.Stack{PostgreSQL: "16.14"}, on(t, "2027-06-01"), 90)
	require.Len(t, last, 1)
	assert.Equal(t, "look for a newer minor version of RDS PostgreSQL, and add it to infra/versions/calendar.go", last[0].Remedy)
}

func TestTheNextVersionIsOneThatTheServiceUpgradesTo(t *testing.T) {
	today := on(t, "2026-11-24")
	assert.Equal(t, "1.35", versions.EKS.Next("1.34", today), "one minor at a time")
	assert.Equal(t, "16.14", versions.PostgreSQL.Next("16.8", today), "the last minor of the same major")
	assert.Equal(t, "17.10", versions.PostgreSQL.Next("16.14", today))
	assert.Equal(t, "8.0", versions.MongoDB.Next("7.0", today))
	assert.Empty(t, versions.MongoDB.Next("8.0", today))
	ended := versions.Ending(versions.Stack{PostgreSQL: "16.3"}, today, 90)
	require.Len(t, ended, 1)
	assert.Equal(t, -364, ended[0].DaysLeft, "it cannot be created any more; when its support ended is not verified")
}

func TestR16D03TheMatrixHoldsThePapersVersionsAndThoseOfTheDefaults(t *testing.T) {
	rows := versions.Matrix()
	require.Len(t, rows, len(versions.Profiles))
	for _, row := range rows {
		assert.Equal(t, versions.Profiles[row.Profile], versions.Profile{EKS: row.EKS, PostgreSQL: row.PostgreSQL, MongoDB: row.MongoDB})
		assert.NotEmpty(t, row.Basis)
		assert.NotEmpty(t, row.Source)
		for product, version := range map[*versions.Product]string{
			&versions.EKS: row.EKS, &versions.PostgreSQL: row.PostgreSQL, &versions.MongoDB: row.MongoDB,
		} {
			_, known := product.Find(version)
			assert.True(t, known, "%s %s", product.Name, version)
		}
	}
}

func TestR16WhatOfAProductLeavesSoonLeavesOutWhatIsGone(t *testing.T) {
	var said []string
	for _, f := range versions.EKS.Leaving(on(t, "2026-11-25"), 90) {
		said = append(said, f.Version+" "+f.When())
	}
	assert.Equal(t, []string{
		"1.31 support ends tomorrow, 2026-11-26", "1.34 standard support, after which it costs more, ends on 2026-12-02, in 7 days",
	}, said)
	assert.Empty(t, versions.MongoDB.Leaving(on(t, "2026-11-25"), 90))
}

func TestR16AFindingSaysWhen(t *testing.T) {
	day := on(t, "2026-11-25")
	for want, f := range map[string]versions.Finding{
		"support ends today, 2026-11-25":               {Kind: versions.AnySupport, Date: day},
		"support ended on 2026-11-25":                  {Kind: versions.AnySupport, Date: day, DaysLeft: -1},
		"has been older than 90 days since 2026-11-25": {Kind: versions.ImageAge, Date: day, DaysLeft: -1},
		"is not in the calendar":                       {Kind: versions.NotListed},
		"support ends on 2026-11-25, in 40 days":       {Kind: versions.AnySupport, Date: day, DaysLeft: 40},
	} {
		assert.Equal(t, want, f.When())
	}
}

func TestR16AStackCouldBeCreatedUntilTheFirstOfItsVersionsCouldNot(t *testing.T) {
	today := on(t, "2026-11-25")
	assert.Equal(t, on(t, "2026-04-30"), versions.Stack{Kubernetes: "1.30", PostgreSQL: "16.8", MongoDB: "7.0"}.Creatable(today))
	assert.Equal(t, today, versions.Stack{Kubernetes: "1.35", PostgreSQL: "16.14", MongoDB: "7.0"}.Creatable(today))
	assert.Equal(t, today, versions.Stack{PostgreSQL: "17.10"}.Creatable(today), "its end is not known")
}
