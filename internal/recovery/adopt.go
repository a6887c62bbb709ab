package recovery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Importer is an Engine that can run the program, too.
type Importer struct {
	Engine
	// Stack is the stack with its program.
	Stack auto.Stack
	// ImportFile runs `pulumi import --file`.
	ImportFile func(ctx context.Context, path string) error
	// Problems gets what the engine has to complain of.
	Problems io.Writer
}

// passes is how often Adopt looks: what it has imported may be what the next is part of.
const passes = 5

// Adopt imports what a creation has made before it failed, and what its provider never told the engine of: the cloud has it by
// its name, the state lacks it, and every `up` would say that the name is taken. It previews the stack; of what that would
// create, it looks for the types whose providers fail so (catalog.CreatedIDLost), and takes what can be nothing else.
func Adopt(ctx context.Context, engine Importer, account Account) ([]Taken, error) {
	var adopted []Taken
	for range passes {
		more, err := adopt(ctx, engine, account)
		if err != nil || len(more) == 0 {
			return adopted, err
		}
		adopted = append(adopted, more...)
	}
	return adopted, nil
}

func adopt(ctx context.Context, engine Importer, account Account) ([]Taken, error) {
	importFile, plan, err := previewImport(ctx, engine.Stack, engine.Problems)
	if err != nil {
		return nil, fmt.Errorf("previewing the stack: %w", err)
	}
	var sought []Planned
	for _, p := range plan.Resources {
		if p.wanted() && p.identified() && catalog.Of(string(p.URN.Type())).FailsAs("create", catalog.CreatedIDLost) {
			p.doubtful = true
			sought = append(sought, p)
		}
	}
	if len(sought) == 0 {
		return nil, nil
	}
	listing, err := account.List(ctx, sought)
	if err != nil {
		return nil, fmt.Errorf("listing what is in the clouds: %w", err)
	}
	exported, err := engine.Export(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	s, err := stackdoc.ReadState(exported)
	if err != nil {
		return nil, err
	}
	ids := map[resource.URN]string{}
	matched, _ := findAll(sought, unheld(s, listing.Found))
	var found []Taken
	for _, p := range sought {
		if f, there := matched[p.URN]; there {
			if id := p.id(p.identity().ImportID, f); id != "" {
				ids[p.URN] = id
				found = append(found, Taken{URN: p.URN, ID: id})
			}
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, importOnly(ctx, engine, importFile, plan, ids)
}

// importOnly imports the resources with an id, and what they are part of.
func importOnly(ctx context.Context, engine Importer, importFile []byte, plan *Plan, ids map[resource.URN]string) error {
	filled, err := fillOnly(importFile, plan.Resources, ids)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bpa-adopt-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "import.json")
	if err := os.WriteFile(path, filled, 0o600); err != nil {
		return err
	}
	return engine.ImportFile(ctx, path)
}

// fillOnly is an import file with the resources of the ids, their components and their providers alone.
func fillOnly(importFile []byte, planned []Planned, ids map[resource.URN]string) ([]byte, error) {
	var f file
	if err := json.Unmarshal(importFile, &f); err != nil {
		return nil, fmt.Errorf("reading the import file: %w", err)
	}
	if len(f.Resources) != len(planned) {
		return nil, fmt.Errorf("the import file has %d resources, the preview would create %d: they are of two runs",
			len(f.Resources), len(planned))
	}
	by, needed := map[resource.URN]Planned{}, map[resource.URN]bool{}
	for _, p := range planned {
		by[p.URN] = p
	}
	var need func(urn resource.URN)
	need = func(urn resource.URN) {
		p, missing := by[urn]
		if !missing || needed[urn] {
			return
		}
		needed[urn] = true
		need(p.parent)
		need(p.provider)
	}
	for urn := range ids {
		need(urn)
	}
	var kept []map[string]any
	for i, entry := range f.Resources {
		if !needed[planned[i].URN] {
			continue
		}
		if id, found := ids[planned[i].URN]; found {
			entry["id"] = id
		}
		kept = append(kept, entry)
	}
	f.Resources = kept
	return json.MarshalIndent(f, "", "    ")
}
