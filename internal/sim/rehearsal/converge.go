package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/recovery"
	"github.com/bpa-on-aws/platform/internal/sim/listing"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

func (r *rehearsal) readState() (*stackdoc.State, error) {
	b, err := r.export()
	if err != nil {
		return nil, err
	}
	state, err := stackdoc.ReadState(b)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	return state, nil
}

// until repeats an operation that fails, as often as Options.Retry says, after what an operator would do in between.
func (r *rehearsal) until(phase string, operate func() error) error {
	for attempt := 0; ; attempt++ {
		err := operate()
		if err == nil {
			if attempt > 0 {
				fmt.Fprintf(r.out, "rehearsal %s: %s succeeded after %d failed attempts\n", r.Stack, phase, attempt)
			}
			return nil
		}
		if attempt == r.Retry || r.ctx.Err() != nil {
			return err
		}
		fmt.Fprintf(r.out, "rehearsal %s: %v; trying again\n", r.Stack, err)
		r.result.Retries++
		if r.consistent() == nil && !r.pending() {
			continue // `up` alone finishes it
		}
		if err := r.recover(); err != nil {
			return fmt.Errorf("%s: recovering: %w", phase, err)
		}
	}
}

// recover does what `bpactl recover` does for an operator whose engine was killed, or whose `up` failed. It looks for what no
// state knows only where there is such a thing: to look costs a preview.
func (r *rehearsal) recover() error {
	if err := r.restoreCheckpoint(); err != nil {
		return err
	}
	var report recovery.Report
	engine := recovery.CLI{Stack: r.Stack, Run: r.pipe, Progress: r.out}
	account := recovery.Account{List: r.listing, Helm: helm{r}}
	err := r.withoutRuntime(func() (err error) {
		report, err = recovery.Recover(r.ctx, engine, account)
		return err
	})
	if err == nil && r.lost() {
		importer := recovery.Importer{Engine: engine, Stack: r.stack, ImportFile: r.importFile, Problems: r.out}
		report.Adopted, err = recovery.Adopt(r.ctx, importer, account)
	}
	fmt.Fprint(r.out, report.String())
	if err != nil {
		return err
	}
	r.result.Recovered = append(r.result.Recovered, report)
	return nil
}

// lost reports whether a cloud holds something that the state does not.
func (r *rehearsal) lost() bool {
	state, err := r.readState()
	return err == nil && slices.ContainsFunc(differ(state, r.clouds.Store().List()), func(problem error) bool {
		return strings.HasPrefix(problem.Error(), "orphaned: ")
	})
}

// importFile runs `pulumi import --file`.
func (r *rehearsal) importFile(_ context.Context, path string) error {
	return r.withoutRuntime(func() error {
		out, err := r.command("import", "--file", path, "--yes", "--skip-preview", "--protect=false", "--generate-code=false",
			"--stack", r.Stack)
		fmt.Fprint(r.out, out)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	})
}

// pending reports whether a release is, so that every upgrade of it would be refused.
func (r *rehearsal) pending() bool {
	pending, _ := helm{r}.Pending(r.ctx) // it is in memory
	return len(pending) > 0
}

// helm is Helm's storage in the simulated clusters.
type helm struct{ r *rehearsal }

// Pending implements recovery.Helm.
func (h helm) Pending(context.Context) (pending []recovery.Revision, err error) {
	h.r.clouds.Settle()
	for _, release := range h.r.clouds.Store().All(catalog.HelmRelease) {
		status := property.Text(release.Outputs, "status", "status")
		if strings.HasPrefix(status, "pending-") {
			namespace, name := property.Text(release.Inputs, "namespace"), property.Text(release.Inputs, "name")
			pending = append(pending, recovery.Revision{Namespace: namespace, Name: name, Status: status})
		}
	}
	return pending, nil
}

// Fail implements recovery.Helm.
func (h helm) Fail(_ context.Context, revision recovery.Revision) error {
	release := h.r.clouds.Store().Get(catalog.HelmRelease, revision.Namespace+"/"+revision.Name)
	status := property.Object(release.Outputs, "status")
	status["status"] = "failed"
	h.r.clouds.Store().Answer(release, map[string]any{"status": status})
	return nil
}

// listing reads what the commands of docs/recovery.md print of the clouds, which have settled: else it is of a moment that has
// passed, and lacks something.
func (r *rehearsal) listing(context.Context, []recovery.Planned) (recovery.Listing, error) {
	r.clouds.Settle()
	printed, err := listing.Print(r.clouds.Store().List())
	if err != nil {
		return recovery.Listing{}, err
	}
	found, _, err := recovery.ReadListing(printed)
	return recovery.Listing{Found: found, Whole: true}, err
}

// restoreCheckpoint removes what a killed engine has half written beside a local state: the file of a checkpoint's
// attributes, which is not written at once as the checkpoint itself is. A state in S3 has no such file.
func (r *rehearsal) restoreCheckpoint() error {
	files, err := filepath.Glob(filepath.Join(r.state, ".pulumi", "stacks", "*", "*.attrs"))
	if err != nil {
		return err
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err == nil && !json.Valid(b) {
			err = os.Remove(file)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// consistent checks that state and clouds hold the same resources, each once.
func (r *rehearsal) consistent() error {
	state, err := r.readState()
	if err != nil {
		return err
	}
	return errors.Join(differ(state, r.clouds.Store().List())...)
}

// differ says in what a state and the clouds differ: in what there is, and in what was asked for. A resource that waits for its
// deletion is in both, beside what has taken its place; one that is gone is in no cloud, though the state keeps its place for the
// replacement.
func differ(state *stackdoc.State, clouds []*provider.Resource) (problems []error) {
	held := slices.DeleteFunc(slices.Clone(state.Resources), func(s *stackdoc.Resource) bool {
		return !s.Custom || s.External || s.Internal() || s.Gone
	})
	known, there := map[resource.URN][]string{}, map[resource.URN][]string{}
	for _, s := range held {
		known[s.URN] = append(known[s.URN], s.ID)
	}
	for _, made := range clouds {
		// What an alias has given another name was asked of no cloud, which knows it by its id.
		if i := slices.IndexFunc(held, func(s *stackdoc.Resource) bool { return s.Type() == made.Type && s.ID == made.ID }); i >= 0 &&
			made.URN != "" && len(known[made.URN]) == 0 {
			made.URN = held[i].URN
		}
		there[made.URN] = append(there[made.URN], made.ID)
	}
	for _, s := range held {
		ids := slices.DeleteFunc(slices.Clone(there[s.URN]), func(id string) bool { // those of the others with this URN
			return id != s.ID && slices.Contains(known[s.URN], id)
		})
		switch {
		case len(ids) == 0:
			problems = append(problems, fmt.Errorf("lost: %s is in the state and in no cloud", s.URN))
		case len(ids) > 1:
			problems = append(problems, fmt.Errorf("duplicated: %s is %d times in the cloud", s.URN, len(ids)))
		case ids[0] == s.ID && !s.Delete:
			i := slices.IndexFunc(clouds, func(made *provider.Resource) bool { return made.URN == s.URN && made.ID == s.ID })
			if name := disagrees(s.Inputs, clouds[i].Inputs); name != "" {
				problems = append(problems, fmt.Errorf("differs: %s of %s is not the same in the state and in the cloud", name, s.URN))
			}
		case ids[0] != s.ID:
			problems = append(problems, fmt.Errorf("lost: %s is %s in the state and %s in the cloud", s.URN, s.ID, ids[0]))
		}
	}
	for _, made := range clouds {
		// What the services make themselves, such as logs, has no URN.
		if made.URN != "" && len(known[made.URN]) == 0 {
			problems = append(problems, fmt.Errorf("orphaned: %s %s is in the cloud and not in the state", made.Type, made.ID))
		}
	}
	for _, p := range state.Pending {
		problems = append(problems, fmt.Errorf("unfinished: %s is still %s", p.Resource.URN, p.Kind))
	}
	return problems
}

// disagrees names an input that is another one in the cloud, or is "". What is secret is not compared.
func disagrees(state, cloud map[string]any) string {
	names := maps.Clone(state)
	maps.Copy(names, cloud)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if plain(state[name]) && !reflect.DeepEqual(state[name], cloud[name]) {
			return name
		}
	}
	return ""
}

// plain reports whether a value of a state is plain data: neither it nor any part of it is secret, or a file.
func plain(v any) bool {
	return !stackdoc.Contains(v, func(v any) bool {
		object, _ := v.(map[string]any)
		return stackdoc.IsSecret(v) || v == nil || object[resource.SigKey] != nil
	})
}
