package preflight_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/preflight"
)

// passes, warns and fails are the three states by short names.
const (
	passes = preflight.Pass
	warns  = preflight.Warn
	fails  = preflight.Fail
)

// example is one state of one check: what is arranged, and what preflight then says.
type example struct {
	name, check string
	arrange     func(*testing.T, *world)
	status      preflight.Status
	detail      string
}

// only makes the one check that a finding comes from.
func (w *world) only(finding string) {
	for _, prefix := range []string{"atlas", "certificate"} {
		if strings.Contains(finding, prefix) {
			finding = prefix
		}
	}
	if finding == "parent account" || finding == "node routes" {
		finding = "network"
	}
	if strings.HasPrefix(finding, "quota") {
		finding = "quotas"
	}
	if finding != "identity" {
		w.options.Only = []string{finding}
	}
}

// try runs examples. A finding that does not pass must say what to do.
func try(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		t.Run(e.check+" "+string(e.status)+": "+e.name, func(t *testing.T) {
			w := newWorld(t)
			if e.arrange != nil {
				e.arrange(t, w)
			}
			w.only(e.check)
			got := w.finding(e.check)
			assert.Equal(t, e.status, got.Status, "%+v", got)
			assert.Contains(t, got.Detail, e.detail)
			assert.Equal(t, e.status == passes, got.Remedy == "", "%+v", got)
		})
	}
}
