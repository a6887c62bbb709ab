package recovery

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

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
	found, given, err := ImportFiles{Listings: []string{keys, others}, Passwords: passwords}.read(&out)
	require.NoError(t, err)
	assert.Len(t, found, 3)
	assert.Equal(t, map[string]string{"database-kong": "hunter2"}, given)
	assert.Equal(t, keys+": 2 resources, 0 of other kinds\n"+others+": 1 resources, 1 of other kinds\n", out.String())

	for _, bad := range []ImportFiles{
		{Listings: []string{write("error.json", "An error occurred (AccessDenied)")}},
		{Listings: []string{keys}, Passwords: write("list.json", "[]")},
	} {
		_, _, err := bad.read(&out)
		require.Error(t, err)
		assert.Contains(t, err.Error(), dir, "the file is named")
		assert.NotContains(t, err.Error(), "hunter2")
	}
}
