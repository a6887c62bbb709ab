package chart

import (
	"context"
	"fmt"
	"maps"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/bpa-on-aws/platform/internal/apiserver"
)

// there answers lookup in templates with the objects that a cluster has.
type there []map[string]any

// GetClientFor implements Helm's ClientProvider.
func (t there) GetClientFor(version, kind string) (dynamic.NamespaceableResourceInterface, bool, error) {
	if !scheme.Scheme.Recognizes(schema.FromAPIVersionAndKind(version, kind)) {
		return nil, false, fmt.Errorf("unable to get apiresource from unstructured: %s, Kind=%s", version, kind)
	}
	return &found{objects: t, version: version, kind: kind}, !apiserver.ClusterWide(kind), nil
}

// found are the objects of a kind, in a namespace or all. Helm calls three methods of the interface.
type found struct {
	dynamic.NamespaceableResourceInterface

	objects                  there
	version, kind, namespace string
}

// Namespace narrows to a namespace.
func (f *found) Namespace(name string) dynamic.ResourceInterface {
	narrow := *f
	narrow.namespace = name
	return &narrow
}

// Get returns one object.
func (f *found) Get(_ context.Context, name string, _ metav1.GetOptions, _ ...string) (*unstructured.Unstructured, error) {
	for _, o := range f.matching() {
		if o.GetName() == name {
			return &o, nil
		}
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: f.kind}, name)
}

// List returns all.
func (f *found) List(context.Context, metav1.ListOptions) (*unstructured.UnstructuredList, error) {
	return &unstructured.UnstructuredList{
		Object: map[string]any{"apiVersion": f.version, "kind": f.kind + "List"}, Items: f.matching(),
	}, nil
}

func (f *found) matching() []unstructured.Unstructured {
	var list []unstructured.Unstructured
	for _, o := range f.objects {
		object := unstructured.Unstructured{Object: maps.Clone(o)}
		if object.GetAPIVersion() == f.version && object.GetKind() == f.kind &&
			(f.namespace == "" || object.GetNamespace() == f.namespace) {
			list = append(list, object)
		}
	}
	return list
}
