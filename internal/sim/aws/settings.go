package aws

import (
	"regexp"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// settings are what the provider says of its own settings before it asks AWS for anything.
var settings = []provider.Value{
	{Property: "region", Pattern: regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`), Text: "invalid AWS Region", Source: providerDoc},
	{Property: "allowedAccountIds.[]", Pattern: regexp.MustCompile(`^\d{12}$`),
		Text: "must be an account id of 12 digits: no credentials are of another", Source: providerDoc},
	{Property: "assumeRole.roleArn", Pattern: regexp.MustCompile(`^arn:[\w-]+:iam::\d{12}:role/.+$`),
		Text: "is an invalid ARN: must be that of an IAM role", Source: providerDoc},
	{Property: "assumeRole.sessionName", Min: 2, Max: 64, Source: providerDoc},
	{Property: "assumeRole.sessionName", Pattern: regexp.MustCompile(`^[\w+=,.@-]*$`),
		Text: "may hold letters, digits and + = , . @ - _ alone", Source: providerDoc},
}

const providerDoc = "terraform-provider-aws internal/provider/validate.go and the provider's documentation"
