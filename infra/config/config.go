// Package config holds the one typed structure that describes a deployment: everything a stack file says under `bpa:`, a file
// a section, with its defaults, its checks and its documentation. Package stackfile reads it; components take a section's
// plain values among their arguments. Nothing here reads a file or talks to a cloud.
//
// A new section is a field of Config, and a file. Field tags: `json` is the key in the stack file, `doc` the one-line
// description that the documentation and the schema use, `default`, or `production` and `development`, its default
// (defaults.go), and `is`, `oneOf`, `from`, `to`, `required` and `optional` are rules (rules.go). The check, the JSON Schema,
// the table of docs/configuration.md and the config section of Pulumi.yaml all come from them. What tags cannot say, a
// section says in up to three methods: complete (defaults that depend on other values), check (the section alone), and fit (the
// section among the others).
package config

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// Environments.
const (
	Production  = "production"
	Development = "development"
)

// Config is a whole deployment: one customer, one stack, one `Pulumi.<stack>.yaml`.
type Config struct {
	Extends     string      `json:"extends" optional:"true" is:"stack" doc:"Stack whose file this one extends: prod for Pulumi.prod.yaml beside it. This file then holds only what differs. Default: none."`
	Name        string      `json:"name" is:"name" doc:"Prefix of every physical name. 2-20 lower-case letters, digits and single hyphens, first a letter. Default: bpa-<stack>."`
	Environment string      `json:"environment" default:"production" oneOf:"production development" doc:"production or development. Sets the defaults of protection, Multi-AZ, NAT and deletion protection."`
	Profile     string      `json:"profile" default:"supported" oneOf:"supported whitepaper" doc:"Version profile: supported (default), or whitepaper, the versions of Cisco's paper, which can no longer be created."`
	Protect     bool        `json:"protect" production:"true" development:"false" doc:"Refuse to delete stateful resources (database, Atlas, volumes, keys, buckets, cluster). Default: true in production."`
	Deployed    bool        `json:"deployed" doc:"The stack is deployed, and may run versions that can no longer be created: they are accepted. Default false."`
	AWS         AWS         `json:"aws" required:"true" doc:"Account, region and tags."`
	Network     Network     `json:"network" doc:"VPC, subnets, NAT, endpoints and DNS (R01, R08, R13, R25)."`
	Cluster     Cluster     `json:"cluster" doc:"EKS control plane and add-ons (R01, R13)."`
	Nodes       Nodes       `json:"nodes" doc:"The labelled worker nodes and their volumes (R15, R17-R19, R25)."`
	Ingress     Ingress     `json:"ingress" required:"true" doc:"Load balancer and certificate (R02, R22, R26)."`
	Database    Database    `json:"database" doc:"RDS PostgreSQL, its databases and roles (R03, R07-R10)."`
	Atlas       Atlas       `json:"atlas" required:"true" doc:"MongoDB Atlas over PrivateLink (R05, R12, R13, R27)."`
	Registry    Registry    `json:"registry" doc:"ECR repositories (R04, R14, R15)."`
	Packages    Packages    `json:"packages" doc:"The BPA package that every node holds in /opt/bpa (R19)."`
	Bastion     Bastion     `json:"bastion" doc:"The bastion host (R06)."`
	Application Application `json:"application" doc:"BPA's own Helm release (R11, R20-R24)."`

	Observability Observability `json:"observability" doc:"Alarms, dashboard and who is told."`
	Backup        Backup        `json:"backup" doc:"Snapshots of the nodes' volumes."`
	Rotation      Rotation      `json:"rotation" doc:"How often each login was replaced; bpactl rotate counts."`
}

// Reading is what is known of a configuration beside its values.
type Reading struct {
	// Stack is the name of the stack.
	Stack string
	// Given holds each path that has a value of its own, Origins where the value of a path comes from.
	Given   map[string]bool
	Origins map[string]string
	// Now is when versions and moments are checked.
	Now time.Time
	// Running accepts versions that can no longer be created, as a stack that is there may run them.
	Running bool
}

// completer fills in the defaults of a section that depend on other values.
type completer interface{ complete(d *defaults) }

// checker finds what is wrong with a section by itself, beyond the rules of its tags. Paths begin at the section.
type checker interface{ check(p *problem.List) }

// fitter finds what is wrong with a section among the others.
type fitter interface{ fit(c *checks) }

// sections visits the sections in their order.
func (c *Config) sections(visit func(name string, section any)) {
	v := reflect.ValueOf(c).Elem()
	for i := range v.NumField() {
		visit(v.Type().Field(i).Tag.Get("json"), v.Field(i).Addr().Interface())
	}
}

// Complete fills in what was not given, and notes where each value comes from. The order of the sections matters: defaults
// may depend on those of sections above.
func (c *Config) Complete(r Reading) {
	d := &defaults{Reading: r, config: c}
	def(d, "name", &c.Name, "bpa-"+r.Stack, FromDefault)
	d.fromTags("", reflect.ValueOf(c).Elem())
	c.sections(func(_ string, section any) {
		if s, ok := section.(completer); ok {
			s.complete(d)
		}
	})
}

// Defaults returns the configuration of a stack whose file says nothing, and the origin of each value.
func Defaults() (*Config, map[string]string) {
	c, origins := &Config{}, map[string]string{}
	c.Complete(Reading{Origins: origins})
	return c, origins
}

// checks is a check of a whole configuration.
type checks struct {
	problem.List
	Reading
	config *Config
	// creatable says that the Kubernetes version is one: for another, missing pins are no problem of their own.
	creatable bool
}

// Check finds what is wrong with a configuration: each value by itself, by the rules of its tags, and then what only shows in
// several values together.
func (c *Config) Check(r Reading) problem.List {
	k := &checks{Reading: r, config: c}
	asked := func(path string, _ reflect.Value, rule rule) bool { return rule.required || r.Given[path] }
	checkRules(&k.List, asked, "", reflect.ValueOf(c).Elem(), rule{})
	c.fit(k)
	c.sections(func(name string, section any) {
		if s, ok := section.(checker); ok {
			var own problem.List
			s.check(&own)
			k.Include(name, own)
		}
		if s, ok := section.(fitter); ok {
			s.fit(k)
		}
	})
	return k.List
}

// fit checks the name, and those that are made of it.
func (c *Config) fit(k *checks) {
	if !k.Given["name"] { // else the rule has spoken
		wrong := formats["name"].wrongText(c.Name)
		k.Require(wrong == "", "name", c.Name, "%s", wrong)
	}
	for _, n := range naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).All() {
		k.Require(len(n.Name) <= n.Rule.Max, "name", c.Name, "makes the %s name %q, which has %d characters; %d are allowed",
			n.Rule.What, n.Name, len(n.Name), n.Rule.Max)
	}
}

// supported checks a version against the support calendar (R16).
func (k *checks) supported(path, version string, product versions.Product) bool {
	err := product.Check(version, k.Now)
	if k.Running {
		return err == nil
	}
	if _, known := product.Find(version); k.config.Deployed && known {
		return true
	}
	if err != nil {
		k.Add(path, version, "%s", err)
	}
	return err == nil
}

// StackTags are the tags of every resource of the stack.
func (c *Config) StackTags() map[string]string {
	tags := map[string]string{"bpa:stack": c.Name, "bpa:managed-by": "pulumi"}
	maps.Copy(tags, c.AWS.Tags)
	return tags
}

// Versions are what a stack runs, for the support calendar.
func (c *Config) Versions() versions.Stack {
	used := versions.Stack{
		BPA: c.Application.Release, Kubernetes: c.Cluster.Version, PostgreSQL: c.Database.EngineVersion, MongoDB: c.Atlas.Version,
	}
	for _, node := range c.Nodes.Items {
		if node.AMIRelease != "" && !slices.Contains(used.AMIReleases, node.AMIRelease) {
			used.AMIReleases = append(used.AMIReleases, node.AMIRelease)
		}
	}
	return used
}
