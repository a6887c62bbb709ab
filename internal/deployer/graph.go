package deployer

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// Resource is a resource of a stack, as far as permissions go.
type Resource struct {
	// Type is its token, such as aws:ec2/vpc:Vpc.
	Type string
	// Name is its physical name, or "".
	Name string
	// TrustedBy are the services that may assume it, of a role.
	TrustedBy []string
	// PolicyARN is the managed policy, of an attachment.
	PolicyARN string
}

// Graph is what a stack consists of, and where.
type Graph struct {
	Account account.Account
	// Stack is the value of the tag bpa:stack on everything.
	Stack string
	// Cluster is the EKS cluster's name, Path the path before the names of repositories.
	Cluster, Path string
	// Existing are the ids of a VPC and subnets that somebody else keeps.
	Existing  []string
	Resources []Resource
}

// elsewhere are the packages whose resources IAM has no say in. The type of a component begins with its package too.
var elsewhere = []string{"kubernetes", "mongodbatlas", "random", "pulumi", "eks", "bpa"}

// FromRehearsal makes the graph of what a rehearsal made in AWS. What lies in the account of atlas.parentAccount is not
// part of it: ParentGraph returns that.
func FromRehearsal(c *config.Config, resources []*provider.Resource) (Graph, error) {
	g := Graph{
		Account: account.Of(c.AWS.AccountID, c.AWS.Region), Stack: c.Name, Path: c.Registry.PathPrefix,
		Cluster: naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).Cluster(),
	}
	if e := c.Network.Existing; e != nil {
		g.Existing = append(g.Existing, e.VpcID)
		for _, s := range e.Subnets {
			g.Existing = append(g.Existing, s.Public, s.Private, s.Pod)
		}
	}
	if parts := strings.SplitN(c.Nodes.KMSKey, ":", 6); len(parts) == 6 {
		g.Resources = append(g.Resources, Resource{Type: catalog.OriginVolumeKey, Name: parts[5]})
	}
	return g, g.add(resources, func(id string) bool { return id == "" || id == c.AWS.AccountID })
}

// ParentGraph makes the graph of what a rehearsal made in the account whose VPC holds the Atlas endpoint (R27), and
// false where there is none.
func ParentGraph(c *config.Config, resources []*provider.Resource) (Graph, bool, error) {
	parent := c.Atlas.ParentAccount
	if parent == nil {
		return Graph{}, false, nil
	}
	g := Graph{
		Account: account.Of(parent.AccountID, c.AWS.Region), Stack: c.Name,
		Existing: append([]string{parent.VpcID}, parent.SubnetIDs...),
	}
	return g, true, g.add(resources, func(id string) bool { return id == parent.AccountID && id != c.AWS.AccountID })
}

// add takes the resources of an account: of those without an ARN, "".
func (g *Graph) add(resources []*provider.Resource, in func(account string) bool) error {
	for _, r := range resources {
		switch {
		case r.Package != "aws" && slices.Contains(elsewhere, r.Package):
		case r.Package != "aws":
			return fmt.Errorf("deployer: %s is of package %s, whose permissions are not known", r.Type, r.Package)
		case r.URN == "":
			// The cloud made it by itself, as ELB does with its test file in a bucket.
		case in(accountOf(r)):
			g.Resources = append(append(g.Resources, describe(r)), Origins(r.Inputs)...)
		}
	}
	return nil
}

// accountOf reads the account out of a resource's ARN. ARNs of buckets have none.
func accountOf(r *provider.Resource) string {
	arn, _ := r.Outputs["arn"].(string)
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// random is what the provider adds to a name that the program leaves to it.
var random = regexp.MustCompile(`-[0-9a-f]{7}$`)

// describe keeps of a resource what a policy depends on: nothing secret, and nothing that another run would change.
func describe(r *provider.Resource) Resource {
	d := Resource{Type: r.Type}
	for _, key := range []string{"bucket", "identifier", "name"} {
		if name, ok := r.Outputs[key].(string); ok && name != "" {
			d.Name = random.ReplaceAllString(name, "-???????")
		}
	}
	if trust, ok := r.Inputs["assumeRolePolicy"].(string); ok {
		d.TrustedBy = services(trust)
	}
	d.PolicyARN, _ = r.Inputs["policyArn"].(string)
	return d
}

// Origins returns what a resource with these inputs is restored from, as resources of a type of their own.
func Origins(inputs map[string]any) []Resource {
	var list []Resource
	add := func(typ string, from map[string]any, key string) {
		name, _ := from[key].(string)
		if parts := strings.SplitN(name, ":", 7); len(parts) == 7 && parts[0] == "arn" {
			name = parts[6]
		}
		if name != "" {
			list = append(list, Resource{Type: typ, Name: name})
		}
	}
	add(catalog.OriginRDSSnapshot, inputs, "snapshotIdentifier")
	add(catalog.OriginEBSSnapshot, inputs, "snapshotId")
	moment, _ := inputs["restoreToPointInTime"].(map[string]any)
	add(catalog.OriginRDSInstance, moment, "sourceDbInstanceIdentifier")
	return list
}

// services reads the services that a trust policy names.
func services(trust string) []string {
	var policy struct {
		Statement []struct{ Principal struct{ Service []string } }
	}
	if err := json.Unmarshal([]byte(trust), &policy); err != nil {
		return nil // no service, so that nothing may be passed
	}
	var list []string
	for _, s := range policy.Statement {
		list = append(list, s.Principal.Service...)
	}
	return list
}

// names returns the physical names of a type, sorted, each once.
func (g Graph) names(typ string, keep func(Resource) bool) []string {
	var list []string
	for _, r := range g.Resources {
		if r.Type == typ && r.Name != "" && keep(r) {
			list = append(list, r.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
