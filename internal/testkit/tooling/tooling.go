// Package tooling is what tests do that need a program which Go does not build.
package tooling

import (
	"os"
	"testing"
)

// Missing skips a test that a program is missing for, with where it comes from. On CI it fails the test: .ci/run installs
// every one, and a test that never runs there proves nothing.
func Missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what + "; CI must run this test")
	}
	t.Skip(what)
}
