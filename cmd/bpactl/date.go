package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// dayOf reads the flag --date. Without one, it is otherwise.
func dayOf(date string, otherwise time.Time) (time.Time, error) {
	if date == "" {
		return otherwise, nil
	}
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return day, fmt.Errorf("--date: %q: must be a date such as 2026-11-23", date)
	}
	return day, nil
}

// today is the day in UTC, as the clouds count.
func today() time.Time { return time.Now().UTC() }

// options checks the stack file, adds time and faults, and sets the clouds to the day of --date. The check of the stack file stays today's.
func (f rehearseFlags) options(cmd *cobra.Command) (rehearsal.Options, error) {
	day, err := dayOf(f.date, time.Time{})
	if err != nil {
		return rehearsal.Options{}, err
	}
	o, err := platform.Options(f.file, f.stack, cmd.OutOrStdout())
	if err == nil {
		err = f.prepare(&o)
	}
	if !day.IsZero() {
		o.Date = day
	}
	return o, err
}
