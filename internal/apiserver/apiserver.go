// Package apiserver says of Kubernetes objects what an API server would say of them before it stores them: with Kubernetes's own
// types, defaults, conversions and validation (k8s.io/kubernetes), and with what its types say of the versions that serve them.
// What several objects have in common, such as a node port, is judged in objects.go.
package apiserver

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

// Cluster is what objects come to.
type Cluster struct {
	// Minor is that of its version of Kubernetes, 0 where it is not known: then every version of an API counts as served.
	Minor int
	// Namespace is that of the release, in which an object lies that names none. Namespaces are all that exist.
	Namespace  string
	Namespaces []string
	// Kinds are what custom resource definitions add, such as monitoring.coreos.com/v1/ServiceMonitor.
	Kinds []string
	// NodePorts are those that are taken, each by whom. Nodes are the labels of the nodes, nil where nobody knows them.
	NodePorts map[int]string
	Nodes     []map[string]string
}

// MinorOf reads the minor version out of a version such as v1.35.0 or 1.35, or returns 0.
func MinorOf(version string) int {
	parts := strings.Split(strings.TrimPrefix(version, "v"), ".")
	if len(parts) < 2 {
		return 0
	}
	minor, _ := strconv.Atoi(parts[1])
	return minor
}

// Problem is what is wrong with an object, at a path such as spec.ports[1].name, "" for the object itself.
type Problem struct {
	// Object is the index of the object.
	Object        int
	Path, Message string
}

// Judge returns what an API server refuses of objects that come in one release, and what keeps their pods from any node.
func Judge(objects []map[string]any, cluster Cluster) []Problem {
	var all []Problem
	for i, object := range objects {
		for _, p := range cluster.judge(object) {
			p.Object = i
			all = append(all, p)
		}
	}
	return append(all, cluster.together(objects)...)
}

// judge returns what is wrong with one object.
func (c Cluster) judge(object map[string]any) []Problem {
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	id := schema.FromAPIVersionAndKind(version, kind)
	if slices.Contains(c.Kinds, version+"/"+kind) {
		return nil // its definition says more, and is the chart's own affair
	}
	if !scheme.Scheme.Recognizes(id) {
		return []Problem{{Path: "apiVersion", Message: fmt.Sprintf(
			"no matches for kind %q in version %q: no custom resource definition of the chart (crds/) or of the cluster has it",
			kind, version)}}
	}
	if problem := c.served(id); problem != "" {
		return []Problem{{Path: "apiVersion", Message: problem}}
	}
	text, err := json.Marshal(object)
	if err != nil {
		return []Problem{{Message: err.Error()}}
	}
	typed, _, err := strict.Decode(text, nil, nil)
	if strictErr, ok := runtime.AsStrictDecodingError(err); ok {
		var all []Problem
		for _, e := range strictErr.Errors() {
			all = append(all, Problem{Path: fieldOf(e.Error()), Message: e.Error()})
		}
		return all
	}
	if err != nil {
		empty, newErr := scheme.Scheme.New(id)
		if newErr != nil {
			return []Problem{{Message: err.Error()}}
		}
		path, problem := locate(object, empty)
		return []Problem{{Path: path, Message: problem}}
	}
	if accessor, err := meta.Accessor(typed); err == nil {
		accessor.SetNamespace(c.namespaceOf(object))
	}
	return validate(typed, id)
}

// namespaceOf is the namespace of an object, "" where its kind has none.
func (c Cluster) namespaceOf(object map[string]any) string {
	kind, _ := object["kind"].(string)
	if ClusterWide(kind) {
		return ""
	}
	metadata, _ := object["metadata"].(map[string]any)
	if namespace, _ := metadata["namespace"].(string); namespace != "" {
		return namespace
	}
	return c.Namespace
}

// ClusterWide reports whether objects of a kind lie in no namespace.
func ClusterWide(kind string) bool { return slices.Contains(clusterWide, kind) }

// clusterWide are the kinds that lie in no namespace. Source: `+genclient:nonNamespaced` in k8s.io/api v0.35.1.
var clusterWide = strings.Fields(`APIService CertificateSigningRequest ClusterRole ClusterRoleBinding ComponentStatus CSIDriver CSINode
	CustomResourceDefinition DeviceClass DeviceTaintRule FlowSchema IngressClass IPAddress MutatingAdmissionPolicy
	MutatingAdmissionPolicyBinding MutatingWebhookConfiguration Namespace Node PersistentVolume PriorityClass
	PriorityLevelConfiguration ResourceSlice RuntimeClass ServiceCIDR StorageClass StorageVersionMigration ValidatingAdmissionPolicy
	ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration VolumeAttachment VolumeAttributesClass`)

// strict decodes an object and refuses a field that its type does not have, as `fieldValidation=Strict` does.
var strict = serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()

// fieldOf finds the path in a message of a strict decoder: unknown field "spec.x".
func fieldOf(message string) string {
	if _, after, found := strings.Cut(message, `"`); found {
		path, _, _ := strings.Cut(after, `"`)
		return path
	}
	return ""
}

// What types of k8s.io/api say of the versions of Kubernetes that serve them.
type (
	introduced interface {
		APILifecycleIntroduced() (major, minor int)
	}
	removed interface {
		APILifecycleRemoved() (major, minor int)
	}
	replaced interface {
		APILifecycleReplacement() schema.GroupVersionKind
	}
)

// offSince is the minor version since which a new beta API is off unless an operator turns it on, which EKS does not.
// Source: KEP-3136, beta APIs are off by default.
const offSince = 24

// served says why a cluster of this version does not have a kind, or "".
func (c Cluster) served(id schema.GroupVersionKind) string {
	object, err := scheme.Scheme.New(id)
	if err != nil || c.Minor == 0 {
		return ""
	}
	name := fmt.Sprintf("no matches for kind %q in version %q: ", id.Kind, id.GroupVersion())
	if typed, ok := object.(removed); ok {
		if _, minor := typed.APILifecycleRemoved(); c.Minor >= minor {
			instead := ""
			if typed, ok := object.(replaced); ok {
				instead = "; write " + typed.APILifecycleReplacement().GroupVersion().String()
			}
			return fmt.Sprintf("%sKubernetes 1.%d removed it, and the cluster has 1.%d%s", name, minor, c.Minor, instead)
		}
	}
	if typed, ok := object.(introduced); ok {
		_, minor := typed.APILifecycleIntroduced()
		switch {
		case c.Minor < minor:
			return fmt.Sprintf("%sit came with Kubernetes 1.%d, and the cluster has 1.%d", name, minor, c.Minor)
		case strings.Contains(id.Version, "alpha"), strings.Contains(id.Version, "beta") && minor >= offSince:
			return name + "alpha and beta versions of an API are off in EKS"
		}
	}
	return ""
}

// OfEKS are the kinds of the custom resource definitions that every cluster of EKS with its VPC CNI has.
// Sources: aws/amazon-vpc-cni-k8s charts/aws-vpc-cni/crds, aws/amazon-vpc-resource-controller-k8s config/crd/bases.
func OfEKS() []string {
	return []string{
		"crd.k8s.amazonaws.com/v1alpha1/ENIConfig", "networking.k8s.aws/v1alpha1/PolicyEndpoint",
		"vpcresources.k8s.aws/v1beta1/SecurityGroupPolicy", "vpcresources.k8s.aws/v1alpha1/CNINode",
	}
}

// NodeLabels are the labels of a node of EKS on Linux with its own beside them. Where it runs and how it is called is left out: a
// chart that chooses by that fits one cluster alone.
func NodeLabels(own map[string]string) map[string]string {
	labels := map[string]string{
		"kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "beta.kubernetes.io/arch": "amd64",
	}
	maps.Copy(labels, own)
	return labels
}
