package kubernetes

import (
	_ "embed" // schema.json

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// schemaFile holds every property of the simulated types. `go test ./internal/sim/kubernetes -run Golden -update` writes
// it. Which changes replace is in the tables of this package, as the SDK's source does not say.
//
//go:embed schema.json
var schemaFile []byte

// replacing are the properties inside objects whose change makes a new object.
// Source: pulumi-kubernetes provider/pkg/provider/diff.go.
var replacing = map[string][]string{
	"meta/v1.ObjectMeta":  {"name", "namespace"},
	"batch/v1.JobSpec":    {"completions", "parallelism", "selector", "template"},
	"core/v1.ServiceSpec": {"clusterIP"},
}

func schemas() *provider.Schemas {
	s := provider.MustSchemas(schemaFile)
	s.Whole = true
	for object, names := range replacing {
		for _, name := range names {
			if p := s.Objects[object][name]; p != nil {
				p.ForceNew = true
			}
		}
	}
	return s
}
