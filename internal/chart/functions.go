package chart

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"go.yaml.in/yaml/v3"
)

// engine is one rendering.
type engine struct {
	all   *template.Template
	depth map[string]int
}

// stop is what `fail` and `required` end a rendering with.
type stop struct{ message string }

func (s *stop) Error() string { return s.message }

// includeLimit is how deep a template may include itself, as in Helm.
const includeLimit = 1000

func newEngine() *engine {
	e := &engine{depth: map[string]int{}}
	// A value that is not there is empty, not an error.
	e.all = template.New("gotpl").Option("missingkey=zero")
	e.all.Funcs(e.functions(e.all))
	return e
}

// functions are sprig's without those that look at the machine, and Helm's own.
func (e *engine) functions(within *template.Template) template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	maps.Copy(all, conversions)
	maps.Copy(all, template.FuncMap{
		"include": func(name string, data any) (string, error) { return e.include(within, name, data) },
		"tpl":     func(text string, data any) (string, error) { return e.evaluate(within, text, data) },
		"required": func(message string, value any) (any, error) {
			if text, isText := value.(string); value == nil || isText && text == "" {
				return value, &stop{message}
			}
			return value, nil
		},
		"fail": func(message string) (string, error) { return "", &stop{message} },
		// There is no cluster that could be asked, as in `helm template`.
		"lookup":        func(string, string, string, string) map[string]any { return map[string]any{} },
		"getHostByName": func(string) string { return "" },
	})
	return all
}

// conversions are Helm's own between values and texts. What cannot be read is a value that says so, as in Helm.
var conversions = template.FuncMap{
	"toYaml":        func(v any) string { text, _ := toYAML(v); return text },
	"mustToYaml":    toYAML,
	"toJson":        func(v any) string { b, _ := json.Marshal(v); return string(b) },
	"fromYaml":      func(text string) map[string]any { return object(readYAML, text) },
	"fromJson":      func(text string) map[string]any { return object(json.Unmarshal, text) },
	"fromYamlArray": func(text string) []any { return list(readYAML, text) },
	"fromJsonArray": func(text string) []any { return list(json.Unmarshal, text) },
}

func readYAML(b []byte, out any) error { return yaml.Unmarshal(b, out) }

func object(read func([]byte, any) error, text string) map[string]any {
	out := map[string]any{}
	if err := read([]byte(text), &out); err != nil {
		return map[string]any{"Error": err.Error()}
	}
	return out
}

func list(read func([]byte, any) error, text string) []any {
	var out []any
	if err := read([]byte(text), &out); err != nil {
		return []any{err.Error()}
	}
	return out
}

func toYAML(v any) (string, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	err := encoder.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func (e *engine) include(within *template.Template, name string, data any) (string, error) {
	if e.depth[name] > includeLimit {
		return "", fmt.Errorf("unable to execute template: rendering template has a nested reference name: %s", name)
	}
	found := within.Lookup(name)
	if found == nil {
		return "", fmt.Errorf("template: no template %q associated with template %q", name, within.Name())
	}
	e.depth[name]++
	defer func() { e.depth[name]-- }()
	return e.execute(found, data)
}

// evaluate renders a text as a template that sees everything that is defined.
func (e *engine) evaluate(within *template.Template, text string, data any) (string, error) {
	copied, err := within.Clone()
	if err != nil {
		return "", err
	}
	copied.Funcs(e.functions(copied))
	parsed, err := copied.New(within.Name()).Parse(text)
	if err != nil {
		return "", fmt.Errorf("cannot parse template %q: %w", text, err)
	}
	return e.execute(parsed, data)
}

func (e *engine) execute(t *template.Template, data any) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", err
	}
	return strings.ReplaceAll(b.String(), "<no value>", ""), nil
}

// Files are what a chart's templates may read.
type Files map[string][]byte

// Get returns the text of a file, "" where there is none.
func (f Files) Get(name string) string { return string(f[name]) }

// GetBytes returns a file.
func (f Files) GetBytes(name string) []byte { return f[name] }

// Glob returns the files whose path matches: * stays within a folder, ** does not.
func (f Files) Glob(pattern string) Files {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*\*`, `.*`, `\*`, `[^/]*`, `\?`, `[^/]`, `\{`, `(?:`, `\}`, `)`, `,`, `|`).Replace(quoted)
	matches, err := regexp.Compile("^" + quoted + "$")
	found := Files{}
	for name, b := range f {
		if err == nil && matches.MatchString(name) {
			found[name] = b
		}
	}
	return found
}

// AsConfig is the data of a ConfigMap, AsSecrets that of a Secret.
func (f Files) AsConfig() string {
	data := map[string]string{}
	for name, b := range f {
		data[path.Base(name)] = string(b)
	}
	text, _ := toYAML(data) // texts always encode
	return text
}

// AsSecrets is the data of a Secret.
func (f Files) AsSecrets() string {
	data := map[string]string{}
	for name, b := range f {
		data[path.Base(name)] = base64.StdEncoding.EncodeToString(b)
	}
	text, _ := toYAML(data) // texts always encode
	return text
}

// Lines are the lines of a file.
func (f Files) Lines(name string) []string {
	text := strings.TrimSuffix(string(f[name]), "\n")
	if text == "" {
		return []string{}
	}
	return strings.Split(text, "\n")
}

// versions is a set of API versions.
type versions []string

// Has reports whether the cluster serves a version, such as batch/v1 or batch/v1/Job.
func (v versions) Has(version string) bool {
	for _, known := range v {
		if version == known || strings.HasPrefix(version, known+"/") {
			return true
		}
	}
	return false
}

// kubeVersion is the cluster's, which prints as a text.
type kubeVersion struct{ Version, Major, Minor, GitVersion string }

func (k kubeVersion) String() string { return k.Version }

// served are the versions that every supported release of EKS serves. Source: the API reference of Kubernetes 1.31.
var served = versions(strings.Fields(`v1 admissionregistration.k8s.io/v1 apiextensions.k8s.io/v1 apiregistration.k8s.io/v1 apps/v1
	authentication.k8s.io/v1 authorization.k8s.io/v1 autoscaling/v1 autoscaling/v2 batch/v1 certificates.k8s.io/v1
	coordination.k8s.io/v1 discovery.k8s.io/v1 events.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1 networking.k8s.io/v1 node.k8s.io/v1
	policy/v1 rbac.authorization.k8s.io/v1 scheduling.k8s.io/v1 storage.k8s.io/v1`))

func capabilitiesOf(version string) map[string]any {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	return map[string]any{
		"KubeVersion": kubeVersion{Version: "v" + version, GitVersion: "v" + version, Major: major, Minor: minor},
		"APIVersions": served, "HelmVersion": map[string]any{"Version": "v3.18.6"},
	}
}
