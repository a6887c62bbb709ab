package aws

import (
	_ "embed" // schema.json

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// schemaFile holds every property of the simulated types. `go test ./internal/sim/aws -run Golden -update` writes it.
//
//go:embed schema.json
var schemaFile []byte

// knownDifferences are facts of the extract that have no place in the SDK.
var knownDifferences = []string{
	catalog.DLMLifecyclePolicy + ".policyDetails.schedules.crossRegionCopyRules.target: required by the SDK, not by the schema",
}
