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

func TestEveryFailureHasASource(t *testing.T) {
	for _, described := range All() {
		for _, f := range described.Failures {
			assert.NotEmpty(t, f.Source, "%s: %s", described.Token, f.Class)
			assert.NotEmpty(t, classVerbs[f.Class], "%s: %s", described.Token, f.Class)
		}
	}
}

func TestAnOperationFailsAsItsProviderDoes(t *testing.T) {
	classes := func(token, verb string) (all []FailureClass) {
		for _, f := range Of(token).FailuresOf(verb) {
			all = append(all, f.Class)
		}
		return all
	}
	assert.Equal(t, []FailureClass{CreatedIDLost, StaleOutputs, Atomic}, classes(AtlasAdvancedCluster, "create"))
	assert.Equal(t, []FailureClass{RecordedNotMade, ReturnsBeforeEffect}, classes(RDSInstance, "update"))
	assert.Equal(t, []FailureClass{RecordedNotMade, IDBeforeWait}, classes(KMSKey, "update"), "an update that was made may fail, too")
	assert.Equal(t, []FailureClass{Atomic}, classes(VPCSecurityGroupEgressRule, "update"), "the framework keeps the state from before")
	assert.Equal(t, []FailureClass{Atomic}, classes(EC2Vpc, "delete"))
	assert.Equal(t, []FailureClass{CreatedNotReady, Atomic}, classes(KubernetesJob, "create"))
}
