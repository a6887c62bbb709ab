// Package docs holds the documents that commands read.
package docs

import _ "embed"

// Requirements is requirements.md: what Cisco's white paper asks for, and where each row is met.
//
//go:embed requirements.md
var Requirements string
