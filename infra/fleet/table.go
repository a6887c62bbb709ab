package fleet

import (
	"fmt"
	"io"
	"strings"
)

// width is that of a terminal.
const width = 80

// Write prints the groups for a terminal of 80 columns.
func Write(out io.Writer, groups []Group) {
	for _, g := range groups {
		fmt.Fprintf(out, "%s: %s\n", count(g), g.Outcome)
		for _, d := range g.Details {
			fmt.Fprintf(out, "    %s\n", d)
		}
		fmt.Fprint(out, wrap("  stacks: ", g.Stacks))
	}
}

func count(g Group) string {
	if len(g.Stacks) == 1 {
		return "1 stack"
	}
	return fmt.Sprintf("%d stacks: the same", len(g.Stacks))
}

// most is how many stacks of a group are named.
const most = 40

func wrap(first string, words []string) string {
	more := ""
	if len(words) > most {
		more = fmt.Sprintf(" and %d more", len(words)-most)
		words = words[:most]
	}
	var b strings.Builder
	line := first
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		} else {
			w += more
		}
		if len(line)+len(w) > width && strings.TrimSpace(line) != "" && line != first {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = strings.Repeat(" ", len(first))
		}
		line += w + " "
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	return b.String()
}
