package review_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/review"
)

// many is a change of 1,000 objects, some of which lose data.
func many(t *testing.T, lost int) *review.Review {
	t.Helper()
	var steps []map[string]any
	for i := range 1000 - lost {
		steps = append(steps, step("update", fmt.Sprintf("%skubernetes:core/v1:ConfigMap::config-%d", stack, i),
			map[string]any{"data": map[string]any{"text": strings.Repeat("before ", 30)}},
			map[string]any{"data": map[string]any{"text": strings.Repeat("after ", 30)}}, "data.text"))
	}
	for i := range lost {
		steps = append(steps, step("delete", fmt.Sprintf("%saws:ebs/volume:Volume::volume-%d", stack, i), map[string]any{"size": 1.0}, nil))
	}
	return reviewSteps(t, steps...)
}

// GitHub refuses a longer comment; what must be approved is the last to be cut.
func TestAReviewFitsIntoAComment(t *testing.T) {
	for _, lost := range []int{0, 100, 1000} {
		r := many(t, lost)
		for _, limit := range []int{review.CommentLimit, 20000, 3000} {
			text := r.Markdown(limit)
			assert.LessOrEqual(t, utf8.RuneCountInString(text), limit)
			assert.Contains(t, text, "**"+strings.ToUpper(r.Verdict[:1])+r.Verdict[1:]+"**\n", "the verdict is never cut")
			assert.Contains(t, text, "the rest does not fit into a comment")
			assert.Equal(t, strings.Count(text, "<details"), strings.Count(text, "</details>"), "folds are closed")
			assert.Zero(t, strings.Count(text, "\n```")%2, "blocks are closed")
			said, _ := spoken(text)
			assert.NotContains(t, said, "bpa-approve: urn", "what is to be copied stays in its block")
			if lost == 0 {
				continue
			}
			assert.Contains(t, text, "`volume-0`: deleted\n")
			assert.Contains(t, text, "\nbpa-approve: ")
			require.Equal(t, strings.Count(text, ": deleted\n"), strings.Count(text, "  - downtime: "), "an item is whole or not there")
			for line := range strings.Lines(text) {
				if urn, ok := strings.CutPrefix(line, "bpa-approve: "); ok {
					assert.Contains(t, r.Missing(), strings.TrimSuffix(urn, "\n"), "a line is whole or not there")
				}
			}
		}
	}
	assert.Contains(t, many(t, 100).Markdown(review.CommentLimit), "bpa-approve: "+stack+catalog.EBSVolume+"::volume-99\n")
}

func TestWhereThereIsRoomForTheVerdictAloneItStandsAlone(t *testing.T) {
	text := many(t, 10).Markdown(250)
	assert.Contains(t, text, "**Needs approval: 10 losses of data**")
	assert.NotContains(t, text, "###", "a heading without anything below it says nothing")
}
