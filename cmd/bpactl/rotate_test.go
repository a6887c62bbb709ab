package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rotatable is the development stack's file in a folder of its own, with lines added to its section database.
func rotatable(t *testing.T, lines string) (file string, read func() string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(project, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	file = filepath.Join(t.TempDir(), "Pulumi.dev.yaml")
	const section = "  bpa:database:\n"
	require.Contains(t, string(b), section)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(b), section, section+lines, 1)), 0o600))
	return file, func() string {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(b)
	}
}

func TestRotateCountsInTheStackFile(t *testing.T) {
	file, read := rotatable(t, "")
	for count, want := range []string{"rotation.database.kong is 1", "rotation.database.kong is 2"} {
		out, err := bpactl(t, "rotate", "database.kong", "--file", file)
		require.NoError(t, err)
		assert.Equal(t, file+": "+want+"; run `pulumi up --stack dev`\n", out)
		assert.Contains(t, read(), "  bpa:rotation:\n    database:\n      kong: "+string(rune('1'+count))+"\n")
	}
}

func TestRotateAsksForTheNewValueOfAPasswordThatIsGiven(t *testing.T) {
	file, read := rotatable(t, "    kongPassword:\n      secure: v1:abc\n")
	out, err := bpactl(t, "rotate", "database.kong", "--file", file)
	require.NoError(t, err)
	assert.Contains(t, out, "database.kongPassword is given, not generated: give another, or the new user has the old password:\n"+
		"  pulumi config set --secret --stack dev --path 'bpa:database.kongPassword'\n")
	assert.Contains(t, read(), "kong: 1")
	out, err = bpactl(t, "rotate", "atlas", "--file", file)
	require.NoError(t, err)
	assert.NotContains(t, out, "is given")
}

func TestARotationThatCannotBeLeavesTheFileAsItIs(t *testing.T) {
	file, read := rotatable(t, "    masterPassword:\n      secure: v1:abc\n")
	before := read()
	_, err := bpactl(t, "rotate", "database.master", "--file", file)
	require.ErrorContains(t, err, file+" is unchanged:")
	require.ErrorContains(t, err, "rotation.database.master: 1: counts generated passwords, and database.masterPassword is given: "+
		"replace it with pulumi config set --secret --path 'bpa:database.masterPassword'")
	_, err = bpactl(t, "rotate", "certificate", "--file", file)
	require.ErrorContains(t, err, "certificate: is not generated; put the new files in place and run `pulumi up` (docs/rotation.md)")
	_, err = bpactl(t, "rotate", "everything", "--file", file)
	require.ErrorContains(t, err, `"everything": must be one of database.master, database.admin, `)
	assert.Equal(t, before, read())
}
