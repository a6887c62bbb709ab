package explain_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/explain"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

var deployed = sync.OnceValues(func() ([]byte, error) {
	o, err := platform.Options("../../Pulumi.prod.yaml", "", io.Discard)
	if err != nil {
		return nil, err
	}
	result, err := rehearsal.Up(context.Background(), o)
	return result.State, err
})

func prod(t *testing.T) *explain.Stack {
	t.Helper()
	state, err := deployed()
	require.NoError(t, err)
	s, err := explain.New(state)
	require.NoError(t, err)
	return s
}

func TestARequirementNamesItsResourcesAndProofs(t *testing.T) {
	text, err := prod(t).Explain("r09")
	require.NoError(t, err)
	assert.Contains(t, text, "R09: `password_encryption` md5\nmet by: database\n")
	assert.Contains(t, text, "  ParameterGroup database-parameters\n")
	assert.Contains(t, text, "  TestR09PasswordsAreKeptAsMD5\n")
}

func TestAResourceSaysWhyWhatAndHowSafe(t *testing.T) {
	s := prod(t)
	byName, err := s.Explain("database-instance")
	require.NoError(t, err)
	for _, want := range []string{
		"part of database: RDS PostgreSQL", "  R03 RDS PostgreSQL that pods reach\n", "  protect: Pulumi refuses (bpa:protect)\n",
		"  deletionProtection: RDS refuses", "  ParameterGroup database-parameters\n", "  Release bpa-release\n",
		"if it goes, this is lost: every database on the instance",
	} {
		assert.Contains(t, byName, want)
	}
	byURN, err := s.Explain("urn:pulumi:prod::bpa::bpa:database:Database$" + catalog.RDSInstance + "::database-instance")
	require.NoError(t, err)
	assert.Equal(t, byName, byURN)
}

func TestWhatNoRequirementNamesServesOneThatIsNamed(t *testing.T) {
	text, err := prod(t).Explain("network-igw")
	require.NoError(t, err)
	assert.Contains(t, text, "no requirement names it; it serves ")
	assert.Contains(t, text, "nothing protects it from deletion")
}

func TestEveryComponentHasAPurposeAndResources(t *testing.T) {
	s := prod(t)
	folders, err := os.ReadDir("../../components")
	require.NoError(t, err)
	for _, f := range folders {
		text, err := s.Explain(f.Name())
		require.NoError(t, err, "internal/explain knows no purpose of component %s", f.Name())
		assert.True(t, strings.HasPrefix(text, f.Name()+": "), "internal/explain knows no purpose of component %s", f.Name())
		assert.NotContains(t, text, "\n0 resources")
	}
}

// Every requirement that a resource meets finds one, or its line in docs/requirements.md names something that is not there.
func TestEveryRequirementThatNamesResourcesFindsThem(t *testing.T) {
	s := prod(t)
	requirements := explain.Requirements()
	require.Len(t, requirements, 34)
	for i, r := range requirements {
		want := fmt.Sprintf("R%02d", i+1)
		if i >= 27 {
			want = fmt.Sprintf("D%02d", i-26)
		}
		assert.Equal(t, want, r.ID)
		assert.NotContains(t, r.Asks, "](", "a terminal has no links")
		text, err := s.Explain(r.ID)
		require.NoError(t, err)
		if len(r.Resources) > 0 && r.ID != "R27" { // a parent account's VPC, which prod does not have
			assert.Contains(t, text, "resources:\n", r.ID)
		}
	}
}

func TestAnUnknownWordSaysWhatIsAllowed(t *testing.T) {
	_, err := prod(t).Explain("database-instanc")
	require.ErrorContains(t, err, `"database-instanc": must be a requirement (R01 to R27, D01 to D07), a component (addons, atlas, `)
	assert.True(t, strings.HasSuffix(err.Error(), "; did you mean database-instance?"), err.Error())
	_, err = explain.New([]byte(`{"deployment":{}}`))
	require.ErrorContains(t, err, "the state holds no resources")
}
