package recovery

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPluginWithoutAnEngineIsAnOrphan(t *testing.T) {
	assert.Equal(t, []Process{{ID: 3, Parent: 1, Name: "pulumi-resource-kubernetes"}}, orphans([]Process{
		{ID: 1, Name: "init"}, {ID: 2, Parent: 1, Name: "pulumi"}, {ID: 3, Parent: 1, Name: "pulumi-resource-kubernetes"},
		{ID: 4, Parent: 2, Name: "pulumi-resource-aws"}, {ID: 5, Parent: 1, Name: "pulumi-language-go"},
	}))
}

func TestThisProcessIsAmongThoseThatRun(t *testing.T) {
	all, err := Processes()
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(all, func(p Process) bool { return p.ID == os.Getpid() && p.Parent == os.Getppid() }))
	dead, ok := parseProcess("7", []string{"Z", "1"}, "pulumi")
	assert.False(t, ok, "%v", dead)
}
