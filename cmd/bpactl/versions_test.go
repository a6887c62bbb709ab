package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The page shows what the command prints, and a terminal holds it.
func TestR16ThePageOfVersionsShowsWhatTheCommandPrints(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(project, "docs/versions.md"))
	require.NoError(t, err)
	for _, args := range [][]string{{"versions"}, {"versions", "--stack", "prod", "--within", "180"}} {
		out, _ := bpactl(t, append(args, "--date", "2026-11-25")...)
		for _, line := range strings.Split(out, "\n") {
			if len(strings.Fields(strings.TrimLeft(line, "[0123456789] "))) > 1 { // an address is not broken
				assert.LessOrEqual(t, utf8.RuneCountInString(line), 80, line)
			}
		}
		assert.Contains(
			t,
			string(page),
			out,
			"copy what `bpactl %s --date 2026-11-25` prints into docs/versions.md",
			strings.Join(args, " "),
		)
	}
}

func TestR16D03WhatOfAStackFallsOutOfSupportHasAnExitStatusOfItsOwn(t *testing.T) {
	out, err := bpactl(t, "versions", "--stack", "dev", "--date", "2026-11-25")
	require.NoError(t, err)
	assert.Equal(t, "dev: BPA 4.0.3-6 on EKS 1.35, PostgreSQL 16.14, MongoDB 7.0\n\n"+
		"dev on 2026-11-25: 0 out of support, or within 90 days\n", out)

	out, err = bpactl(t, "versions", "--stack", "dev", "--date", "2027-03-01")
	var own status
	require.ErrorAs(t, err, &own)
	assert.Equal(t, 2, own.code)
	require.ErrorIs(t, err, errReported)
	assert.Contains(t, out, "EKS 1.35: standard support, after which it costs more, ends on 2027-03-27, in 26\ndays\n"+
		"  -> set cluster.version to \"1.36\", then the nodes one at a time\n     (docs/upgrades.md)\n  source: ")
	assert.Contains(t, out, "dev on 2027-03-01: 2 out of support, or within 90 days\n")

	out, err = bpactl(t, "versions", "--stack", "dev", "--date", "2030-01-01", "--within", "0", "--json")
	require.ErrorAs(t, err, &own)
	var read struct {
		Stack  string
		Uses   map[string]any
		Ending []struct {
			Product, Version, Kind string
			DaysLeft               int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(out), &read))
	assert.Equal(t, "dev", read.Stack)
	assert.Equal(t, "16.14", read.Uses["postgresql"])
	require.Len(t, read.Ending, 4, "a stack that runs what cannot be created any more is read all the same")
	assert.Equal(t, "support", read.Ending[1].Kind)
	assert.Less(t, read.Ending[1].DaysLeft, 0)
}

func TestTheCalendarAsJSONHasEverySource(t *testing.T) {
	out, err := bpactl(t, "versions", "--json")
	require.NoError(t, err)
	var read struct {
		Matrix   []map[string]string
		Products []product
	}
	require.NoError(t, json.Unmarshal([]byte(out), &read))
	require.Len(t, read.Matrix, 2)
	for _, row := range read.Matrix {
		for _, column := range []string{"bpa", "profile", "eks", "postgresql", "mongodb", "basis", "source"} {
			assert.NotEmpty(t, row[column], column)
		}
	}
	require.Len(t, read.Products, 3)
	for _, p := range read.Products {
		for _, r := range p.Releases {
			assert.NotEmpty(t, r.Source, "%s %s", p.Name, r.Version)
			assert.True(t, r.SupportUntil != "" || r.Unverified != "", "%s %s: an end, or that it is not known", p.Name, r.Version)
		}
	}
}

func TestVersionsRefusesWhatItCannotUse(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--date", "soon"}, `--date: "soon": must be a date such as 2026-11-23`},
		{[]string{"--within", "-1"}, "--within: -1: must be a number of days, from 0 on"},
		{[]string{"--stack", "nobody"}, "Pulumi.nobody.yaml"},
	} {
		_, err := bpactl(t, append([]string{"versions"}, test.args...)...)
		require.ErrorContains(t, err, test.want)
		var own status
		assert.False(t, errors.As(err, &own), "a mistake is no finding")
	}
}
