package kubernetes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// Documents that the rules come from.
const (
	namesDoc   = "kubernetes.io/docs/concepts/overview/working-with-objects/names"
	secretDoc  = "kubernetes.io/docs/concepts/configuration/secret"
	labelsDoc  = "kubernetes.io/docs/concepts/overview/working-with-objects/labels"
	configDoc  = "kubernetes.io/docs/concepts/configuration/configmap"
	jobDoc     = "kubernetes.io/docs/concepts/workloads/controllers/job"
	serviceDoc = "kubernetes.io/docs/concepts/services-networking/service"
	helmDoc    = "github.com/sentry-kubernetes/charts/issues/377"
	namespaces = "github.com/pulumi/pulumi-kubernetes/issues/142"
)

// everyObject are what the API server asks of the names and labels of any object.
var everyObject = []provider.Rule{
	{Code: "Invalid", Source: namesDoc, Fails: nameInvalid, Plain: true},
	{Code: "Invalid", Source: labelsDoc, Fails: labelInvalid, Plain: true},
}

// object adds what is the same for every object: how it is named, identified and replaced.
func object(token string, t *provider.Type) {
	t.Name, t.DeleteFirst = autoName(), sameName
	byForm := t.ID
	t.ID = func(r *provider.Request) string {
		if namespace, name := metadata(r); namespace == "" && namespaced(token) {
			return "default/" + name
		}
		return byForm(r)
	}
	parts := strings.Split(token, ":") // kubernetes:core/v1:Secret
	version, kind := strings.TrimPrefix(parts[1], "core/"), parts[2]
	compute := t.Outputs
	t.Outputs = func(r *provider.Request) map[string]any {
		out := map[string]any{}
		if compute != nil {
			out = compute(r)
		}
		out["apiVersion"], out["kind"] = version, kind
		return out
	}
}

func metadata(r *provider.Request) (namespace, name string) { return metadataOf(r.Inputs) }

func metadataOf(object map[string]any) (namespace, name string) {
	meta, _ := object["metadata"].(map[string]any)
	namespace, _ = meta["namespace"].(string)
	name, _ = meta["name"].(string)
	return namespace, name
}

// autonamed is the annotation of an object that the provider has named.
const autonamed = "pulumi.com/autonamed"

func autoName() *provider.AutoName {
	return &provider.AutoName{
		Property: "metadata.name", Separator: "-", Digits: 8, Max: 253, Unless: []string{"metadata.generateName"},
		Mark: []string{"metadata", "annotations", autonamed},
	}
}

// sameName: an object whose name the program fixes cannot exist twice, so the provider deletes the old one first.
// Source: pulumi-kubernetes, provider/pkg/provider/provider.go, Diff.
func sameName(before, after map[string]any) bool {
	old, _ := before["metadata"].(map[string]any)
	meta, _ := after["metadata"].(map[string]any)
	annotations, _ := meta["annotations"].(map[string]any)
	return annotations[autonamed] != "true" && meta["name"] == old["name"] && meta["namespace"] == old["namespace"]
}

// mutable: the provider replaces an object whose content changes, unless a setting of it allows updates; an immutable
// object is always replaced.
func mutable(setting string, content ...string) func(provider.Config, map[string]any) []string {
	return func(config provider.Config, inputs map[string]any) []string {
		allowed := config[setting] == true || config[setting] == "true"
		if allowed && inputs["immutable"] != true {
			return nil
		}
		return content
	}
}

// builtIn are the namespaces that every cluster has.
var builtIn = map[string]bool{"": true, "default": true, "kube-system": true, "kube-public": true, "kube-node-lease": true}

// inNamespace: an object needs its namespace, and so does a release that does not make its own.
var inNamespace = provider.Rule{Code: "NotFound", Source: namespaces, Plain: true, Fails: func(r *provider.Request) string {
	namespace, _ := metadata(r)
	if r.Type == catalog.HelmRelease {
		if namespace = r.Str("namespace"); r.Inputs["createNamespace"] == true {
			return ""
		}
	}
	if builtIn[namespace] || r.Store.Get(catalog.KubernetesNamespace, namespace) != nil {
		return ""
	}
	return fmt.Sprintf("namespaces %q not found", namespace)
}}

func kind(r *provider.Request) string { return r.URN.Type().Name().String() }

var subdomain = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

func nameInvalid(r *provider.Request) string {
	_, name := metadata(r)
	if r.Inputs["metadata"] == nil || name == "" || subdomain.MatchString(name) && len(name) <= 253 {
		return ""
	}
	return fmt.Sprintf("%s %q is invalid: metadata.name: Invalid value: %q: a lowercase RFC 1123 subdomain must consist of lower case "+
		"alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", kind(r), name, name)
}

// inner finds an object at a path, or nil.
func inner(v any, path ...string) map[string]any {
	m, _ := v.(map[string]any)
	for _, step := range path {
		m, _ = m[step].(map[string]any)
	}
	return m
}

var (
	labelForm   = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)
	serviceForm = regexp.MustCompile(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)
	valueForm   = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$`)
	keyForm     = regexp.MustCompile(`^[-._a-zA-Z0-9]{1,253}$`)
)

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
