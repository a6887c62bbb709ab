package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/rotation"
	"github.com/bpa-on-aws/platform/infra/stackfile"
)

func newRotateCommand() *cobra.Command {
	var from stackFile
	cmd := &cobra.Command{
		Use:   "rotate SECRET",
		Short: "Replace a login with the next `pulumi up`",
		Long: "Raise the counter of a login in the stack file. The next `pulumi up` makes another\n" +
			"user with another password beside the one that is there, rolls BPA, and then takes\n" +
			"the login from the one before: a running pod's password stays right until it is\n" +
			"gone, and Atlas lets a new user in some seconds after it answered\n" +
			"(docs/rotation.md). The database's master user keeps its name, and only the\n" +
			"bootstrap job uses it. SECRET is one of\n" +
			"  " + strings.Join(rotation.Secrets(), "\n  "),
		Args:      cobra.ExactArgs(1),
		ValidArgs: rotation.Secrets(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := from.resolve(); err != nil {
				return err
			}
			if args[0] == "certificate" {
				return fmt.Errorf("certificate: is not generated; put the new files in place and run `pulumi up` (docs/rotation.md)")
			}
			return rotate(cmd, from, args[0])
		},
	}
	from.flags(cmd)
	return cmd
}

// rotate writes the counter, and takes it back where the stack file would not be accepted.
func rotate(cmd *cobra.Command, from stackFile, secret string) error {
	before, err := os.ReadFile(from.file)
	if err != nil {
		return err
	}
	info, err := os.Stat(from.file)
	if err != nil {
		return err
	}
	after, count, err := rotation.Count(before, secret)
	if err != nil {
		return fmt.Errorf("%s: %w", from.file, err)
	}
	if err := os.WriteFile(from.file, after, info.Mode()); err != nil {
		return err
	}
	loaded, err := stackfile.LoadFile(from.file, from.stack)
	if err != nil {
		if undo := os.WriteFile(from.file, before, info.Mode()); undo != nil {
			return fmt.Errorf("%w; and %s could not be put back: %w", err, from.file, undo)
		}
		return fmt.Errorf("%s is unchanged:\n%w", from.file, err)
	}
	if key := givenPassword(loaded.Config, secret); key != "" {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s is given, not generated: give another, or the new user has the old password:\n"+
			"  pulumi config set --secret --stack %s --path 'bpa:%s'\n", from.file, key, from.stack, key)
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s: rotation.%s is %d; run `pulumi up --stack %s`\n", from.file, secret, count, from.stack)
	return nil
}

// givenPassword is the key that a login's password stands under, where the stack file gives one.
func givenPassword(c *config.Config, secret string) string {
	for _, login := range []struct {
		secret, key string
		password    config.Secret
	}{
		{"database.admin", "database.adminPassword", c.Database.AdminPassword},
		{"database.kong", "database.kongPassword", c.Database.KongPassword},
		{"database.camunda", "database.camundaPassword", c.Database.CamundaPassword},
		{"atlas", "atlas.password", c.Atlas.Password},
	} {
		if login.secret == secret && login.password.Set() {
			return login.key
		}
	}
	return ""
}
