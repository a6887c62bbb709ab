package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatASimulationRefersToExists(t *testing.T) {
	for _, described := range All() {
		s := described.Simulation
		if s.ID == AsRead {
			assert.NotEmpty(t, described.Identity.StateID, "%s: how it is read", described.Token)
		}
		if s.Protected.Code != "" {
			assert.NotEmpty(t, described.Refusals, "%s: what protects it", described.Token)
		}
		for _, reference := range slices.Concat(s.By, s.Except) {
			token := reference[:strings.LastIndex(reference, ".")]
			assert.True(t, Of(token).Simulated(), "%s: %s is simulated", described.Token, token)
		}
	}
}

func TestEveryFailureThatIsNotAtomicHasASource(t *testing.T) {
	for _, described := range All() {
		for _, f := range described.Failures {
			assert.True(t, f.Class == Atomic || f.Source != "", "%s: %s", described.Token, f.Class)
		}
	}
}
