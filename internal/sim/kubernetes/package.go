// Package kubernetes is the simulated Kubernetes API of the rehearsal.
package kubernetes

import (
	"encoding/base64"
	"fmt"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-kubernetes that the tables were made for.
const version = "4.23.0"

// builtIn are the namespaces that every cluster has.
var builtIn = map[string]bool{"": true, "default": true, "kube-system": true, "kube-public": true, "kube-node-lease": true}

const namespaceType = catalog.KubernetesNamespace

// Package returns the simulated provider.
func Package() *provider.Package {
	types := map[string]*provider.Type{
		namespaceType: clusterScoped("v1", "Namespace"),
		// The provider replaces these where their content changes, unless told otherwise.
		catalog.KubernetesSecret:         secret(),
		catalog.KubernetesConfigMap:      mutable(namespaced("v1", "ConfigMap"), "enableConfigMapMutable", "data", "binaryData"),
		catalog.KubernetesServiceAccount: namespaced("v1", "ServiceAccount"),
		catalog.KubernetesService:        namespaced("v1", "Service"),
		catalog.KubernetesJob:            namespaced("batch/v1", "Job"),
		catalog.KubernetesStorageClass:   clusterScoped("storage.k8s.io/v1", "StorageClass", "provisioner", "parameters"),
		catalog.HelmRelease:              release(),
	}
	for token, t := range types {
		t.Rules = append(append(t.Rules, rules[""]...), rules[token]...)
		if token != namespaceType && token != catalog.KubernetesStorageClass {
			t.Rules = append(t.Rules, inNamespace)
		}
		if t.Taken == "" {
			t.Taken = "AlreadyExists"
		}
	}
	return &provider.Package{Name: "kubernetes", Version: version, Types: types, ReplacesProvider: replacesProvider,
		Schemas: schemas()}
}

// replacesProvider: with a clusterIdentifier the provider knows that a new kubeconfig still means the same cluster.
func replacesProvider(before, after map[string]any) []string {
	if id, ok := after["clusterIdentifier"]; ok {
		if id != before["clusterIdentifier"] {
			return []string{"clusterIdentifier"}
		}
		return nil
	}
	if before["kubeconfig"] != after["kubeconfig"] {
		return []string{"kubeconfig"}
	}
	return nil
}

func metadata(r *provider.Request) (namespace, name string) {
	meta, _ := r.Inputs["metadata"].(map[string]any)
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

func clusterScoped(apiVersion, kind string, replaces ...string) *provider.Type {
	return &provider.Type{
		Name: autoName(), Replaces: replaces, Outputs: object(apiVersion, kind), DeleteFirst: sameName,
		ID: func(r *provider.Request) string { _, name := metadata(r); return name },
	}
}

func namespaced(apiVersion, kind string, replaces ...string) *provider.Type {
	return &provider.Type{
		Name: autoName(), Replaces: replaces, Outputs: object(apiVersion, kind), DeleteFirst: sameName,
		ID: func(r *provider.Request) string {
			namespace, name := metadata(r)
			if namespace == "" {
				namespace = "default"
			}
			return namespace + "/" + name
		},
	}
}

func object(apiVersion, kind string) func(*provider.Request) map[string]any {
	return func(*provider.Request) map[string]any {
		return map[string]any{"apiVersion": apiVersion, "kind": kind}
	}
}

// mutable: the provider replaces an object whose content changes, unless a setting of it allows updates; an immutable
// object is always replaced.
func mutable(t *provider.Type, setting string, content ...string) *provider.Type {
	t.AlsoReplaces = func(config provider.Config, inputs map[string]any) []string {
		allowed := config[setting] == true || config[setting] == "true"
		if allowed && inputs["immutable"] != true {
			return nil
		}
		return content
	}
	return t
}

// secret: stringData is write-only, the API server keeps it as data in base64.
func secret() *provider.Type {
	t := mutable(namespaced("v1", "Secret", "type"), "enableSecretMutable", "data", "stringData")
	t.Secrets = []string{"data", "stringData"}
	t.Outputs = func(r *provider.Request) map[string]any {
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
		return map[string]any{"apiVersion": "v1", "kind": "Secret", "data": data}
	}
	return t
}

func release() *provider.Type {
	return &provider.Type{
		Name:     &provider.AutoName{Property: "name", Separator: "-", Digits: 8, Max: 53},
		Required: []string{"chart"}, Replaces: []string{"name", "namespace"},
		ID:    func(r *provider.Request) string { return r.Str("namespace") + "/" + r.Str("name") },
		Taken: "cannot re-use a name that is still in use",
		Outputs: func(r *provider.Request) map[string]any {
			revision := 1.0
			if before, ok := r.Old["status"].(map[string]any); ok {
				if n, ok := before["revision"].(float64); ok {
					revision = n + 1
				}
			}
			return map[string]any{"status": map[string]any{
				"name": r.Str("name"), "namespace": r.Str("namespace"), "status": "deployed", "revision": revision,
				"chart": r.Str("chart"), "version": r.Str("version"), "appVersion": "",
			}, "resourceNames": map[string]any{}}
		},
	}
}
