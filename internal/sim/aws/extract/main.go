// Command extract gives the schemas of terraform-provider-aws the names of Pulumi's SDK: what replaces, conflicts and is computed,
// which the SDK does not say. It reads them from the document that is kept beside it, or out of the provider's source, which is not
// compiled: the provider is large.
//
//	go run ./internal/sim/aws/extract
//
//	git clone --depth 1 --branch v5.100.0 https://github.com/hashicorp/terraform-provider-aws DIR
//	go run ./internal/sim/aws/extract -source DIR -version 5.100
//
// Types that the provider writes for its newer framework are not read from the source; it names them, and the catalog's Simulation
// lists what of them replaces.
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
	from := flag.String("document", "internal/sim/aws/extract/provider.json", "the provider's schema as data")
	source := flag.String("source", "", "the folder of the provider's source, in the place of -document")
	version := flag.String("version", "", "its version, for the note in the extract")
	schemas := flag.String("schemas", "internal/sim/aws/schema.json", "the types and names of Pulumi's SDK")
	out := flag.String("o", "internal/sim/aws/extract.json", "where the extract goes")
	flag.Parse()
	if err := run(*from, *source, *version, *schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func run(from, source, version, schemas, out string) error {
	file, err := os.ReadFile(schemas)
	if err != nil {
		return err
	}
	sdk := provider.MustSchemas(file)
	e := &sdkdoc.Extract{Types: map[string]sdkdoc.ExtractType{}}
	if source == "" {
		err = ofDocument(from, sdk, e)
	} else {
		err = ofSource(source, version, sdk, e)
	}
	if err != nil {
		return err
	}
	b, err := encode(e)
	if err != nil {
		return err
	}
	return os.WriteFile(out, b, 0o644)
}

func ofDocument(path string, sdk *provider.Schemas, e *sdkdoc.Extract) error {
	d, err := readDocument(path)
	if err != nil {
		return err
	}
	e.Source = d.Source + " This file has them by the names of pulumi-aws: go run ./internal/sim/aws/extract makes it."
	for token, properties := range sdk.Types {
		known, ok := d.Types[token]
		if !ok {
			fmt.Fprintln(os.Stderr, "extract: not in the document:", token)
			continue
		}
		e.Types[token] = typeOf(known.Properties, names{sdk, properties})
	}
	return nil
}

func ofSource(folder, version string, sdk *provider.Schemas, e *sdkdoc.Extract) error {
	s, err := parse(folder)
	if err != nil {
		return err
	}
	e.Source = "terraform-provider-aws " + version + ", the Plugin SDK's schemas, by the names of pulumi-aws. " +
		"go run ./internal/sim/aws/extract makes it of the provider's source."
	for token, properties := range sdk.Types {
		resource := s.resource(token)
		if resource == nil {
			fmt.Fprintln(os.Stderr, "extract: not in the SDK's form:", token)
			continue
		}
		e.Types[token] = typeOf(s.properties(resource.pkg, resource.schema), names{sdk, properties})
	}
	return nil
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
