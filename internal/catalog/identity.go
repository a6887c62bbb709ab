package catalog

// Identity says by which ids a type is known. A `{property}` in a form stands for an input, and `{metadata.name}` for one
// inside another. Source of the forms: the import section of each resource's documentation.
type Identity struct {
	// ImportID is the form of the id that `pulumi import` takes, or "" where it is not made of properties.
	ImportID string
	// StateID is the form of the id by which the provider reads the resource, or "" where its service invents it.
	StateID string
	// AtlasID maps the keys of an Atlas id that are inputs to those: `key:value` pairs in base64, joined with hyphens,
	// sorted by key. The provider reads by these alone; what else an id holds, it finds.
	AtlasID map[string]string
	// NoImport says what becomes of the resource where its provider cannot import the type, or "".
	NoImport string
}
