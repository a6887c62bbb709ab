package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/prose"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// coverageWidth is the longest line of the table.
const coverageWidth = 80

func newCoverageCommand() *cobra.Command {
	var sources bool
	command := &cobra.Command{
		Use:   "coverage",
		Short: "list what the simulated clouds know, and from which source",
		Long: "List the resource types and functions that a rehearsal simulates, by provider, with\n" +
			"the number of properties and rules, and how the operations of each type fail.\n" +
			"What is not listed is refused by name.",
		Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			all := rehearsal.Coverage()
			for _, c := range all {
				printCoverage(cmd.OutOrStdout(), c, sources)
			}
			printFailures(cmd.OutOrStdout(), all)
			fmt.Fprintf(cmd.OutOrStdout(), "values: rules of the provider for single inputs, checked in a preview\n"+
				"rules: rules of the service, checked at apply; delete: when deleting\n"+
				"What is not listed is refused by name.\n")
		},
	}
	command.Flags().BoolVar(&sources, "sources", false, "name the sources of each type's rules too")
	return command
}

// printFailures prints how the operations of each type fail, and where that was read. The first way is what --fail takes unless
// it names another.
func printFailures(out io.Writer, all []rehearsal.Covered) {
	fmt.Fprintln(out, "failures: how an operation fails by its provider's code; --fail takes the first")
	for _, c := range all {
		for _, t := range c.Types {
			if t.Failures == nil {
				continue // a component: what it builds has them
			}
			fmt.Fprintf(out, "  %s\n", clip(t.Token, coverageWidth-2))
			sources := map[string]bool{}
			for _, verb := range []string{"create", "update", "delete"} {
				var classes []string
				for _, f := range t.Failures[verb] {
					classes = append(classes, string(f.Class))
					sources[f.Source] = true
				}
				fmt.Fprintln(out, prose.Wrap("    "+verb+": ", "      ", strings.Join(classes, "; "), coverageWidth))
			}
			for _, source := range slices.Sorted(maps.Keys(sources)) {
				for line := range strings.SplitSeq(prose.Wrap("      ", "        ", source, coverageWidth), "\n") {
					fmt.Fprintln(out, clip(line, coverageWidth))
				}
			}
		}
	}
	fmt.Fprintln(out)
}

func printCoverage(out io.Writer, c rehearsal.Covered, sources bool) {
	fmt.Fprintf(out, "%s %s: %d types, %d functions\n", c.Provider, c.Version, len(c.Types), len(c.Functions))
	fmt.Fprintln(out, prose.Wrap("properties: ", "  ", c.Source, coverageWidth))
	const row = "  %-48s%8s%7s%7s%8s\n"
	fmt.Fprintf(out, row, "type", "props", "values", "rules", "delete")
	total := rehearsal.CoveredType{}
	for _, t := range c.Types {
		fmt.Fprintf(out, row, clip(t.Token, 47), number(t.Properties), number(t.Values), number(t.Rules), number(t.Deletion))
		total.Properties, total.Values = total.Properties+t.Properties, total.Values+t.Values
		total.Rules, total.Deletion = total.Rules+t.Rules, total.Deletion+t.Deletion
		for _, source := range t.Sources {
			if sources {
				fmt.Fprintln(out, clip("      "+source, coverageWidth))
			}
		}
	}
	fmt.Fprintf(out, row, "total", number(total.Properties), number(total.Values), number(total.Rules), number(total.Deletion))
	for _, f := range c.Functions {
		fmt.Fprintln(out, clip(fmt.Sprintf("  %s(%s)", f.Token, strings.Join(f.Arguments, ", ")), coverageWidth))
	}
	fmt.Fprintln(out)
}

// number leaves zeros out: a table of mostly nothing is hard to read.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

// clip shortens in the middle, where tokens repeat themselves.
func clip(s string, width int) string {
	if len(s) <= width {
		return s
	}
	return s[:width/2-1] + "…" + s[len(s)-(width-width/2):]
}
