package chartcheck_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/chart"
	"github.com/bpa-on-aws/platform/internal/chartcheck"
)

// advised is what the check of a chart advises, as texts.
func advised(t *testing.T, dir string, forceTLS bool) []string {
	t.Helper()
	c := stack(t)
	c.Application.Chart, c.Database.ForceTLS = dir, forceTLS
	report, err := chartcheck.Check(c, ".")
	require.NoError(t, err)
	assert.Empty(t, report.Problems, "advice is no problem")
	var texts []string
	for _, a := range report.Advice {
		texts = append(texts, chart.Problem{File: a.File, Text: a.Text}.String())
	}
	return texts
}

func TestAChartWhoseKongSpeaksWithoutTLSIsAdvised(t *testing.T) {
	const environment = "bpa/env/environment.txt"
	without := variant(t, [3]string{environment, "KONG_PG_SSL=on\n", ""})
	assert.Equal(t, []string{
		"templates/workloads.yaml: Deployment \"kong\": Kong speaks to PostgreSQL without TLS unless KONG_PG_SSL is on, and the stack's " +
			"refuses that: set it in application.environment, or bpa:database.forceTls to false",
	}, advised(t, without, true))
	assert.Empty(t, advised(t, without, false))
	assert.Empty(t, advised(t, "", true), "the reference chart says it in environment.txt")
	assert.Empty(t, advised(t, variant(t, [3]string{environment, "KONG_PG_SSL=on\n", ""}, [3]string{
		"templates/workloads.yaml", "          env:\n", "          env:\n            - {name: KONG_PG_SSL, value: \"on\"}\n",
	}), true))
}

func TestAChartThatNamesAnotherDatabaseOfMongoDBIsAdvised(t *testing.T) {
	got := advised(t, variant(t, [3]string{"templates/workloads.yaml", "          env:\n", "          env:\n" +
		"            - {name: MONGO_DB_NAME, value: inventory}\n" +
		"            - {name: AUDIT, value: \"mongodb+srv://sample.mongodb.net/audit?w=1\"}\n" +
		"            - {name: OWN, value: \"mongodb+srv://sample.mongodb.net/bpa\"}\n" +
		"            - {name: LOGIN, value: \"mongodb+srv://sample.mongodb.net/admin\"}\n"}), true)
	require.NotEmpty(t, got)
	assert.Equal(
		t,
		"templates/workloads.yaml: Deployment \"camunda\": names the MongoDB database audit, and BPA's user may use bpa alone: "+
			"add it to bpa:atlas.databases",
		got[0],
	)
	assert.Contains(t, got[1], "names the MongoDB database inventory")
	assert.Len(t, got, 24, "two of each of twelve workloads")
}

func TestAChartWithSQLOfTheMasterUserIsAdvised(t *testing.T) {
	got := advised(t, variant(t, [3]string{"templates/init.yaml", "", `apiVersion: v1
kind: ConfigMap
metadata: {name: init}
data:
  init.sql: |
    create  database reports;
    CREATE TABLE user (id int);
    CREATE EXTENSION pgcrypto;
`}), true)
	assert.Equal(t, []string{
		"templates/init.yaml: ConfigMap \"init\": holds CREATE DATABASE, and BPA's roles, admin too, may neither make roles " +
			"nor databases, nor change the server: have the master user run it",
	}, got)
}
