package catalog

import (
	"slices"

	"github.com/bpa-on-aws/platform/internal/property"
)

// Rights are the permissions that a resource gives by name, and not by a policy document.
type Rights struct {
	// Verb says what is done with them, such as attaches.
	Verb string
	// Given lists what the inputs give.
	Given func(in map[string]any) []Phrase
	// Holder is the input that names the role, user or group whose permissions the resource's policy document adds to.
	Holder string
}

// PolicyProperties are the inputs that hold policy documents, whatever the type.
var PolicyProperties = []string{
	"policy", "assumeRolePolicy", "policyDocument", "accessPolicies", "resourcePolicy", "inlinePolicy",
}

// Phrase is a text about a resource with a %s in its form for each name, which its reader quotes. A name is an input's value.
type Phrase struct {
	Form  string
	Names []any
}

func phrase(form string, names ...any) Phrase { return Phrase{form, names} }

// attaches reads who gets the policy of an attachment.
func attaches(holders ...string) Rights {
	return Rights{Verb: "attaches", Given: func(in map[string]any) []Phrase {
		var given []Phrase
		for _, holder := range holders {
			given = append(given, each(in, holder, func(name any) Phrase { return phrase("%s to %s", in["policyArn"], name) })...)
		}
		return given
	}}
}

// each makes a phrase of each of the texts of a property.
func each(in map[string]any, key string, say func(name any) Phrase) []Phrase {
	var given []Phrase
	for _, name := range property.OneOrMore(in, key) {
		given = append(given, say(name))
	}
	return given
}

// binds reads whom a binding of Kubernetes gives which role.
func binds(in map[string]any) []Phrase {
	role := property.Object(in, "roleRef")
	var given []Phrase
	for _, s := range property.Objects(in, "subjects") {
		given = append(given, phrase("%s %s to %s %s", role["kind"], role["name"], s["kind"], s["name"]))
	}
	return given
}

// allows multiplies the rules of a role of Kubernetes out.
func allows(in map[string]any) []Phrase {
	var given []Phrase
	for _, rule := range property.Objects(in, "rules") {
		for _, verb := range property.OneOrMore(rule, "verbs") {
			for _, what := range slices.Concat(property.OneOrMore(rule, "resources"), property.OneOrMore(rule, "nonResourceURLs")) {
				given = append(given, phrase("%s on %s", verb, what))
			}
		}
	}
	return given
}
