package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

func newUpgradeCommand() *cobra.Command {
	var file, stack, state, passphrase string
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "take over the state of an earlier rehearsal, and list what today's program would replace or delete",
		Long: "Take over what an earlier program has deployed, by the state that `rehearse up --export --passphrase` wrote,\n" +
			"and run today's program on it: preview, up, second preview, destroy. Fails if anything is replaced or deleted.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := readState(state)
			if err != nil {
				return fmt.Errorf("--state: %w", err)
			}
			o, err := platform.Options(file, stack, io.Discard)
			if err != nil {
				return err
			}
			o.Passphrase = passphrase
			result, err := rehearsal.Upgrade(cmd.Context(), b, o)
			if err != nil && len(result.Changes) == 0 {
				return err
			}
			if lost := showChanges(cmd.OutOrStdout(), fmt.Sprintf("rehearsal of %s on %s", file, state), result.Changes); err == nil {
				err = lost
			}
			return err
		},
	}
	cmd.Flags().StringVarP(&file, "file", "f", "Pulumi.dev.yaml", "stack file")
	cmd.Flags().StringVarP(&stack, "stack", "s", "", "stack name (default: from the file's name)")
	cmd.Flags().StringVar(&state, "state", "", "state of an earlier rehearsal of the same stack, JSON or gzipped JSON")
	cmd.Flags().StringVar(&passphrase, "passphrase", "", "the passphrase that the state was exported with")
	_ = cmd.MarkFlagRequired("state")
	_ = cmd.MarkFlagRequired("passphrase")
	return cmd
}

// readState reads a state, gzipped or not.
func readState(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(b, []byte{0x1f, 0x8b}) {
		return b, err
	}
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if b, err = io.ReadAll(r); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}
