// Package problem collects what is wrong with an input, so that a user sees all of it at once.
//
// Every problem has one form, `path: value: what is allowed`, whether it is found in a stack file or in a component's
// arguments.
package problem

import (
	"errors"
	"fmt"
	"strings"
)

// List collects problems. The zero value is an empty list.
type List struct {
	lines []string
}

// Add records that the value at path is not what allowed (a format, with args) says it must be.
func (l *List) Add(path string, value any, allowed string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf("%s: %s: %s", path, show(value), fmt.Sprintf(allowed, args...)))
}

// Require records a problem unless ok holds.
func (l *List) Require(ok bool, path string, value any, allowed string, args ...any) {
	if !ok {
		l.Add(path, value, allowed, args...)
	}
}

// Append adds the problems of another list.
func (l *List) Append(other List) { l.lines = append(l.lines, other.lines...) }

// Include adds the problems of a part, whose paths begin at the part.
func (l *List) Include(part string, of List) {
	for _, line := range of.lines {
		l.lines = append(l.lines, part+"."+line)
	}
}

// Lines returns the problems in the order in which they were found.
func (l *List) Lines() []string { return append([]string(nil), l.lines...) }

// Empty reports whether nothing is wrong.
func (l *List) Empty() bool { return len(l.lines) == 0 }

// Err returns nil for an empty list, and otherwise one error with a line a problem, each after prefix.
func (l *List) Err(prefix string) error {
	if l.Empty() {
		return nil
	}
	lines := make([]string, len(l.lines))
	for i, line := range l.lines {
		lines[i] = prefix + line
	}
	return errors.New(strings.Join(lines, "\n"))
}

// show renders a value for a person: strings quoted, nothing as "(not set)".
func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "(not set)"
	case string:
		if v == "" {
			return "(not set)"
		}
		return fmt.Sprintf("%q", v)
	case fmt.Stringer:
		return v.String()
	default:
		return fmt.Sprintf("%v", v)
	}
}
