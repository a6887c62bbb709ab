package catalog

import "reflect"

// None says why a type lacks an aspect. Its fields are named as those of Type; a test demands of each type that occurs in a
// deployed stack every aspect or a reason here, and never both.
type None struct {
	Identity, Loss, Effects, Guards, Refusals, Exposes, Rights, Credential, Runs, Waits, Duration, Price, Permissions, Simulation string
}

// without are the aspects that no type of a package has.
var without = map[string]None{
	"eks":          {Price: ofWhatItBuilds, Permissions: ofWhatItBuilds, Identity: ofWhatItBuilds, Duration: ofWhatItBuilds},
	"kubernetes":   {Permissions: "the cluster's access entries decide, and not IAM"},
	"mongodbatlas": {Permissions: "the organization's API key decides, and not IAM"},
	"random":       {Permissions: "is in no cloud"},
}

const ofWhatItBuilds = "a component: what it builds has it"

// Aspects are the names of what is known of a type.
func Aspects() []string {
	var names []string
	for i := range reflect.TypeFor[None]().NumField() {
		names = append(names, reflect.TypeFor[None]().Field(i).Name)
	}
	return names
}

// Has reports whether an aspect of the type is described, and Why says why not, if that is known.
func (t *Type) Has(aspect string) bool {
	return !reflect.ValueOf(t).Elem().FieldByName(aspect).IsZero()
}

// Why returns the reason why the type lacks an aspect, its own or its package's, or "".
func (t *Type) Why(aspect string) string {
	if own := reflect.ValueOf(t.None).FieldByName(aspect).String(); own != "" {
		return own
	}
	return reflect.ValueOf(without[t.Package()]).FieldByName(aspect).String()
}
