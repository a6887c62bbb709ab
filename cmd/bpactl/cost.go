package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// costFlags are the flags of cost.
type costFlags struct {
	from        stackFile
	state, date string
	usage       []string
	json        bool
}

func newCostCommand() *cobra.Command {
	var f costFlags
	cmd := &cobra.Command{
		Use:   "cost --stack STACK",
		Short: "Estimate what a stack costs a month, by component",
		Long: "Estimate what a stack costs a month, by component, from its resources and a dated table of published prices.\n\n" +
			"The stack is rehearsed to see what it consists of, or read from what `pulumi stack export` wrote. What the table has\n" +
			"no price of is named, and so is what is paid by use: say how much with --usage to have it in the total.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.from.flags(cmd)
	cmd.Flags().StringVar(&f.state, "state", "", "file that `pulumi stack export` wrote, or - (default: a rehearsal of --file)")
	cmd.Flags().StringVar(&f.date, "date", "", "the day to look at: of extended support, and of the age of prices (default: today)")
	cmd.Flags().StringArrayVar(&f.usage, "usage", nil, "use of a month, KEY=QUANTITY such as nat.gb=500, repeatable")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.AddCommand(newPricesCommand())
	return cmd
}

func (f *costFlags) run(cmd *cobra.Command) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	state, err := f.stack(cmd)
	if err != nil {
		return err
	}
	resources, err := cost.FromState(state)
	if err != nil {
		return err
	}
	estimate, err := cost.New(resources, options)
	if err != nil {
		return err
	}
	if f.json {
		return estimate.JSON(cmd.OutOrStdout())
	}
	fmt.Fprint(cmd.OutOrStdout(), estimate.Text())
	return nil
}

func (f *costFlags) options() (cost.Options, error) {
	options := cost.Options{Usage: map[string]float64{}}
	var err error
	if options.Date, err = dayOf(f.date, time.Time{}); err != nil {
		return options, err
	}
	for _, text := range f.usage {
		key, quantity, ok := strings.Cut(text, "=")
		n, err := strconv.ParseFloat(quantity, 64)
		if !ok || err != nil {
			return options, fmt.Errorf("--usage: %q: must be KEY=QUANTITY, such as nat.gb=500", text)
		}
		options.Usage[key] = n
	}
	return options, nil
}

// stack returns a state: the given one, or that of a rehearsal.
func (f *costFlags) stack(cmd *cobra.Command) ([]byte, error) {
	if f.state != "" {
		return readInput(cmd, f.state)
	}
	if err := f.from.resolve(); err != nil {
		return nil, err
	}
	o, err := platform.Options(f.from.file, f.from.stack, io.Discard)
	if err != nil {
		return nil, err
	}
	result, err := rehearsal.Up(cmd.Context(), o)
	if err != nil {
		return nil, fmt.Errorf("cost %s: %w", f.from.stack, err)
	}
	return result.State, nil
}

func newPricesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "prices", Short: "Print the table of prices, each with its source and its day", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			table, err := cost.Prices()
			if err == nil {
				fmt.Fprint(cmd.OutOrStdout(), table.List())
			}
			return err
		},
	}
}
