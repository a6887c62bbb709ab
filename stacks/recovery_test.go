package stacks_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/infra/imports"
	"github.com/bpa-on-aws/platform/infra/rehearsal"
	"github.com/bpa-on-aws/platform/stacks/rehearsed"
)

const (
	volumeType   = "aws:ebs/volume:Volume"
	instanceType = "aws:rds/instance:Instance"
	passwordType = "random:index/randomPassword:RandomPassword"
)

// story rehearses what happens after the first `up` of a stack file.
func story(t *testing.T, file string, tell func(s *rehearsal.Story)) {
	t.Helper()
	options, err := rehearsed.Options(file, "test", &bytes.Buffer{})
	require.NoError(t, err)
	result, err := rehearsal.Tell(context.Background(), options, func(s *rehearsal.Story) error {
		if err := s.Up(); err != nil {
			return err
		}
		s.Done()
		tell(s)
		return nil
	})
	require.NoError(t, err, result.Text)
}

// take edits the stack file.
func take(t *testing.T, s *rehearsal.Story, file string) {
	t.Helper()
	options, err := rehearsed.Options(file, "test", &bytes.Buffer{})
	require.NoError(t, err)
	require.NoError(t, s.Take(options))
}

// watched is a small stack with all that production has to watch and save it.
const watched = small + "  bpa:observability: {enabled: true, notify: [ops@example.com]}\n  bpa:backup: {enabled: true}\n"

func steps(t *testing.T, s *rehearsal.Story) []string {
	t.Helper()
	planned, err := s.Preview()
	require.NoError(t, err)
	list := []string{}
	for _, p := range planned {
		list = append(list, p.Op+" "+string(p.URN.Type())+" "+p.URN.Name())
	}
	return list
}

func TestAStateThatIsLostIsRebuiltByImport(t *testing.T) {
	certificate := pair(t)
	story(t, projectWith(t, watched, certificate), func(s *rehearsal.Story) {
		before := s.Clouds().Len()
		passwords := map[string]string{}
		for _, r := range s.Clouds().All(passwordType) {
			passwords[r.URN.Name()] = r.Outputs["result"].(string)
		}
		require.NoError(t, s.LoseState())
		var left []imports.Open
		for pass := 1; pass <= 10; pass++ {
			file, plan, err := s.Plan()
			require.NoError(t, err)
			if len(plan.Resources) == 0 {
				break
			}
			filled, summary, err := imports.Fill(file, plan, s.Listing(), passwords)
			require.NoError(t, err)
			t.Logf("pass %d: %d to create, %d imported, %d left, %d open", pass, len(plan.Resources), summary.Imported, summary.Left, len(summary.Open))
			left = summary.Open
			if summary.Imported == 0 {
				break
			}
			require.NoError(t, s.Import(filled))
		}
		for _, o := range left {
			t.Log(o.URN, o.Why)
		}
		pp, _ := s.Preview()
		for _, x := range pp {
			t.Log(x)
		}
		assert.Empty(t, steps(t, s))
		assert.Equal(t, before, s.Clouds().Len())
		assert.Empty(t, s.Done(), "nothing was made or changed")
	})
}

var _ = strings.Join
