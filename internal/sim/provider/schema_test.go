package provider

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPropertyReadsAsItIsWritten(t *testing.T) {
	for _, line := range []string{
		"string", "[]string required new computed set newer", "number conflicts=a,b oneof=c,d with=e max=3 default=600",
		`{ec2.Tag} default="Managed by Terraform"`, "map:[]string",
	} {
		p := &Property{}
		require.NoError(t, p.UnmarshalText([]byte(line)))
		written, err := p.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, line, string(written))
	}
}

func TestAPropertyThatIsNoneIsRefused(t *testing.T) {
	for line, want := range map[string]string{
		"": "has no kind", "string nwe": `"nwe" is not an attribute`, "string max=many": "expected integer",
		"string colour=red": "not an attribute",
	} {
		assert.ErrorContains(t, (&Property{}).UnmarshalText([]byte(line)), want)
	}
	assert.Panics(t, func() { MustSchemas([]byte(`{"types": {"a": {"b": ""}}}`)) })
}

// example is a schema of one type.
func example() *Schemas {
	return MustSchemas([]byte(`{
		"types": {"test:index:Thing": {
			"name": "string required new", "size": "number", "zone": "string computed", "left": "string conflicts=right",
			"right": "string conflicts=left", "key": "string with=lock", "lock": "string", "tags": "map:string", "parts": "[]{part} max=2"
		}},
		"objects": {"part": {"kind": "string required new", "on": "bool"}}
	}`))
}

func failures(inputs map[string]any) map[string]string {
	found := map[string]string{}
	for _, f := range checkInputs(example(), "test:index:Thing", "x", &Type{}, resource.NewPropertyMapFromMap(inputs)) {
		found[string(f.Property)] = f.Reason
	}
	return found
}

func TestInputsAreCheckedAgainstTheSchema(t *testing.T) {
	assert.Empty(t, failures(map[string]any{
		"name": "a", "size": "10", "tags": map[string]any{"a": "b"}, "parts": []any{map[string]any{"kind": "k", "on": "true"}},
	}))
	found := failures(map[string]any{
		"names": "a", "size": "big", "left": "l", "right": "r", "key": "k", "tags": map[string]any{"a": 1.0},
		"parts": []any{map[string]any{"on": "perhaps"}, map[string]any{"kind": "k", "of": "x"}, map[string]any{"kind": "k"}},
	})
	for path, want := range map[string]string{
		"name": `The argument "name" is required`, "names": "Invalid or unknown key; did you mean name?",
		"size": "number required, got string",
		"left": `"left": conflicts with right`, "key": "all of `lock,key` must be specified", "tags.a": "string required, got number",
		"parts": "Too many list items", "parts[0].kind": "is required",
		"parts[0].on": "bool required", "parts[1].of": "Invalid or unknown key",
	} {
		assert.Contains(t, found[path], want, path)
		assert.Contains(t, found[path], "Examine values at 'x."+path+"'.", path)
	}
	assert.Len(t, found, 10)
}

func TestWhatIsNotKnownYetIsAnything(t *testing.T) {
	inputs := resource.PropertyMap{
		"name":  resource.MakeComputed(resource.NewStringProperty("")),
		"size":  resource.MakeSecret(resource.NewNumberProperty(1)),
		"parts": resource.NewArrayProperty([]resource.PropertyValue{resource.MakeComputed(resource.NewStringProperty(""))}),
	}
	assert.Empty(t, checkInputs(example(), "test:index:Thing", "x", &Type{}, inputs))
}

func TestValuesAreFoundInsideLists(t *testing.T) {
	typ := &Type{Values: []Value{{Property: "parts.[].kind", OneOf: []string{"big"}}}}
	inputs := resource.NewPropertyMapFromMap(map[string]any{
		"name": "a", "parts": []any{map[string]any{"kind": "big"}, map[string]any{"kind": "odd"}},
	})
	found := checkInputs(example(), "test:index:Thing", "x", typ, inputs)
	require.Len(t, found, 1)
	assert.Equal(t, "parts[1].kind", string(found[0].Property))
}

func TestPropertiesAreCountedOnce(t *testing.T) {
	assert.Equal(t, 11, example().Count("test:index:Thing"))
}
