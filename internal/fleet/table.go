package fleet

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/internal/prose"
)

// kinds are the columns of the table, and what one and many of a kind are called.
var kinds = []struct{ kind, one, many string }{
	{"create", "creation", "creations"}, {"update", "update", "updates"}, {"replace", "replacement", "replacements"},
	{"delete", "deletion", "deletions"}, {"import", "import", "imports"}, {"move", "move", "moves"},
	{"forget", "left in the cloud", "left in the cloud"},
}

// columns are how many of the kinds have a column: the others are rare.
const columns = 4

var verdicts = map[int]string{0: "good", 1: "fails", 2: "needs approval"}

// Write prints the groups for a terminal of 80 columns: a table where things are counted, and then what happens to each.
func Write(out io.Writer, groups []Group) {
	if slices.ContainsFunc(groups, func(g Group) bool { return g.Counts != nil }) {
		table(out, groups)
	}
	for _, g := range groups {
		fmt.Fprintf(out, "%s: %s\n", count(g), g.Outcome)
		for _, d := range g.Details {
			fmt.Fprintf(out, "    %s\n", d)
		}
		fmt.Fprintln(out, prose.Hang("  stacks: ", named(g.Stacks)))
	}
}

func table(out io.Writer, groups []Group) {
	fmt.Fprint(out, "stacks")
	for _, k := range kinds[:columns] {
		fmt.Fprintf(out, " %8s", k.kind)
	}
	fmt.Fprint(out, "  verdict\n")
	for _, g := range groups {
		fmt.Fprintf(out, "%6d", len(g.Stacks))
		for _, k := range kinds[:columns] {
			cell := "-"
			if n := g.Counts[k.kind]; n > 0 {
				cell = strconv.Itoa(n)
			}
			fmt.Fprintf(out, " %8s", cell)
		}
		fmt.Fprintf(out, "  %s\n", verdicts[g.Status])
	}
	fmt.Fprintln(out)
}

// count says how many stacks a group has, and what is the same in all of them: "37 stacks: the same 2 updates".
func count(g Group) string {
	var parts []string
	for _, k := range kinds {
		switch n := g.Counts[k.kind]; n {
		case 0:
		case 1:
			parts = append(parts, "1 "+k.one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, k.many))
		}
	}
	what := strings.Join(parts, ", ")
	switch {
	case len(g.Stacks) > 1:
		return strings.TrimSpace(fmt.Sprintf("%d stacks: the same %s", len(g.Stacks), what))
	case what != "":
		return "1 stack: " + what
	}
	return "1 stack"
}

// most is how many stacks of a group are named.
const most = 40

// named joins the names of stacks.
func named(stacks []string) string {
	if len(stacks) <= most {
		return strings.Join(stacks, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(stacks[:most], ", "), len(stacks)-most)
}
