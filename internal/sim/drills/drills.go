// Package drills rehearses what goes wrong after the first day, on a stack's own configuration: something is lost, and
// brought back by the commands of docs/recovery.md, on the real engine.
package drills

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/stackfile"
	"github.com/bpa-on-aws/platform/internal/sim/platform"
	"github.com/bpa-on-aws/platform/internal/sim/rehearsal"
)

// Drill is a failure, and the procedure that recovers from it.
type Drill struct {
	Name, Short string
	run         func(*operator) error
}

// All lists the drills.
func All() []Drill {
	return []Drill{
		{"node", "a node is lost with its volume", loseNode},
		{"zone", "an availability zone is out", loseZone},
		{"database", "the database is restored from a snapshot", restoreDatabase},
		{"state", "the state is lost, and rebuilt by import", loseState},
	}
}

// operator follows the procedure, and prints each command with what it made the clouds do.
type operator struct {
	*rehearsal.Session
	config *config.Config
	out    io.Writer
	// zone is what the clouds make of a zone that is out.
	zone *outage
	// done counts what the clouds have carried out.
	done int
}

// Run deploys a stack file in a rehearsal and holds the drill. Its commands go to out, what the engine prints to progress. It
// fails unless in the end the clouds hold what the state says, and a preview shows no change.
func (d Drill) Run(ctx context.Context, file, stack string, out, progress io.Writer) error {
	options, err := platform.Options(file, stack, progress)
	if err != nil {
		return err
	}
	loaded, err := stackfile.LoadFile(file, options.Stack)
	if err != nil {
		return err
	}
	o := &operator{config: loaded.Config, out: out, zone: &outage{}}
	options.Middleware = o.zone.middleware
	_, err = rehearsal.Run(ctx, options, func(s *rehearsal.Session) error {
		o.Session = s
		if err := s.Up(); err != nil {
			return fmt.Errorf("the first up: %w", err)
		}
		s.Done()
		o.say("the stack is deployed: %d resources", s.Clouds().Len())
		if err := d.run(o); err != nil {
			return err
		}
		return o.recovered()
	})
	if err != nil {
		return fmt.Errorf("drill %s of stack %s: failed: %w", d.Name, options.Stack, err)
	}
	fmt.Fprintf(out, "drill %s of stack %s: recovered by %d operations, preview without a change\n", d.Name, options.Stack, o.done)
	return nil
}

func (o *operator) say(format string, args ...any) { fmt.Fprintf(o.out, "# "+format+"\n", args...) }

// shell gives a command, and prints what the clouds did.
func (o *operator) shell(command string, run func() error) error {
	fmt.Fprintf(o.out, "$ %s\n", command)
	err := run()
	for _, d := range o.Done() {
		o.done++
		fmt.Fprintf(o.out, "  %-6s %s %s\n", d.Verb, d.URN.Type().Name(), d.URN.Name())
	}
	return err
}

func (o *operator) up() error      { return o.shell("pulumi up", o.Up) }
func (o *operator) refresh() error { return o.shell("pulumi refresh", o.Refresh) }

// set prints the command that changes a setting.
func (o *operator) set(path, value string) {
	fmt.Fprintf(o.out, "$ pulumi config set --path 'bpa:%s' %s\n", path, value)
}

// unprotect lets the engine delete a resource, where it is protected.
func (o *operator) unprotect(typ, name string) error {
	if !o.config.Protect {
		return nil
	}
	return o.shell("pulumi state unprotect '<urn of "+name+">'", func() error { return o.Unprotect(typ, name) })
}

// refused runs an `up` that must fail, and prints why.
func (o *operator) refused() error {
	var cause error
	if err := o.shell("pulumi up", func() error {
		cause = o.Up()
		return nil
	}); err != nil {
		return err
	}
	if cause == nil {
		return errors.New("up should have been refused, and was not")
	}
	fmt.Fprintf(o.out, "  error: %s\n", strings.Join(strings.Fields(cause.Error()), " "))
	return nil
}

// recovered checks that nothing is left to do.
func (o *operator) recovered() error {
	if err := o.Consistent(); err != nil {
		return err
	}
	steps, err := o.Preview()
	if err != nil {
		return err
	}
	for _, s := range steps {
		// The engine's own provider is in the state alone.
		if s.URN.Type() != "pulumi:providers:pulumi" {
			return fmt.Errorf("the last preview would still %s %s %s", s.Op, s.URN.Type(), s.URN.Name())
		}
	}
	return nil
}

// items changes nodes: by node and key. A list in a stack file stands for itself, so one that names a node names all.
func (o *operator) items(changes map[string]map[string]string) error {
	var items []any
	for i, n := range o.config.Nodes.Items {
		item := map[string]any{"name": n.Name, "zone": o.zoneOf(n.Name), "instanceType": n.InstanceType, "volumeGiB": n.VolumeGiB}
		if len(n.Directories) > 0 {
			item["directories"] = n.Directories
		}
		for _, key := range slices.Sorted(maps.Keys(changes[n.Name])) {
			item[key] = changes[n.Name][key]
			o.set(fmt.Sprintf("nodes.items[%d].%s", i, key), changes[n.Name][key])
		}
		items = append(items, item)
	}
	return o.Set("nodes.items", items)
}
