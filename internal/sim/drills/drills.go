// Package drills rehearses what goes wrong after the first day, on a stack's own configuration: something is lost, and
// brought back by the steps of docs/recovery.md.
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

// Drill is a misfortune, and the way back from it.
type Drill struct {
	Name, Short string
	run         func(*teller) error
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

// teller tells a drill: each command that an operator would give, and what it made the clouds do.
type teller struct {
	*rehearsal.Story
	config *config.Config
	out    io.Writer
	// zone is what the clouds make of a zone that is out.
	zone *outage
	// done counts what the clouds have carried out.
	done int
}

// Run deploys a stack file in a rehearsal and holds the drill. The story goes to out, what the engine prints to progress. It
// fails unless in the end the clouds hold what the state says, and a preview shows no change.
func (d Drill) Run(ctx context.Context, file, stack string, out, progress io.Writer) error {
	o, err := platform.Options(file, stack, progress)
	if err != nil {
		return err
	}
	loaded, err := stackfile.LoadFile(file, o.Stack)
	if err != nil {
		return err
	}
	t := &teller{config: loaded.Config, out: out, zone: &outage{}}
	o.Middleware = t.zone.middleware
	_, err = rehearsal.Tell(ctx, o, func(s *rehearsal.Story) error {
		t.Story = s
		if err := s.Up(); err != nil {
			return fmt.Errorf("the first up: %w", err)
		}
		s.Done()
		t.say("the stack is deployed: %d resources", s.Clouds().Len())
		if err := d.run(t); err != nil {
			return err
		}
		return t.recovered()
	})
	if err != nil {
		return fmt.Errorf("drill %s of stack %s: failed: %w", d.Name, o.Stack, err)
	}
	fmt.Fprintf(out, "drill %s of stack %s: recovered by %d operations, preview without a change\n", d.Name, o.Stack, t.done)
	return nil
}

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t.out, "# "+format+"\n", args...) }

// shell gives a command, and prints what the clouds did.
func (t *teller) shell(command string, run func() error) error {
	fmt.Fprintf(t.out, "$ %s\n", command)
	err := run()
	for _, d := range t.Done() {
		t.done++
		fmt.Fprintf(t.out, "  %-6s %s %s\n", d.Verb, d.URN.Type().Name(), d.URN.Name())
	}
	return err
}

func (t *teller) up() error      { return t.shell("pulumi up", t.Up) }
func (t *teller) refresh() error { return t.shell("pulumi refresh", t.Refresh) }

// set prints the command that changes a setting.
func (t *teller) set(path, value string) {
	fmt.Fprintf(t.out, "$ pulumi config set --path 'bpa:%s' %s\n", path, value)
}

// unprotect lets the engine delete a resource, where it is protected.
func (t *teller) unprotect(typ, name string) error {
	if !t.config.Protect {
		return nil
	}
	return t.shell("pulumi state unprotect '<urn of "+name+">'", func() error { return t.Unprotect(typ, name) })
}

// refused runs an `up` that must fail, and prints why.
func (t *teller) refused() error {
	var cause error
	if err := t.shell("pulumi up", func() error {
		cause = t.Up()
		return nil
	}); err != nil {
		return err
	}
	if cause == nil {
		return errors.New("up should have been refused, and was not")
	}
	fmt.Fprintf(t.out, "  error: %s\n", strings.Join(strings.Fields(cause.Error()), " "))
	return nil
}

// recovered checks that nothing is left to do.
func (t *teller) recovered() error {
	if err := t.Consistent(); err != nil {
		return err
	}
	steps, err := t.Preview()
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
func (t *teller) items(changes map[string]map[string]string) error {
	var items []any
	for i, n := range t.config.Nodes.Items {
		item := map[string]any{"name": n.Name, "zone": t.zoneOf(n.Name), "instanceType": n.InstanceType, "volumeGiB": n.VolumeGiB}
		if len(n.Directories) > 0 {
			item["directories"] = n.Directories
		}
		for _, key := range slices.Sorted(maps.Keys(changes[n.Name])) {
			item[key] = changes[n.Name][key]
			t.set(fmt.Sprintf("nodes.items[%d].%s", i, key), changes[n.Name][key])
		}
		items = append(items, item)
	}
	return t.Set("nodes.items", items)
}
