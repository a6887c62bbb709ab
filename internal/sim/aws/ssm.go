package aws

import (
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// ssm are the parameters of Systems Manager.
var ssm = provider.Code{
	catalog.SSMParameter: {
		Outputs: func(r *provider.Request) map[string]any {
			return map[string]any{"arn": arn(r, "ssm", "parameter/"+strings.TrimPrefix(r.ID, "/"))}
		},
		Values: []provider.Value{
			{Property: "name", Min: 1, Max: 1011, Source: ssmParameter},
			{Property: "name", Source: ssmParameter, Pattern: regexp.MustCompile(`^[\w./-]+$`),
				Text: "may only contain letters, digits and . - _ /"},
			oneOf("type", "String StringList SecureString"), oneOf("tier", "Standard Advanced Intelligent-Tiering"),
		},
	},
}

const ssmParameter = "docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"
