package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// errLosesData makes the command fail; what is lost has been printed.
var errLosesData = errors.New("the change replaces or deletes what holds data")

// applyChange deploys one stack file and then the other, and prints the steps of the second.
func applyChange(cmd *cobra.Command, from, to string, before, after rehearsal.Options) error {
	result, err := rehearsal.Apply(cmd.Context(), before, after)
	if err != nil {
		return fmt.Errorf("rehearsal %s to %s: failed: %w", from, to, err)
	}
	return showOperations(cmd.OutOrStdout(), fmt.Sprintf("rehearsal %s to %s", from, to), result.Operations)
}

// showOperations prints a line for each step, with its wave in front, then what it comes to.
func showOperations(out io.Writer, title string, operations []rehearsal.Operation) error {
	count := map[provider.Verb]int{}
	rolled, lost := 0, false
	for _, o := range operations {
		verb := string(o.Verb)
		if len(o.Nodes) > 0 {
			verb = "roll"
			rolled += len(o.Nodes)
		} else {
			count[o.Verb]++
		}
		lost = lost || o.Verb == provider.Delete && rehearsal.Stateful(o.URN)
		fmt.Fprintf(out, "%2d  %-6s  %s %s\n", o.Wave, verb, o.URN.Type().Name(), o.URN.Name())
		for _, detail := range details(o) {
			fmt.Fprintf(out, "            %s\n", detail)
		}
	}
	fmt.Fprintf(out, "%s: %d created, %d updated, %d deleted, %d nodes replaced, then no change\n", title,
		count[provider.Create], count[provider.Update], count[provider.Delete], rolled)
	if lost {
		return errLosesData
	}
	return nil
}

// details are the nodes that are replaced, or the versions that change, or else the names of the properties.
func details(o rehearsal.Operation) []string {
	if len(o.Nodes) > 0 {
		return []string{strings.Join(o.Nodes, ", then ")}
	}
	if len(o.Versions) > 0 {
		return o.Versions
	}
	if len(o.Changes) == 0 {
		return nil
	}
	return []string{strings.Join(o.Changes, ", ")}
}
