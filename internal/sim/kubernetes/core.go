package kubernetes

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// core are the objects of the core API group.
var core = provider.Code{
	catalog.KubernetesNamespace: {Rules: []provider.Rule{{Code: "Invalid", Source: namesDoc, Fails: labelName, Plain: true}}},
	// The provider replaces these where their content changes, unless told otherwise.
	catalog.KubernetesSecret: {
		Outputs: secretOutputs, AlsoReplaces: mutable("enableSecretMutable", "data", "stringData"),
		Rules: []provider.Rule{
			{Code: "BadRequest", Source: secretDoc, Fails: notBase64, Plain: true},
			{Code: "Invalid", Source: secretDoc, Fails: tooLong, Plain: true},
			{Code: "Invalid", Source: configDoc, Fails: keyInvalid, Plain: true},
		},
	},
	catalog.KubernetesConfigMap: {
		AlsoReplaces: mutable("enableConfigMapMutable", "data", "binaryData"),
		Rules: []provider.Rule{
			{Code: "Invalid", Source: secretDoc, Fails: tooLong, Plain: true},
			{Code: "Invalid", Source: configDoc, Fails: keyInvalid, Plain: true},
		},
	},
	catalog.KubernetesService: {
		Rules: []provider.Rule{
			{Code: "Invalid", Source: serviceDoc, Fails: nodePort, Plain: true},
			{Code: "Invalid", Source: namesDoc, Fails: labelName, Plain: true},
		},
	},
}

// secretLimit is the size of a Secret or ConfigMap in bytes.
const secretLimit = 1 << 20

// secretOutputs: stringData is write-only, the API server keeps it as data in base64.
func secretOutputs(r *provider.Request) map[string]any {
	data := map[string]any{}
	if given, ok := r.Inputs["data"].(map[string]any); ok {
		for k, v := range given {
			data[k] = v
		}
	}
	if given, ok := r.Inputs["stringData"].(map[string]any); ok {
		for k, v := range given {
			data[k] = base64.StdEncoding.EncodeToString([]byte(fmt.Sprint(v)))
		}
	}
	return map[string]any{"data": data}
}

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

func notBase64(r *provider.Request) string {
	data, _ := r.Inputs["data"].(map[string]any)
	for _, v := range data {
		if _, err := base64.StdEncoding.DecodeString(fmt.Sprint(v)); err != nil {
			return "Secret in version \"v1\" cannot be handled as a Secret: " + err.Error()
		}
	}
	return ""
}

func tooLong(r *provider.Request) string {
	size := 0
	for _, property := range []string{"data", "stringData", "binaryData"} {
		values, _ := r.Inputs[property].(map[string]any)
		for _, v := range values {
			size += len(fmt.Sprint(v))
		}
	}
	if size <= secretLimit {
		return ""
	}
	_, name := metadata(r)
	return fmt.Sprintf("%s %q is invalid: data: Too long: must have at most %d bytes", kind(r), name, secretLimit)
}

func nodePort(r *provider.Request) string {
	ports, _ := inner(r.Inputs["spec"])["ports"].([]any)
	for i, p := range ports {
		if n, ok := inner(p)["nodePort"].(float64); ok && n != 0 && (n < 30000 || n > 32767) {
			_, name := metadata(r)
			return fmt.Sprintf(
				"Service %q is invalid: spec.ports[%d].nodePort: Invalid value: %v: provided port is not in the valid range. "+
					"The range of valid ports is 30000-32767",
				name,
				i,
				n,
			)
		}
	}
	return ""
}
