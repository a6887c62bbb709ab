package random

import _ "embed" // schema.json

// schemaFile holds every property of the simulated types. `go test ./internal/sim/random -run Golden -update` writes
// it. Which changes replace is in the tables of this package, as the SDK's source does not say.
//
//go:embed schema.json
var schemaFile []byte
