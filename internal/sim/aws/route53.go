package aws

import (
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// route53 is Route 53 Resolver.
var route53 = provider.Code{
	catalog.Route53ResolverEndpoint:        {Values: resolverName},
	catalog.Route53ResolverRule:            {Values: resolverName},
	catalog.Route53ResolverRuleAssociation: {Values: resolverName},
}

// resolverName is the form of names in Route 53 Resolver. Source: terraform-provider-aws, internal/service/route53resolver/validate.go.
var resolverName = []provider.Value{{
	Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z_ '-]{1,64}$`),
	Text: `only alphanumeric characters, '-', '_' and ' ' are allowed in "name", 64 of them`,
}}
