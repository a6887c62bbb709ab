// Package prose breaks texts into lines, for terminals.
package prose

import (
	"strings"
	"unicode/utf8"
)

// Width is that of a terminal, in columns.
const Width = 80

// Wrap breaks a text into lines of at most width columns. The first begins with head, the others with indent. It breaks at
// spaces alone: a command, an option or a URL that is broken elsewhere cannot be copied. What is longer than a line stands in
// one of its own.
func Wrap(head, indent, text string, width int) string {
	var b strings.Builder
	b.WriteString(head)
	column := utf8.RuneCountInString(head)
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = utf8.RuneCountInString(indent)
		default:
			b.WriteString(" ")
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

// Hang breaks a text into lines of a terminal. The first begins with head, and the others stand below the text, not below
// the head.
func Hang(head, text string) string {
	return Wrap(head, strings.Repeat(" ", utf8.RuneCountInString(head)), text, Width)
}
