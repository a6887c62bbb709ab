// Command extract reads the schemas of the simulated types out of the source of terraform-provider-aws: what replaces,
// conflicts and is computed, which Pulumi's SDK does not say. Nothing is compiled: the provider is large.
//
//	git clone --depth 1 --branch v5.45.0 https://github.com/hashicorp/terraform-provider-aws DIR
//	go run ./internal/sim/aws/extract -source DIR -version 5.45 -o internal/sim/aws/extract.json
//
// Types that the provider writes for its newer framework are not read; it names them, and the catalog's Simulation lists
// what of them replaces.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/sdkdoc"
)

func main() {
	source := flag.String("source", "", "the folder of the provider's source")
	version := flag.String("version", "", "its version, for the note in the extract")
	schemas := flag.String("schemas", "internal/sim/aws/schema.json", "the types and names of Pulumi's SDK")
	out := flag.String("o", "internal/sim/aws/extract.json", "where the extract goes")
	flag.Parse()
	if err := run(*source, *version, *schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func run(source, version, schemas, out string) error {
	file, err := os.ReadFile(schemas)
	if err != nil {
		return err
	}
	s, err := parse(source)
	if err != nil {
		return err
	}
	e := &sdkdoc.Extract{
		Source: "terraform-provider-aws " + version + ", the Plugin SDK's schemas, by the names of pulumi-aws; of nested blocks " +
			"what is required and what replaces. go run ./internal/sim/aws/extract makes it of the provider's source.",
		Types: map[string]sdkdoc.ExtractType{},
	}
	for token, properties := range provider.MustSchemas(file).Types {
		resource := s.resource(token)
		if resource == nil {
			fmt.Fprintln(os.Stderr, "extract: not in the SDK's form:", token)
			continue
		}
		e.Types[token] = s.typeOf(resource, slices.Sorted(maps.Keys(properties)))
	}
	b, err := encode(e)
	if err != nil {
		return err
	}
	return os.WriteFile(out, b, 0o644)
}

// encode writes a property a line.
func encode(e *sdkdoc.Extract) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n \"source\": %q,\n \"types\": {", e.Source)
	for i, token := range slices.Sorted(maps.Keys(e.Types)) {
		t := e.Types[token]
		fmt.Fprintf(&b, "%s\n  %q: {\n", strings.Repeat(",", min(i, 1)), token)
		if len(t.Unmatched) > 0 {
			unmatched, err := json.Marshal(t.Unmatched)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "   \"unmatched\": %s,\n", unmatched)
		}
		b.WriteString("   \"properties\": {")
		for j, name := range slices.Sorted(maps.Keys(t.Properties)) {
			property, err := json.Marshal(t.Properties[name])
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&b, "%s\n    %q: %s", strings.Repeat(",", min(j, 1)), name, property)
		}
		b.WriteString("\n   }\n  }")
	}
	b.WriteString("\n }\n}\n")
	return b.Bytes(), nil
}
