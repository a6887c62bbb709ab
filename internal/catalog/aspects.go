package catalog

import "reflect"

// None says why a type lacks an aspect. Its fields are named as those of Type; a test demands of each type that occurs in a
// deployed stack every aspect or a reason here, and never both.
type None struct {
	Identity, Loss, Effects, Guards, Refusals, Exposes, Rights, Credential, Runs, Waits, Duration, Price, Permissions string

	Simulation, Failures string
}

// Reasons that many types share.
const (
	ofWhatItBuilds = "a component: what it builds has it"

	notMissed    = "nobody feels it, and nothing is lost"
	noEffect     = "no change of it in place is felt"
	noGuard      = "no property of it keeps data or access safe"
	noRefusal    = "no property of it makes its service refuse"
	noOpening    = "nothing is reached through it"
	itsGroup     = "its security group says who reaches it"
	noRight      = "gives nobody a right by name"
	byDocument   = "its policy document says so, which is compared as such"
	noCredential = "is no credential as a whole"
	maskedInputs = "the inputs that hold it are masked one by one"
	noVersion    = "runs nothing whose support ends"
	noWait       = "what it needs is among its inputs"
	atOnce       = "the call returns as soon as it is there"
)

// Reasons that many types share together.
var (
	quiet   = None{Effects: noEffect, Guards: noGuard, Refusals: noRefusal}
	closed  = None{Exposes: noOpening}
	plain   = None{Rights: noRight, Credential: noCredential, Runs: noVersion}
	instant = None{Waits: noWait, Duration: atOnce}
)

// without are the aspects that no type of a package has.
var without = map[string]None{
	"eks": {
		Identity: ofWhatItBuilds, Effects: ofWhatItBuilds, Guards: ofWhatItBuilds, Refusals: ofWhatItBuilds, Exposes: ofWhatItBuilds,
		Rights: ofWhatItBuilds, Credential: ofWhatItBuilds, Runs: ofWhatItBuilds, Waits: ofWhatItBuilds, Duration: ofWhatItBuilds,
		Price: ofWhatItBuilds, Permissions: ofWhatItBuilds, Simulation: ofWhatItBuilds, Failures: ofWhatItBuilds,
	},
	"kubernetes":   {Permissions: "the cluster's access entries decide, and not IAM"},
	"mongodbatlas": {Permissions: "the organization's API key decides, and not IAM"},
	"random":       {Permissions: "is in no cloud"},
}

// none joins reasons; of two for an aspect the later one counts.
func none(parts ...None) None {
	var all None
	for _, part := range parts {
		for i := range reflect.TypeOf(all).NumField() {
			if why := reflect.ValueOf(part).Field(i).String(); why != "" {
				reflect.ValueOf(&all).Elem().Field(i).SetString(why)
			}
		}
	}
	return all
}

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
