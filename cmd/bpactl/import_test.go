package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnImportReadsAllItsListings(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	keys := write("keys.json", `{"KeyMetadata": {"KeyId": "1"}} {"KeyMetadata": {"KeyId": "2"}}`)
	others := write("others.json", `{"Reservations": []} [{"type": "mongodbatlas:index/project:Project", "id": "0123"}]`)
	passwords := write("passwords.json", `{"database-kong": "hunter2"}`)

	var out bytes.Buffer
	cmd := &cobra.Command{}
	cmd.SetOut(&out)
	found, given, err := readImport(cmd, importFlags{listings: []string{keys, others}, passwords: passwords})
	require.NoError(t, err)
	assert.Len(t, found, 3)
	assert.Equal(t, map[string]string{"database-kong": "hunter2"}, given)
	assert.Equal(t, keys+": 2 resources, 0 of other kinds\n"+others+": 1 resources, 1 of other kinds\n", out.String())

	for _, bad := range []importFlags{
		{listings: []string{write("error.json", "An error occurred (AccessDenied)")}},
		{listings: []string{keys}, passwords: write("list.json", "[]")},
	} {
		_, _, err := readImport(cmd, bad)
		require.Error(t, err)
		assert.Contains(t, err.Error(), dir, "the file is named")
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestADrillMustBeOneThatThereIs(t *testing.T) {
	_, err := bpactl(t, "rehearse", "drill", "flood")
	require.ErrorContains(t, err, `invalid argument "flood"`)
	out, err := bpactl(t, "rehearse", "drill", "--help")
	require.NoError(t, err)
	for _, drill := range []string{"node", "zone", "database", "state"} {
		assert.Contains(t, out, "  "+drill+" ")
	}
}
