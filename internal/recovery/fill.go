package recovery

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// file is what `pulumi preview --import-file` writes and `pulumi import --file` reads. Resources keep the fields that are
// not named here.
type file struct {
	NameTable map[string]resource.URN `json:"nameTable,omitempty"`
	Resources []map[string]any        `json:"resources"`
}

// toFind is the id of a resource that has to be found.
const toFind = "<PLACEHOLDER>"

// Summary says what a filled import file holds.
type Summary struct {
	// Imported counts resources, components and providers in the file, Left those that stay out of it for now.
	Imported, Left int
	// Open are the resources that no id was found for.
	Open []Open
}

// Fill puts the ids of a listing into an import file, and leaves out what has none, so that the file can be imported as it
// is. Generated passwords are in no cloud: they come by logical name, and go into the file in clear text, so whoever
// writes it to a disk does so for himself alone.
//
// Into an empty state go components alone: an engine that has to make the stack as well may make what belongs to it first.
func Fill(importFile []byte, plan *Plan, found []Found, passwords map[string]string) ([]byte, Summary, error) {
	planned := plan.Resources
	var f file
	if err := json.Unmarshal(importFile, &f); err != nil {
		return nil, Summary{}, fmt.Errorf("reading the import file: %w", err)
	}
	if len(f.Resources) != len(planned) {
		return nil, Summary{}, fmt.Errorf("the import file has %d resources, the preview would create %d: they are of two runs",
			len(f.Resources), len(planned))
	}
	ids, open := Match(planned, found)
	s := Summary{Open: open}
	var kept []map[string]any
	waiting := unready(f.Resources, planned)
	for i, entry := range f.Resources {
		p := planned[i]
		if !fits(entry, p) {
			return nil, s, fmt.Errorf("entry %d of the import file is %v %v, the preview has %s", i, entry["type"], entry["name"], p.URN)
		}
		first := !plan.Empty || entry["component"] == true && entry["remote"] != true
		if !fill(entry, p, ids, passwords) || waiting[p.URN] || waiting[p.provider] || !first {
			s.Left++
			continue
		}
		kept = append(kept, entry)
	}
	f.Resources, s.Imported = kept, len(kept)
	out, err := json.MarshalIndent(f, "", "    ")
	return append(out, '\n'), s, err
}

// fits reports whether an entry is about a planned resource. Names that occur twice get a suffix, and a logical name.
func fits(entry map[string]any, p Planned) bool {
	name := entry["name"]
	if logical, ok := entry["logicalName"]; ok {
		name = logical
	}
	return entry["type"] == string(p.URN.Type()) && name == p.URN.Name()
}

// fill completes an entry, or reports that it cannot be.
func fill(entry map[string]any, p Planned, ids map[resource.URN]string, passwords map[string]string) bool {
	switch {
	case entry["id"] != toFind:
		return true
	case p.local():
		value, ok := passwords[p.URN.Name()]
		if !ok {
			return false
		}
		entry["id"], entry["inputs"] = "none", p.Inputs
		outputs := map[string]any{"id": "none", "result": stackdoc.Cleartext(value)}
		for name, v := range p.Inputs {
			outputs[name] = v
		}
		entry["outputs"] = outputs
		return true
	}
	id, ok := ids[p.URN]
	entry["id"] = id
	return ok
}

// unready are the providers whose configuration is not known yet, which the engine leaves out of the file: neither they nor
// what they make can be imported.
func unready(entries []map[string]any, planned []Planned) map[resource.URN]bool {
	waiting := map[resource.URN]bool{}
	for i, p := range planned {
		if !isProvider(p.URN) {
			continue
		}
		given, _ := entries[i]["inputs"].(map[string]any)
		for _, name := range p.names {
			if _, ok := given[name]; !ok && !strings.HasPrefix(name, "__") {
				waiting[p.URN] = true
			}
		}
	}
	return waiting
}
