package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// among reports whether a right was there before. Who is replaced along with it is the same, though not known yet.
func among(had []string, text string) bool {
	start, _, unsure := strings.Cut(text, notYet)
	return slices.ContainsFunc(had, func(h string) bool { return h == text || unsure && start != "" && strings.HasPrefix(h, start) })
}

// given lists the rights that inputs give, each as a text that a reviewer can read.
func given(r catalog.Rights, in map[string]any) []string {
	var texts []string
	for _, right := range r.Given(in) {
		texts = append(texts, spoken(right))
	}
	return texts
}

// attachments finds rights that are given by name and were not before, and bounds that are gone.
func attachments(c *Change) []Finding {
	before, after := c.before(), c.after()
	if after == nil {
		return nil
	}
	var parts []string
	always := false
	if r := catalog.Of(c.Type()).Rights; r.Given != nil {
		had := given(r, before)
		for _, text := range given(r, after) {
			if !among(had, text) {
				parts = append(parts, r.Verb+" "+text)
				always = always || strings.Contains(text, "/AdministratorAccess`") || strings.Contains(text, "`system:masters`")
			}
		}
	}
	const bound = "permissionsBoundary"
	if from, to := before[bound], after[bound]; from != nil && fmt.Sprint(from) != fmt.Sprint(to) {
		parts = append(parts, fmt.Sprintf("another bound of permissions, %s in place of %s", named(to), named(from)))
	}
	if len(parts) == 0 {
		return nil
	}
	f := newFinding(c, Permission)
	f.Text, f.NeedsApproval, f.always = some(parts), true, always
	return []Finding{f}
}
