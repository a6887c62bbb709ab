package aws

import (
	"fmt"
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// secrets are those of Secrets Manager; what a version of one computes is in the catalog.
var secrets = provider.Code{
	catalog.SecretsManagerSecret: {
		Values: []provider.Value{
			{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w/+=.@-]{1,512}$`),
				Text: "must contain alphanumeric characters and /_+=.@- only"},
			{Property: "recoveryWindowInDays", Min: 0, Max: 30, Source: tfAWS},
		},
		Rules: append(policyRules("policy", "MalformedPolicyDocumentException"), provider.Rule{
			Code: "ResourceExistsException", Source: "docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html",
			OnCreate: true, Fails: secretExists,
		}),
	},
}

func secretExists(r *provider.Request) string {
	same := func(o *provider.Resource) bool { return o.Inputs["name"] == r.Inputs["name"] }
	if r.Store.Find(r.Type, same) != nil {
		return fmt.Sprintf("The operation failed because the secret %s already exists.", r.Str("name"))
	}
	return ""
}
