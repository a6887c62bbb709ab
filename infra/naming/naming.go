// Package naming makes the physical names that must be known before a resource exists. All other names are left to the
// provider, which adds a random suffix and keeps within the service's limit.
package naming

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Names makes the names of one stack.
type Names struct{ prefix, accountID, region string }

// New returns the names of a stack with the given prefix.
func New(prefix, accountID, region string) Names {
	return Names{prefix: prefix, accountID: accountID, region: region}
}

// Cluster is the EKS cluster: 1-100 characters (facts: eks CreateCluster).
func (n Names) Cluster() string { return n.prefix }

// Database is the RDS instance identifier: 1-63 characters, letters, digits and single hyphens, first a letter.
func (n Names) Database() string { return n.prefix + "-postgres" }

// LoadBalancer is the ALB: 1-32 letters, digits and hyphens, not beginning with `internal-`.
func (n Names) LoadBalancer() string { return n.prefix + "-alb" }

// AtlasProject is the Atlas project: 1-64 characters. Atlas project names are unique in an organisation, so account and
// region are part of it.
func (n Names) AtlasProject() string {
	return fmt.Sprintf("%s-%s-%s", n.prefix, n.accountID, n.region)
}

// AtlasCluster is the Atlas cluster: 1-64 characters, of which the first 23 must be unique in the project, as they make
// the host names.
func (n Names) AtlasCluster() string { return n.prefix }

var otherCharacters = regexp.MustCompile(`[^0-9A-Za-z_-]+`)

// Limit makes a name of parts, joined by hyphens: letters, digits, hyphens and underscores, and at most so many characters. What is
// longer ends in eight digits of its hash, so that two long names stay two.
func Limit(most int, parts ...string) string {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == "" })
	whole := strings.Join(parts, "-")
	name := otherCharacters.ReplaceAllString(whole, "-")
	if len(name) <= most {
		return name
	}
	hash := sha256.Sum256([]byte(whole))
	return fmt.Sprintf("%s-%x", strings.TrimRight(name[:most-9], "-"), hash[:4])
}

// Rule is what a service allows of a name.
type Rule struct {
	// What is named, and Max its length in characters.
	What    string
	Max     int
	Pattern *regexp.Regexp
}

// Named is a name with the rule that it must meet.
type Named struct {
	Name string
	Rule Rule
}

var hyphenated = regexp.MustCompile(`^[a-z](?:-?[a-z0-9])*$`)

// All returns every physical name with its rule.
func (n Names) All() []Named {
	return []Named{
		{n.Cluster(), Rule{"EKS cluster", 100, hyphenated}},
		{n.Database(), Rule{"RDS instance", 63, hyphenated}},
		{n.LoadBalancer(), Rule{"load balancer", 32, regexp.MustCompile(`^[a-z](?:-?[a-z0-9])*$`)}},
		{n.AtlasProject(), Rule{"Atlas project", 64, hyphenated}},
		{n.AtlasCluster(), Rule{"Atlas cluster", 23, hyphenated}},
	}
}
