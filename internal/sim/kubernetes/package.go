// Package kubernetes is the simulated Kubernetes API of the rehearsal.
package kubernetes

import (
	"slices"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-kubernetes that the tables were made for.
const version = "4.23.0"

// Package returns the simulated provider.
func Package() *provider.Package {
	cloud := provider.Description{
		Package: "kubernetes", Naming: provider.AutoName{Separator: "-", Digits: 8}, Code: []provider.Code{core, batch, helm},
	}
	types := cloud.Types()
	for token, t := range types {
		if token != catalog.HelmRelease {
			object(token, t)
		}
		t.Rules = slices.Concat([]provider.Rule{reach, admitted}, everyObject, t.Rules)
		t.Leaving = slices.Concat([]provider.Rule{reach, admitted}, t.Leaving)
		t.Reading = []provider.Rule{readable}
		if namespaced(token) {
			t.Rules = append(t.Rules, inNamespace)
		}
		if t.Taken == "" {
			t.Taken = "AlreadyExists"
		}
	}
	return &provider.Package{Name: "kubernetes", Version: version, Types: types, ReplacesProvider: replacesProvider,
		Schemas: schemas()}
}

// namespaced reports whether objects of a type lie in a namespace.
func namespaced(token string) bool {
	name := map[string]any{"name": "name"}
	_, known := catalog.Of(token).Identity.StateID.Of(map[string]any{"name": "name", "metadata": name})
	return !known
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
