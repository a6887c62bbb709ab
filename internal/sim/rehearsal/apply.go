package rehearsal

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/timeline"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Operation is what a change did to a resource in a cloud.
type Operation struct {
	Verb provider.Verb
	URN  resource.URN
	// Changes are the top-level inputs that changed, sorted, of an update.
	Changes []string
	// Versions says from what to what the versions among them went, such as "version 1.35 -> 1.36".
	Versions []string
	// Wave counts the operations that had to be over before it: 1 waits for none, and those of one wave run side by side.
	Wave int
	// Nodes are those that it replaced, one after the other.
	Nodes []string
	// Began and Ended number the moments of all operations as they happened, from 1.
	Began, Ended int
}

// Apply deploys one program or stack file and then the other in its place, as two runs of `up`. Result.Changes is what the
// preview of the second said, Result.Operations what it did, in order; State, Resources and Outputs are those after it. A
// last preview must show no change.
func Apply(ctx context.Context, before, after Options) (*Result, error) {
	return run(ctx, before, func(r *rehearsal) error {
		if err := r.deploy(); err != nil {
			return err
		}
		if err := r.previewChange(after); err != nil {
			return err
		}
		log := &operations{store: r.clouds.Store()}
		r.clouds.Use(log.follow)
		if err := r.deploy(); err != nil {
			return fmt.Errorf("the change: %w", err)
		}
		resources, err := stackdoc.Deployed(r.result.State)
		if err != nil {
			return err
		}
		r.result.Operations = log.inWaves(resources)
		return r.secondPreview()
	})
}

// operations follows what happens in the clouds.
type operations struct {
	store *provider.Store

	mu     sync.Mutex
	moment int
	done   []*Operation
}

func (l *operations) follow(_ context.Context, op *provider.Operation, next func() error) error {
	o := &Operation{Verb: op.Verb, URN: op.URN}
	if op.Verb == provider.Update {
		for _, there := range l.store.ByURN(op.URN) {
			if there.ID == op.ID {
				o.Changes, o.Versions = differences(there.Inputs, op.Inputs)
			}
		}
	}
	l.mu.Lock()
	l.moment++
	o.Began = l.moment
	l.done = append(l.done, o)
	l.mu.Unlock()
	err := next()
	l.mu.Lock()
	l.moment++
	o.Ended, o.Nodes = l.moment, op.Nodes
	l.mu.Unlock()
	return err
}

// versionProperties are inputs that a change may show: they hold no secret.
var versionProperties = []string{"version", "addonVersion", "engineVersion", "mongoDbMajorVersion", "imageId", "parameterGroupName"}

func differences(before, after map[string]any) (changes, shown []string) {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if reflect.DeepEqual(before[key], after[key]) {
			continue
		}
		changes = append(changes, key)
		if slices.Contains(versionProperties, key) {
			shown = append(shown, fmt.Sprintf("%s %v -> %v", key, before[key], after[key]))
		}
	}
	return changes, shown
}

// inWaves numbers the operations by what they had to wait for, and sorts them by wave, then type and name. A deletion comes
// after everything that is made or changed.
func (l *operations) inWaves(resources []*stackdoc.Resource) []Operation {
	changed := map[resource.URN]bool{}
	for _, o := range l.done {
		changed[o.URN] = changed[o.URN] || o.Verb != provider.Delete
	}
	waves := timeline.Waves(resources, func(r *stackdoc.Resource) bool { return changed[r.URN] })
	last := 0
	for _, wave := range waves {
		last = max(last, wave)
	}
	sorted := make([]Operation, 0, len(l.done))
	for _, o := range l.done {
		if o.Wave = waves[o.URN]; o.Verb == provider.Delete {
			o.Wave = last + 1
		}
		sorted = append(sorted, *o)
	}
	slices.SortStableFunc(sorted, func(a, b Operation) int {
		switch {
		case a.Wave != b.Wave:
			return a.Wave - b.Wave
		case a.URN < b.URN:
			return -1
		}
		return 1
	})
	return sorted
}
