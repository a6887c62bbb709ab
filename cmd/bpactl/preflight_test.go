package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/preflight"
)

// alone keeps a preflight from the credentials and clouds of this machine: every question goes to a server that refuses.
func alone(t *testing.T) (endpoint string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write(
			[]byte("<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no such key</Message></Error></ErrorResponse>"),
		)
	}))
	t.Cleanup(server.Close)
	home := t.TempDir()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_PROFILE": "", "AWS_SESSION_TOKEN": "",
		"AWS_CONFIG_FILE": filepath.Join(home, "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(home, "none"),
		"MONGODB_ATLAS_PUBLIC_KEY": "", "MONGODB_ATLAS_PRIVATE_KEY": "", "PULUMI_BACKEND_URL": "", "PULUMI_HOME": home,
	} {
		t.Setenv(name, value)
	}
	return server.URL
}

func TestPreflightReportsAndFails(t *testing.T) {
	endpoint := alone(t)
	out, err := bpactl(t, "preflight", "--stack", "dev", "--endpoint", endpoint, "--date", "2026-11-23")
	require.ErrorIs(t, err, errReported)
	assert.Regexp(t, `(?m)^identity +fail +no identity: `, out)
	assert.Regexp(t, `(?m)^state +fail +Pulumi is not logged in`, out)
	assert.Regexp(t, `\npreflight dev: 1 passed, \d+ warnings, \d+ failed\n$`, out)

	out, err = bpactl(t, "preflight", "--stack", "dev", "--endpoint", endpoint, "--json", "--only", "chart")
	require.ErrorIs(t, err, errReported)
	var report preflight.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	assert.Equal(t, "dev", report.Stack)
	assert.Len(t, report.Findings, 2)
}

func TestPreflightChecksItsFlags(t *testing.T) {
	for text, args := range map[string][]string{
		"give --file or --stack":                            {"preflight"},
		`--date: "soon": must be a date such as 2026-11-23`: {"preflight", "--stack", "dev", "--date", "soon"},
		"--timeout: 0s: must be positive, such as 30s":      {"preflight", "--stack", "dev", "--timeout", "0s"},
	} {
		_, err := bpactl(t, args...)
		require.EqualError(t, err, text)
	}
	_, err := bpactl(t, "preflight", "--stack", "dev", "--date", "2030-01-01")
	require.ErrorContains(t, err, `cluster.version: "1.35": cannot be created since 2028-03-27`)
	_, err = bpactl(t, "preflight", "--stack", "dev", "--only", "weather", "--endpoint", "http://127.0.0.1:1")
	require.ErrorContains(t, err, `preflight dev: no check "weather"`)
}
