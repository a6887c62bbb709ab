package platform_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// secretsOf collects every generated password and the lines of the private key from what the clouds were given.
func secretsOf(t *testing.T, r *run) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, made := range r.Resources {
		switch made.Type {
		case catalog.RandomPassword:
			found[made.URN.Name()], _ = made.Outputs["result"].(string)
		case catalog.ACMCertificate:
			key, _ := made.Inputs["privateKey"].(string)
			for i, line := range strings.Split(strings.TrimSpace(key), "\n") {
				if !strings.HasPrefix(line, "-----") {
					found[fmt.Sprintf("private key, line %d", i)] = line
				}
			}
		}
	}
	for name, secret := range found {
		require.GreaterOrEqual(t, len(secret), 16, "%s was not found in the clouds", name)
	}
	return found
}

func TestNoSecretIsInClearTextInStatePreviewsAndOutputs(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			r := cycle(t, stack)
			secrets := secretsOf(t, r)
			assert.Subset(t, slices.Collect(maps.Keys(secrets)), []string{
				"database-master", "database-admin", "database-kong", "database-camunda", "atlas-password", "private key, line 1",
			})
			outputs := map[string]any{}
			for name, output := range r.Outputs {
				if !output.Secret {
					outputs[name] = output.Value
				}
			}
			shown, err := json.Marshal(outputs)
			require.NoError(t, err)
			require.NotEmpty(t, r.Events)
			for place, text := range map[string]string{
				"the exported state": string(r.State), "what the engine printed": r.Text, "the engine's events": string(r.Events),
				"the outputs": string(shown),
			} {
				for name, secret := range secrets {
					assert.False(t, strings.Contains(text, secret), "%s holds %s in clear text", place, name)
				}
			}
			// The scan would find them, were they there: the clouds did get them.
			instance, err := json.Marshal(r.Resources)
			require.NoError(t, err)
			for name, secret := range secrets {
				assert.Contains(t, string(instance), secret, name)
			}
		})
	}
}

func TestOutputsWithCredentialsAreSecret(t *testing.T) {
	r := cycle(t, "dev")
	for name, secret := range map[string]bool{
		"kubeconfig": true, "loadBalancerDnsName": false, "databaseEndpoint": false, "atlasConnection": false, "repositoryUrls": false,
		"bastionSession": false, "clusterEndpoint": false, "portalUrl": false, "vpcId": false, "release": false,
	} {
		output, ok := r.Outputs[name]
		if assert.True(t, ok, "no output %s", name) {
			assert.Equal(t, secret, output.Secret, name)
			assert.NotEmpty(t, output.Value, name)
		}
	}
	assert.Equal(t, "deployed", r.Outputs["release"].Value)
}
