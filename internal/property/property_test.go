package property_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bpa-on-aws/platform/internal/property"
)

func read(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestReaders(t *testing.T) {
	m := read(t, `{
		"name": "a", "count": 3, "on": true, "written": "true", "nothing": null,
		"names": ["a", 1, "b"], "config": [{"inner": {"name": "deep"}}], "rules": [{"port": 1}, "no rule", {"port": 2}]
	}`)
	n, known := property.Number(m, "count")
	for what, pair := range map[string][2]any{
		"a text":                     {property.Text(m, "name"), "a"},
		"a text that is none":        {property.Text(m, "count"), ""},
		"through a list of one":      {property.Text(m, "config", "inner", "name"), "deep"},
		"through nothing":            {property.Get(m, "absent", "inner"), nil},
		"through a text":             {property.Get(m, "name", "inner"), nil},
		"texts alone":                {property.Texts(m, "names"), []string{"a", "b"}},
		"no list":                    {property.Texts(m, "name"), []string(nil)},
		"one for more":               {property.OneOrMore(m, "name"), []any{"a"}},
		"every one of more":          {property.OneOrMore(m, "names"), []any{"a", 1.0, "b"}},
		"none for more":              {property.OneOrMore(m, "nothing"), []any(nil)},
		"an object in a list of one": {len(property.Object(m, "config")), 1},
		"no object in a longer one":  {property.Object(m, "rules"), map[string]any(nil)},
		"objects alone":              {len(property.Objects(m, "rules")), 2},
		"a list":                     {len(property.List(m, "rules")), 3},
		"a number":                   {n, 3.0},
		"a known number":             {known, true},
		"a whole number":             {property.Int(m, "count"), 3},
		"no whole number":            {property.Int(m, "name"), 0},
		"a switch":                   {property.True(m, "on"), true},
		"a written switch":           {property.True(m, "written"), true},
		"no switch":                  {property.True(m, "name"), false},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %#v, want %#v", what, pair[0], pair[1])
		}
	}
	if property.Text(nil, "name") != "" || property.Object(nil) != nil {
		t.Error("nothing holds something")
	}
}

func TestAt(t *testing.T) {
	m := read(t, `{"vpcConfig": {"subnetIds": ["a", "b"]}, "tags": {"example.org/name": "x"}, "nothing": null}`)
	for path, want := range map[string]any{"vpcConfig.subnetIds[1]": "b", `tags["example.org/name"]`: "x", "nothing": nil} {
		if got, there := property.At(m, path); got != want || !there {
			t.Errorf("%s: %v, %v", path, got, there)
		}
	}
	for _, path := range []string{"absent", "vpcConfig.subnetIds[2]", "vpcConfig[0]", "tags.a.b", "["} {
		if got, there := property.At(m, path); got != nil || there {
			t.Errorf("%s: %v, %v", path, got, there)
		}
	}
}
