package aws

import (
	"github.com/bpa-on-aws/platform/infra/rehearsal/cloud"
)

// valueTables are the provider's rules for single inputs, a table a file.
func valueTables() []map[string][]cloud.Value {
	return []map[string][]cloud.Value{}
}

// ruleTables are the services' rules, a table a file.
func ruleTables() []map[string][]cloud.Rule {
	return []map[string][]cloud.Rule{}
}

func leavingRules() map[string][]cloud.Rule { return nil }

var taken = map[string]string{}

// invokeArgs are the arguments that each function heeds.
var invokeArgs = map[string][]string{
	"aws:index/getAvailabilityZones:getAvailabilityZones": {"state", "filters"},
	"aws:ssm/getParameter:getParameter":                   {"name", "withDecryption"},
	"aws:ec2/getAmi:getAmi":                               {"filters", "owners", "mostRecent"},
	"aws:eks/getAddonVersion:getAddonVersion":             {"addonName", "kubernetesVersion", "mostRecent"},
}
