package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/rehearsal"
	"github.com/bpa-on-aws/platform/stacks/rehearsed"
)

// options checks the stack file, adds time and faults, and sets the clouds to the day of --date. The check of the stack file stays today's.
func (f rehearseFlags) options(cmd *cobra.Command) (rehearsal.Options, error) {
	day := time.Time{}
	if f.date != "" {
		var err error
		if day, err = time.Parse(time.DateOnly, f.date); err != nil {
			return rehearsal.Options{}, fmt.Errorf("--date: %q is not a day such as 2026-11-23", f.date)
		}
	}
	o, err := rehearsed.Options(f.file, f.stack, cmd.OutOrStdout())
	if err == nil {
		err = f.prepare(&o)
	}
	o.Date = day
	return o, err
}
