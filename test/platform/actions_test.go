package platform_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/sim/aws"
)

// action is an action in a policy, as a text of JSON has it. What a condition or an ARN holds has another form.
var action = regexp.MustCompile(`"([a-z0-9-]+):(?:\*|[A-Z][A-Za-z]+\*?)"`)

// An action of a service that the rehearsal does not know would pass, whatever it is.
func TestTheRehearsalJudgesEveryServiceInThePoliciesOfThePlatform(t *testing.T) {
	judged := 0
	for _, stack := range []string{"dev", "prod"} {
		for _, e := range cycle(t, stack).state {
			for _, property := range []string{"policy", "assumeRolePolicy"} {
				document, _ := e.Inputs[property].(string)
				for _, found := range action.FindAllStringSubmatch(document, -1) {
					if found[1] == "aws" {
						continue // the key of a condition
					}
					judged++
					assert.True(t, aws.Judges(found[1]), "%s: %s", e.URN, found[0])
				}
			}
		}
	}
	assert.Greater(t, judged, 30)
}
