package aws

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// nameValues are the limits and patterns of names. The AWS provider checks them in a preview.
var nameValues = map[string][]provider.Value{
	balancerType: balancerName, targetsType: balancerName,
	roleType: iamName(64), catalog.IAMRolePolicy: iamName(128), profileType: iamName(128),
	clusterType: {
		{Property: "name", Pattern: regexp.MustCompile(`^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$`), Source: eksAPI,
			Text: "must be between 1-100 characters in length. Must begin with an alphanumeric character, and must only contain " +
				"alphanumeric characters, dashes and underscores"},
	},
	nodeGroupType: {{Property: "nodeGroupName", Min: 0, Max: 63, Source: "EKS user guide, create-managed-node-group"}},
	databaseType: {
		{Property: "identifier", Test: identifier, Source: rdsAPI}, {Property: "identifier", Min: 1, Max: 63, Source: rdsAPI},
		{Property: "username", Pattern: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`), Source: rdsAPI,
			Text: "must begin with a letter and hold letters, digits and underscores only"},
		{Property: "dbName", Pattern: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,62}$`), Source: rdsAPI,
			Text: "must begin with a letter and hold 1 to 63 letters, digits and underscores"},
		{Property: "finalSnapshotIdentifier", Pattern: regexp.MustCompile(`^[A-Za-z](?:-?[0-9A-Za-z])*$`), Source: rdsAPI,
			Text: "must only contain alphanumeric characters and hyphens, not end in a hyphen, and not hold two in a row"},
	},
	parameterType: {{Property: "name", Test: identifier, Source: tfAWS}, {Property: "name", Min: 1, Max: 255, Source: tfAWS}},
	subnetsType: {{Property: "name", Min: 1, Max: 255, Pattern: regexp.MustCompile(`^[ .0-9a-z_-]+$`), Source: tfAWS,
		Text: "only lowercase alphanumeric characters, hyphens, underscores, periods, and spaces allowed"}},
	bucketType: {
		{Property: "bucket", Min: 3, Max: 63, Source: s3Names},
		{Property: "bucket", Pattern: regexp.MustCompile(`^[0-9a-z][0-9a-z.-]*[0-9a-z]$`), Source: s3Names,
			Text: "only lowercase alphanumeric characters, hyphens and periods allowed, at both ends a letter or a digit"},
		{Property: "bucket", Pattern: regexp.MustCompile(`\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|-s3alias$`), Not: true, Source: s3Names,
			Text: "must not hold two periods in a row, look like an IP address, begin with xn-- or end in -s3alias"},
	},
	repositoryType: {
		{Property: "name", Min: 2, Max: 256, Source: ecrAPI},
		{Property: "name", Source: "getmoto/moto moto/ecr/models.py",
			Pattern: regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`),
			Text: "must start with a letter and only contain lowercase letters, numbers, hyphens, underscores, periods and " +
				"forward slashes"},
	},
	catalog.ECRPullThroughCacheRule: {
		{Property: "ecrRepositoryPrefix", Min: 2, Max: 30, Source: tfAWS,
			Pattern: regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`),
			Text:    "must only include alphanumeric, underscore, period, hyphen, or slash characters"},
	},
	groupType: {
		{Property: "name", Pattern: regexp.MustCompile(`^sg-`), Not: true, Source: tfAWS, Text: "cannot begin with 'sg-'"},
		{Property: "name", Min: 0, Max: 255, Source: tfAWS},
		{Property: "description", Min: 0, Max: 255, Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;\{\}!$*-]*$`),
			Text: "Character sets beyond ASCII letters, digits and _ .:/()#,@[]+=&;{}!$*- are not supported"},
	},
	ruleType: ruleText, ingressType: ruleText, egressType: ruleText,
	templateType: {{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w()./-]{3,128}$`),
		Text: "must have 3 to 128 characters of letters, digits and ( ) . - / _"}},
	catalog.KMSAlias: {
		{
			Property: "name",
			Source:   tfAWS,
			Pattern:  regexp.MustCompile(`^alias/[0-9A-Za-z_/-]+$`),
			Text: "must begin with 'alias/' and be comprised " +
				"of only [0-9A-Za-z_/-]",
		},
		{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^alias/aws/`), Not: true,
			Text: "cannot begin with reserved AWS CMK prefix 'alias/aws/'"},
	},
	catalog.SecretsManagerSecret: {{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w/+=.@-]{1,512}$`),
		Text: "must contain alphanumeric characters and /_+=.@- only"}},
	catalog.CloudWatchLogGroup: {{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w#/.-]{1,512}$`),
		Text: "isn't a valid log group name (alphanumeric characters, underscores, hyphens, slashes, hash signs and dots are allowed)"}},
	scalingType: {{Property: "name", Min: 0, Max: 255, Source: tfAWS}},
	topicType: {{Property: "name", Source: snsTopic, Pattern: regexp.MustCompile(`^[\w-]{1,256}$`),
		Text: "may only contain letters, digits, underscores and hyphens"}},
	catalog.CloudWatchEventTarget: {{Property: "targetId", Source: tfAWS, Pattern: regexp.MustCompile(`^[\w.-]{1,64}$`),
		Text: "only alphanumeric characters, hyphens, underscores and periods allowed"}},
	catalog.SSMParameter: {
		{Property: "name", Min: 1, Max: 1011, Source: ssmParameter},
		{
			Property: "name",
			Source:   ssmParameter,
			Pattern:  regexp.MustCompile(`^[\w./-]+$`),
			Text:     "may only contain letters, digits and . - _ /",
		},
	},
	catalog.Route53ResolverEndpoint: resolverName, catalog.Route53ResolverRule: resolverName,
	catalog.Route53ResolverRuleAssociation: resolverName,
}

// resolverName is the form of names in Route 53 Resolver.
var resolverName = []provider.Value{{Property: "name", Source: tfAWS, Pattern: regexp.MustCompile(`^[0-9A-Za-z_ '-]{1,64}$`),
	Text: "can contain letters, digits, blanks, hyphens, underscores and apostrophes only"}}

const (
	snsTopic     = "docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html"
	ssmParameter = "docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"
)

const s3Names = "docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"

// ruleText is what the description of a rule may hold.
var ruleText = []provider.Value{{Property: "description", Min: 0, Max: 255, Source: tfAWS,
	Pattern: regexp.MustCompile(`^[0-9A-Za-z_ .:/()#,@\[\]+=&;\{\}!$*-]*$`),
	Text:    "Character sets beyond ASCII letters, digits and _ .:/()#,@[]+=&;{}!$*- are not supported"}}

var balancerName = []provider.Value{
	{Property: "name", Min: 0, Max: 32, Source: tfAWS},
	{
		Property: "name",
		Pattern:  regexp.MustCompile(`^[0-9A-Za-z-]*$`),
		Source:   tfAWS,
		Text:     "only alphanumeric characters and hyphens allowed",
	},
	{Property: "name", Pattern: regexp.MustCompile(`^-|-$|^internal-`), Not: true, Source: tfAWS,
		Text: "cannot begin or end with a hyphen, nor begin with 'internal-'"},
}

func iamName(limit float64) []provider.Value {
	return []provider.Value{
		{Property: "name", Min: 1, Max: limit, Source: tfAWS},
		{Property: "name", Pattern: regexp.MustCompile(`^[\w+=,.@-]+$`), Source: tfAWS, Text: "must match [\\w+=,.@-]"},
	}
}

// identifier is the form of RDS's names.
func identifier(name string) string {
	switch {
	case !regexp.MustCompile(`^[0-9a-z.-]*$`).MatchString(name):
		return `only lowercase alphanumeric characters and hyphens allowed in "identifier"`
	case name != "" && (name[0] < 'a' || name[0] > 'z'):
		return `first character of "identifier" must be a letter`
	case strings.Contains(name, "--"):
		return `"identifier" cannot contain two consecutive hyphens`
	case strings.HasSuffix(name, "-"):
		return `"identifier" cannot end with a hyphen`
	}
	return ""
}

// cidr is the form of a range: IPv4, without host bits.
func cidr(text string) string {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return fmt.Sprintf("%q is not a valid CIDR block: invalid CIDR address", text)
	}
	if p != p.Masked() {
		return fmt.Sprintf("%q is not a valid CIDR block; did you mean %q?", text, p.Masked())
	}
	return ""
}
