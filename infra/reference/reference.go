// Package reference reads references in text: `${database.host}` stands for what the stack makes, `$${` for the two
// characters `${` themselves.
package reference

import (
	"fmt"
	"regexp"
	"strings"
)

// Part is a piece of a text: Text as it stands, or the Name of what stands there instead.
type Part struct{ Text, Name string }

// name is what may stand between the braces: words with dots between them. A word after the first may be that of an image, such as
// mesh/proxy or script-runner.
var name = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9](?:[A-Za-z0-9_/-]*[A-Za-z0-9])?)*$`)

// Parse splits a text into its parts. A text without references is one part, or none where it is empty. The errors name a
// reference that is not closed or has no name, and no other part of the text, which may hold a secret.
func Parse(text string) ([]Part, error) {
	var parts []Part
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, Part{Text: literal.String()})
			literal.Reset()
		}
	}
	for {
		before, rest, found := strings.Cut(text, "${")
		if !found {
			literal.WriteString(text)
			flush()
			return parts, nil
		}
		if unescaped, escaped := strings.CutSuffix(before, "$"); escaped {
			literal.WriteString(unescaped + "${")
			text = rest
			continue
		}
		literal.WriteString(before)
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("must close its ${ with }, or write $${ for the characters themselves")
		}
		if !name.MatchString(inside) {
			return nil, fmt.Errorf("must have a name such as database.host in ${}, or write $${ for the characters themselves")
		}
		flush()
		parts = append(parts, Part{Name: inside})
		text = after
	}
}

// Visit calls a function with each text in a value as it is read from YAML, its keys left out, and the path to it.
func Visit(path string, value any, visit func(path, text string)) {
	switch v := value.(type) {
	case string:
		visit(path, v)
	case []any:
		for i, item := range v {
			Visit(fmt.Sprintf("%s[%d]", path, i), item, visit)
		}
	case map[string]any:
		for key, item := range v {
			Visit(path+"."+key, item, visit)
		}
	}
}
