package kubernetes

import (
	"encoding/base64"
	"fmt"
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

// secretLimit is the size of a Secret or ConfigMap in bytes.
const secretLimit = 1 << 20

// rules are what the API server and Helm refuse, by type; those under "" hold for every object.
var rules = map[string][]provider.Rule{
	"": {
		{Code: "Invalid", Source: namesDoc, Fails: nameInvalid, Plain: true},
		{Code: "Invalid", Source: labelsDoc, Fails: labelInvalid, Plain: true},
	},
	namespaceType: {{Code: "Invalid", Source: namesDoc, Fails: labelName, Plain: true}},
	catalog.KubernetesSecret: {
		{Code: "BadRequest", Source: secretDoc, Fails: notBase64, Plain: true},
		{Code: "Invalid", Source: secretDoc, Fails: tooLong, Plain: true},
		{Code: "Invalid", Source: configDoc, Fails: keyInvalid, Plain: true},
	},
	catalog.KubernetesConfigMap: {
		{
			Code:   "Invalid",
			Source: secretDoc,
			Fails:  tooLong,
			Plain:  true,
		},
		{Code: "Invalid", Source: configDoc, Fails: keyInvalid, Plain: true},
	},
	catalog.KubernetesService: {
		{
			Code:   "Invalid",
			Source: serviceDoc,
			Fails:  nodePort,
			Plain:  true,
		},
		{Code: "Invalid", Source: namesDoc, Fails: labelName, Plain: true},
	},
	catalog.KubernetesJob: {
		{Code: "Invalid", Source: jobDoc, Fails: restartPolicy, Plain: true},
		{Code: "Invalid", Source: jobDoc, Fails: containers, Plain: true},
	},
	catalog.HelmRelease: {
		{Code: "invalid name", Source: "helm.sh/docs/helm/helm_install", Fails: releaseName, Plain: true},
		{Code: "chart", Source: helmDoc, Fails: chartRenders, Plain: true},
	},
}

// inNamespace: an object needs its namespace, and so does a release that does not make its own.
var inNamespace = provider.Rule{Code: "NotFound", Source: namespaces, Plain: true, Fails: func(r *provider.Request) string {
	namespace, _ := metadata(r)
	if r.Type == catalog.HelmRelease {
		if namespace = r.Str("namespace"); r.Inputs["createNamespace"] == true {
			return ""
		}
	}
	if builtIn[namespace] || r.Store.Get(namespaceType, namespace) != nil {
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

// inner finds an object at a path, or nil.
func inner(v any, path ...string) map[string]any {
	m, _ := v.(map[string]any)
	for _, step := range path {
		m, _ = m[step].(map[string]any)
	}
	return m
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

func restartPolicy(r *provider.Request) string {
	policy, _ := inner(r.Inputs["spec"], "template", "spec")["restartPolicy"].(string)
	if slices.Contains([]string{"Never", "OnFailure"}, policy) {
		return ""
	}
	_, name := metadata(r)
	return fmt.Sprintf(
		"Job.batch %q is invalid: spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"",
		name,
	)
}

func containers(r *provider.Request) string {
	_, name := metadata(r)
	list, _ := inner(r.Inputs["spec"], "template", "spec")["containers"].([]any)
	if len(list) == 0 {
		return fmt.Sprintf("Job.batch %q is invalid: spec.template.spec.containers: Required value", name)
	}
	seen := map[string]bool{}
	for i, c := range list {
		container, _ := inner(c)["name"].(string)
		if seen[container] || strings.Contains(container, "_") {
			return fmt.Sprintf("Job.batch %q is invalid: spec.template.spec.containers[%d].name: Invalid value: %q", name, i, container)
		}
		seen[container] = true
	}
	return ""
}
