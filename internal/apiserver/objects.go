package apiserver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// builtIn are the namespaces that every cluster has.
var builtIn = []string{"default", "kube-system", "kube-public", "kube-node-lease"}

// together judges what no object shows alone.
func (c Cluster) together(objects []map[string]any) []Problem {
	var all []Problem
	for _, problems := range [][]Problem{c.twins(objects), c.homeless(objects), c.nodePorts(objects), c.unplaced(objects)} {
		all = append(all, problems...)
	}
	return all
}

// head is what names an object.
func head(object map[string]any) (id schema.GroupVersionKind, name string) {
	version, _ := object["apiVersion"].(string)
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(map[string]any)
	name, _ = metadata["name"].(string)
	return schema.FromAPIVersionAndKind(version, kind), name
}

// twins are objects of one kind and name: the second is refused as it exists already, or is lost in the first.
func (c Cluster) twins(objects []map[string]any) []Problem {
	var all []Problem
	seen := map[string]bool{}
	for i, object := range objects {
		id, name := head(object)
		key := strings.Join([]string{id.Group, id.Kind, c.namespaceOf(object), name}, "/")
		if seen[key] && name != "" {
			all = append(
				all,
				Problem{Object: i, Path: "metadata.name", Message: fmt.Sprintf("%s %q is in the release twice", id.Kind, name)},
			)
		}
		seen[key] = true
	}
	return all
}

// homeless are objects in a namespace that nobody makes.
func (c Cluster) homeless(objects []map[string]any) []Problem {
	there := slices.Concat(builtIn, c.Namespaces, []string{"", c.Namespace})
	for _, object := range objects {
		if id, name := head(object); id.Kind == "Namespace" {
			there = append(there, name)
		}
	}
	var all []Problem
	for i, object := range objects {
		if namespace := c.namespaceOf(object); !slices.Contains(there, namespace) {
			all = append(all, Problem{Object: i, Path: "metadata.namespace", Message: fmt.Sprintf("namespaces %q not found", namespace)})
		}
	}
	return all
}

// nodePorts may be given once, and from a range: the API server's allocator holds them, not its validation.
// Source: `--service-node-port-range`, whose default EKS does not change (docs/facts.md §4).
func (c Cluster) nodePorts(objects []map[string]any) []Problem {
	const first, last = 30000, 32767
	taken := map[int32]string{}
	for port, by := range c.NodePorts {
		taken[int32(port)] = by //nolint:gosec // G115: a port has 16 bits
	}
	var all []Problem
	for i, object := range objects {
		var service corev1.Service
		if id, _ := head(object); id.Kind != "Service" || decode(object, &service) != nil {
			continue
		}
		for j, port := range service.Spec.Ports {
			path := fmt.Sprintf("spec.ports[%d].nodePort", j)
			switch by, twice := taken[port.NodePort]; {
			case port.NodePort == 0:
				continue
			case port.NodePort < first || port.NodePort > last:
				all = append(all, Problem{Object: i, Path: path, Message: fmt.Sprintf(
					"Invalid value: %d: provided port is not in the valid range. The range of valid ports is %d-%d",
					port.NodePort,
					first,
					last,
				)})
			case twice:
				all = append(all, Problem{Object: i, Path: path, Message: fmt.Sprintf(
					"Invalid value: %d: provided port is already allocated, to %s", port.NodePort, by)})
			}
			taken[port.NodePort] = fmt.Sprintf("port %q of service %s", port.Name, service.Name)
		}
	}
	return all
}

// unplaced are pods that no node of the cluster takes, by their node selector and their affinity to nodes.
func (c Cluster) unplaced(objects []map[string]any) []Problem {
	if c.Nodes == nil {
		return nil
	}
	var all []Problem
	for i, object := range objects {
		pod, path := podOf(object)
		if pod == nil || len(pod.NodeSelector) == 0 && pod.Affinity == nil {
			continue
		}
		required := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: *pod})
		fits := slices.ContainsFunc(c.Nodes, func(labels map[string]string) bool {
			match, err := required.Match(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Labels: labels}})
			return err == nil && match
		})
		if fits {
			continue
		}
		problem := Problem{Object: i, Path: path + ".affinity", Message: "no node has what its affinity requires"}
		if len(pod.NodeSelector) > 0 {
			problem.Path = path + ".nodeSelector"
			problem.Message = fmt.Sprintf("no node has the labels %s", labelText(pod.NodeSelector))
		}
		all = append(all, problem)
	}
	return all
}

func labelText(labels map[string]string) string {
	return metav1.FormatLabelSelector(metav1.SetAsLabelSelector(labels))
}

// podOf is the pod that an object makes, and the path to it; nil where it makes none.
func podOf(object map[string]any) (*corev1.PodSpec, string) {
	path := map[string]string{
		"Pod": "spec", "Deployment": "spec.template.spec", "StatefulSet": "spec.template.spec", "DaemonSet": "spec.template.spec",
		"ReplicaSet": "spec.template.spec", "Job": "spec.template.spec", "CronJob": "spec.jobTemplate.spec.template.spec",
	}
	id, _ := head(object)
	at, known := path[id.Kind]
	if !known {
		return nil, ""
	}
	var value any = object
	for _, step := range strings.Split(at, ".") {
		inner, _ := value.(map[string]any)
		value = inner[step]
	}
	var pod corev1.PodSpec
	if decode(value, &pod) != nil {
		return nil, ""
	}
	return &pod, at
}

func decode(value, into any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
