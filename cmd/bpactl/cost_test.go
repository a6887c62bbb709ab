package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/review"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What each stack file costs, and what of it is not known: a reviewer of a change sees the money in testdata. `make golden`
// refreshes the files.
func TestGoldenCost(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		got, err := bpactl(t, "cost", "--stack", stack, "--date", "2026-11-25")
		require.NoError(t, err)
		file := filepath.Join(project, "cmd/bpactl/testdata", "cost-"+stack+".txt")
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
			require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, string(want), got, "if the change is meant, run `make golden`")
		for _, line := range strings.Split(got, "\n") {
			assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
		}
		assert.NotContains(t, got, "is a type whose price is not known here")
	}
}

// The runbook shows what the command prints today.
func TestTheRunbookOfCostShowsWhatTheCommandPrints(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(project, "docs/cost.md"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(project, "cmd/bpactl/testdata/cost-prod.txt"))
	require.NoError(t, err)
	assert.Contains(t, string(page), string(text), "copy cmd/bpactl/testdata/cost-prod.txt into docs/cost.md")
}

func TestCostAsJSONOfAnExportedStackWithUse(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	_, err := bpactl(t, "rehearse", "up", "--file", "Pulumi.dev.yaml", "--export", state)
	require.NoError(t, err)
	read := func(args ...string) cost.Estimate {
		out, err := bpactl(t, append([]string{"cost", "--state", state, "--json"}, args...)...)
		require.NoError(t, err)
		var e cost.Estimate
		require.NoError(t, json.Unmarshal([]byte(out), &e))
		return e
	}
	e, used := read(), read("--usage", "nat.gb=1000")
	assert.Equal(t, "dev", e.Stack)
	assert.Equal(t, cost.Cents(4500), used.Total-e.Total, "1000 GB at $0.045")
	assert.Len(t, used.LeftOut, len(e.LeftOut)-1)

	// The rehearsal of the same file is the same stack.
	out, err := bpactl(t, "cost", "--file", "Pulumi.dev.yaml")
	require.NoError(t, err)
	assert.Contains(t, out, "cost dev: about $"+e.Total.String()+" a month")
}

func TestExtendedSupportMakesTheClusterDearer(t *testing.T) {
	out, err := bpactl(t, "cost", "--stack", "dev", "--date", "2027-03-28")
	require.NoError(t, err)
	assert.Regexp(t, `\ncluster +EKS extended support +1 × 730 h +365\.00\n`, out)
	assert.Contains(t, out, "prices are more than 6 months old: docs/cost.md")
}

func TestTheReviewOfAFirstDeploymentCostsWhatTheStackCosts(t *testing.T) {
	out := filepath.Join(t.TempDir(), "review.json")
	text, err := bpactl(t, "review", "--to", "Pulumi.prod.yaml", "--json", out)
	var verdict status // what needs an approval is another test's affair
	require.True(t, err == nil || errors.As(err, &verdict), "%v", err)
	b, err := os.ReadFile(out)
	require.NoError(t, err)
	var r review.Review
	require.NoError(t, json.Unmarshal(b, &r))
	require.NotNil(t, r.Cost)
	assert.Contains(t, text, "<details><summary>Cost: $"+r.Cost.Monthly.String()+" more a month</summary>")
	golden, err := os.ReadFile(filepath.Join(project, "cmd/bpactl/testdata/cost-prod.txt"))
	require.NoError(t, err)
	assert.Contains(t, string(golden), "cost prod: about $"+r.Cost.After.String()+" a month",
		"a preview, in which much is unknown, costs what the stack costs")
}

func TestCostPricesNamesSources(t *testing.T) {
	out, err := bpactl(t, "cost", "prices")
	require.NoError(t, err)
	assert.Contains(t, out, "https://aws.amazon.com/eks/pricing/")
	assert.Contains(t, out, "atlas.M30")
}

func TestCostSaysWhatIsWrongWithItsFlags(t *testing.T) {
	for want, args := range map[string][]string{
		"give --file or --stack":                       nil,
		`--date: "soon": must be a date`:               {"--stack", "dev", "--date", "soon"},
		`--usage: "nat.gb": must be KEY=QUANTITY`:      {"--stack", "dev", "--usage", "nat.gb"},
		`--usage: "nat.gb=much": must be KEY=QUANTITY`: {"--stack", "dev", "--usage", "nat.gb=much"},
		"open none":               {"--state", "none"},
		"cost: reading the state": {"--state", "Pulumi.dev.yaml"},
		"unknown command \"price\" for \"bpactl cost\"": {"price"},
	} {
		_, err := bpactl(t, append([]string{"cost"}, args...)...)
		require.ErrorContains(t, err, want)
	}
}
