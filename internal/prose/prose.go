// Package prose breaks texts into lines, for terminals.
package prose

import (
	"strings"
	"unicode/utf8"

	"github.com/mitchellh/go-wordwrap"
)

// Width is that of a terminal, in columns.
const Width = 80

// Wrap breaks a text into lines of at most width columns. The first begins with head, the others with indent. It breaks at
// spaces alone: a command, an option or a URL that is broken elsewhere cannot be copied. What is longer than a line stands in
// one of its own.
func Wrap(head, indent, text string, width int) string {
	first, rest, more := strings.Cut(lines(text, head, width), "\n")
	if !more {
		return head + first
	}
	return head + first + "\n" + indent + strings.ReplaceAll(lines(rest, indent, width), "\n", "\n"+indent)
}

// lines breaks a text into lines that leave room for what stands before each.
func lines(text, before string, width int) string {
	room := max(width-utf8.RuneCountInString(before), 1)
	return wordwrap.WrapString(strings.Join(strings.Fields(text), " "), uint(room))
}

// Hang breaks a text into lines of a terminal. The first begins with head, and the others stand below the text, not below
// the head.
func Hang(head, text string) string {
	return Wrap(head, strings.Repeat(" ", utf8.RuneCountInString(head)), text, Width)
}
