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
	catalog.S3BucketV2 + ".serverSideEncryptionConfigurations.rule: in the schema, not in the SDK",
}
