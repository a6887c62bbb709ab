package review

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// read fills in the values of a cause.
func (c *Cause) read(change *Change) {
	from, had := property.At(change.before(), c.Path)
	to, has := property.At(inputs(change.new), c.Path)
	if !has && change.new != nil && !had {
		from, _ = property.At(outputs(change.old), c.Path)
		to, _ = property.At(outputs(change.new), c.Path)
	}
	if actual, known := property.At(outputs(change.old), c.Path); c.state && known && show(from) == show(to) {
		from = actual // the program asks for what it asked for before, and the cloud has something else
	}
	c.Unknown = stackdoc.Contains(to, stackdoc.IsUnknown)
	if stackdoc.Contains(from, stackdoc.IsSecret) || stackdoc.Contains(to, stackdoc.IsSecret) ||
		confidential(c.Path, change.before(), inputs(change.new)) ||
		strings.HasSuffix(change.Type(), ":Secret") {
		c.Secret = true
		return
	}
	c.From, c.To = show(from), show(to)
}

func outputs(r *stackdoc.Resource) map[string]any {
	if r == nil {
		return nil
	}
	return r.Outputs
}

// longest is how many characters of a value are shown.
const longest = 60

// show writes a short value, and nothing for a long one: its change is shown elsewhere, if anywhere.
func show(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return brief(v)
	case bool, float64, stackdoc.Unknown, stackdoc.Secret:
		return fmt.Sprint(v)
	}
	if stackdoc.Contains(v, stackdoc.IsUnknown) {
		return ""
	}
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return brief(string(b))
}

// brief returns a text that a line has room for, with its secrets hidden, or nothing.
func brief(text string) string {
	text = scrub(text)
	if utf8.RuneCountInString(text) > longest || strings.ContainsAny(text, "\n\r") {
		return ""
	}
	return text
}

// same reports whether a value is known and does not differ.
func (c Cause) same() bool { return c.From != "" && c.From == c.To && !c.Replaces }

// String writes a cause for a line: path, and from and to where both are short.
func (c Cause) String() string {
	switch {
	case c.Secret:
		return c.Path + " (secret)"
	case c.Unknown:
		return c.Path + " (new value known after up)"
	case c.From != "" && c.To != "":
		return fmt.Sprintf("%s (%s to %s)", c.Path, c.From, c.To)
	case c.To != "":
		return fmt.Sprintf("%s (to %s)", c.Path, c.To)
	case c.From != "":
		return fmt.Sprintf("%s (was %s)", c.Path, c.From)
	}
	return c.Path
}
