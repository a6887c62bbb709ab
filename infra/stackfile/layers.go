package stackfile

import (
	"fmt"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// layer is a part of a configuration, and where it comes from.
type layer struct {
	label  string
	values map[string]any
}

// layers are the parts of one configuration, the strongest first. Objects merge key by key; a list replaces the whole
// list below it, and null brings back the default.
type layers []layer

// merged lays the layers over each other, and says by path where each value comes from.
func (all layers) merged() (values map[string]any, origins map[string]string) {
	values, origins = map[string]any{}, map[string]string{}
	for i := len(all) - 1; i >= 0; i-- {
		merge("", values, all[i].values, all[i].label, origins)
	}
	return values, origins
}

func merge(path string, into, from map[string]any, label string, origins map[string]string) {
	for key, value := range from {
		at := join(path, key)
		above, isObject := value.(map[string]any)
		below, wasObject := into[key].(map[string]any)
		if !isObject || !wasObject || isSealed(value) {
			forget(origins, at+".")
			below = map[string]any{}
			into[key] = below
		}
		if isObject && !isSealed(value) {
			merge(at, below, above, label, origins)
		} else {
			into[key] = clone(value)
		}
		origins[at] = label
	}
}

func forget(origins map[string]string, prefix string) {
	for path := range origins {
		if strings.HasPrefix(path, prefix) {
			delete(origins, path)
		}
	}
}

// originIn returns the origin of a path: its own, or that of the list around it.
func originIn(origins map[string]string, path string) string {
	for at := path; at != ""; at = at[:max(strings.LastIndexAny(at, ".["), 0)] {
		if origin, ok := origins[at]; ok {
			return origin
		}
	}
	return fromFile
}

// isSealed reports whether a value is encrypted: {secure: …}.
func isSealed(value any) bool {
	m, ok := value.(map[string]any)
	_, sealed := m["secure"]
	return ok && sealed && len(m) == 1
}

// refuseSealed reports every encrypted value of a base: it is encrypted for the base's stack, and no other can read it.
func refuseSealed(problems *problem.List, label, path string, value any) {
	if isSealed(value) {
		problems.Add(label+": "+path, config.SealedSecret(),
			"is encrypted for its own stack, so the file cannot be extended; keep secrets in the files that extend it")
		return
	}
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			refuseSealed(problems, label, join(path, key), v[key])
		}
	case []any:
		for i := range v {
			refuseSealed(problems, label, fmt.Sprintf("%s[%d]", path, i), v[i])
		}
	}
}
