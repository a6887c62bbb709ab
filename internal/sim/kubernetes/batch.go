package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// batch are jobs.
var batch = provider.Code{
	catalog.KubernetesJob: {
		Acts: rolls,
		Rules: []provider.Rule{
			{Code: "Invalid", Source: jobDoc, Fails: restartPolicy, Plain: true},
			{Code: "Invalid", Source: jobDoc, Fails: containers, Plain: true},
			{Code: "ErrImagePull", Source: pullDoc, Fails: jobImages},
		},
		// A job that has failed stays so: pulumi-kubernetes issue 856.
		Final: true, ReplaceUnready: replaceUnready,
	},
}

// replaceUnready: with the annotation, a job that is not ready differs, and is replaced. Source: pulumi-kubernetes v4.23.0,
// provider/pkg/provider/provider.go, Diff.
func replaceUnready(inputs map[string]any) bool {
	return inner(inputs["metadata"], "annotations")["pulumi.com/replaceUnready"] == "true"
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

// rolls does what the job does that replaces nodes: components/nodes/roll.go.
func rolls(r *provider.Request, before *provider.Resource) []string {
	if before != nil {
		return nil
	}
	for _, container := range property.Objects(inner(r.Inputs["spec"], "template", "spec"), "containers") {
		for _, variable := range property.Objects(container, "env") {
			if property.Text(variable, "name") == "NODES" {
				return aws.Roll(r, property.Text(variable, "value"))
			}
		}
	}
	return nil
}
