package recovery

import (
	"context"
	"io"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Engine is what recovering asks of the engine, for one stack.
type Engine interface {
	// Cancel releases the lock of an update that no longer runs.
	Cancel(ctx context.Context) error
	// Export returns the state, secrets encrypted; Import takes such a one.
	Export(ctx context.Context) ([]byte, error)
	Import(ctx context.Context, state []byte) error
	// Refresh makes the state say what is in the clouds.
	Refresh(ctx context.Context) error
}

// CLI is an Engine that is the command `pulumi`.
type CLI struct {
	Stack string
	// Run runs the command, and returns what it prints.
	Run func(ctx context.Context, stdin []byte, args ...string) ([]byte, error)
	// Progress gets what a refresh prints.
	Progress io.Writer
}

func (c CLI) run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	return c.Run(ctx, stdin, append(args, "--stack", c.Stack)...)
}

// Cancel implements Engine.
func (c CLI) Cancel(ctx context.Context) error {
	_, err := c.run(ctx, nil, "cancel", "--yes")
	return err
}

// Export implements Engine.
func (c CLI) Export(ctx context.Context) ([]byte, error) { return c.run(ctx, nil, "stack", "export") }

// Import implements Engine. The state goes through a pipe, never onto a disk.
func (c CLI) Import(ctx context.Context, state []byte) error {
	_, err := c.run(ctx, state, "stack", "import")
	return err
}

// Refresh implements Engine.
func (c CLI) Refresh(ctx context.Context) error {
	out, err := c.run(ctx, nil, "refresh", "--yes", "--skip-preview", "--non-interactive")
	_, _ = c.Progress.Write(out)
	return err
}

// ListingCommands are the commands that list what is sought: one for all that carries the tag of the stack with that physical
// name, and that of each type of which tags do not tell enough, unless the state's id consists of what is known already.
func ListingCommands(stack, region string, sought []Planned) []string {
	const inRegion = " --output json --region "
	tagged := "aws resourcegroupstaggingapi get-resources --tag-filters Key=" + stackTag + ",Values=" + stack
	commands := []string{tagged + inRegion + region}
	for _, p := range sought {
		if _, known := p.identity().StateID.Of(p.Inputs); known && !p.doubtful {
			continue
		}
		command, known := catalog.Expand(p.identity().Listing.Command, p.Inputs)
		if strings.HasPrefix(command, "aws ") {
			command += inRegion + region
		}
		if known && command != "" && !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	return commands
}
