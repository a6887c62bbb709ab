package kubernetes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

var (
	labelForm   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	serviceForm = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)
	valueForm   = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$`)
	keyForm     = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)
)

// releaseLimit is how long Helm lets the name of a release be: what it names may add ten characters to a label.
const releaseLimit = 53

// labelName: a namespace and a service are parts of host names, so their names are labels. A service's begins with a letter.
func labelName(r *provider.Request) string {
	_, name := metadata(r)
	form, words := labelForm, "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "+
		"end with an alphanumeric character, with at most 63 characters"
	if r.Type == catalog.KubernetesService {
		form, words = serviceForm, "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "+
			"character, and end with an alphanumeric character, with at most 63 characters"
	}
	if name == "" || form.MatchString(name) {
		return ""
	}
	return fmt.Sprintf("%s %q is invalid: metadata.name: Invalid value: %q: %s", kind(r), name, name, words)
}

// labelInvalid: the value of a label has at most 63 characters of a small set.
func labelInvalid(r *provider.Request) string {
	_, name := metadata(r)
	labels := inner(r.Inputs["metadata"], "labels")
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if value := fmt.Sprint(labels[key]); !valueForm.MatchString(value) {
			return fmt.Sprintf("%s %q is invalid: metadata.labels: Invalid value: %q: a valid label must be an empty string or consist of "+
				"alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character, with at most 63 "+
				"characters",
				kind(r), name, value)
		}
	}
	return ""
}

// keyInvalid: a key of a ConfigMap or a Secret is the name of a file.
func keyInvalid(r *provider.Request) string {
	_, name := metadata(r)
	for _, property := range []string{"data", "stringData", "binaryData"} {
		for _, key := range slices.Sorted(maps.Keys(inner(r.Inputs[property]))) {
			if !keyForm.MatchString(key) {
				return fmt.Sprintf("%s %q is invalid: data[%s]: Invalid value: %q: a valid config key must consist of alphanumeric "+
					"characters, '-', '_' or '.'", kind(r), name, key, key)
			}
		}
	}
	return ""
}

func releaseName(r *provider.Request) string {
	name := r.Str("name")
	if name == "" || subdomain.MatchString(name) && len(name) <= releaseLimit {
		return ""
	}
	return fmt.Sprintf("release name is invalid: %s: invalid release name, must match regex %s and the length must not be longer than %d",
		name, subdomain, releaseLimit)
}
