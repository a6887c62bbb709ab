package catalog_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

var token = regexp.MustCompile(`[a-z]+:[a-zA-Z0-9./]+:[A-Za-z0-9]+`)

// deployed are the types that the golden graphs hold, but for what is in no cloud: the project's components, and the
// engine's stack and providers.
func deployed(t *testing.T) []string {
	t.Helper()
	graphs, err := filepath.Glob("../../test/platform/testdata/*.graph")
	if err != nil || len(graphs) < 2 {
		t.Fatalf("golden graphs: %v, %v", graphs, err)
	}
	var types []string
	for _, graph := range graphs {
		text, err := os.ReadFile(graph)
		if err != nil {
			t.Fatal(err)
		}
		for _, typ := range token.FindAllString(string(text), -1) {
			if !strings.HasPrefix(typ, "bpa:") && !strings.HasPrefix(typ, "pulumi:") && !slices.Contains(types, typ) {
				types = append(types, typ)
			}
		}
	}
	slices.Sort(types)
	return types
}

// unsaid are the aspects that are not demanded yet.
var unsaid = []string{
	"Identity",
}

func TestEveryDeployedTypeHasEveryAspectOrAReason(t *testing.T) {
	types := deployed(t)
	if len(types) < 70 {
		t.Fatalf("only %d types in the golden graphs", len(types))
	}
	for _, typ := range types {
		described, known := catalog.Find(typ)
		if !known {
			t.Errorf("%s: not in the catalog", typ)
			continue
		}
		for _, aspect := range catalog.Aspects() {
			if !described.Has(aspect) && described.Why(aspect) == "" && !slices.Contains(unsaid, aspect) {
				t.Errorf("%s: %s: neither described, nor a reason in None", typ, aspect)
			}
		}
	}
}

func TestNoTypeHasAnAspectAndAReasonForNone(t *testing.T) {
	for _, described := range catalog.All() {
		for _, aspect := range catalog.Aspects() {
			if why := described.Why(aspect); described.Has(aspect) && why != "" {
				t.Errorf("%s: %s: described, and yet none: %s", described.Token, aspect, why)
			}
		}
	}
}

func TestAspectsAreTheFieldsOfAType(t *testing.T) {
	var fields []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[catalog.Type]()) {
		if f.Name != "Token" && f.Name != "None" {
			fields = append(fields, f.Name)
		}
	}
	if aspects := catalog.Aspects(); !slices.Equal(slices.Sorted(slices.Values(aspects)), slices.Sorted(slices.Values(fields))) {
		t.Errorf("None has %v, Type %v", aspects, fields)
	}
}
