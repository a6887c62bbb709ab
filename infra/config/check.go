package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/versions"
)

// check finds what is wrong with the configuration: each value by itself, by the rules of its tags, and then what only
// shows in several values together.
func (l *loader) check() {
	l.checkRules("", reflect.ValueOf(l.config).Elem(), rule{})
	l.checkIdentity()
	l.checkNetwork()
	l.checkCluster()
	l.checkNodes()
	l.checkIngress()
	l.checkDatabase()
	l.checkAtlas()
	l.checkRegistry()
	l.checkApplication()
	l.checkOperations()
}

func (l *loader) checkIdentity() {
	c := l.config
	for key := range c.AWS.Tags {
		l.problems.Require(!strings.HasPrefix(key, "aws:") && len(key) <= 128, "aws.tags."+key, c.AWS.Tags[key],
			"a key must have at most 128 characters and not begin with aws:")
	}
	if !l.given["name"] { // else the rule has spoken
		wrong := formats["name"].wrongText(c.Name)
		l.problems.Require(wrong == "", "name", c.Name, "%s", wrong)
	}
	for _, n := range naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).All() {
		l.problems.Require(len(n.Name) <= n.Rule.Max, "name", c.Name, "makes the %s name %q, which has %d characters; %d are allowed",
			n.Rule.What, n.Name, len(n.Name), n.Rule.Max)
	}
}

func (l *loader) checkCluster() {
	c := l.config.Cluster
	l.creatable = l.supported("cluster.version", c.Version, versions.EKS)
	names := map[string]bool{}
	for i, e := range c.AccessEntries {
		l.problems.Require(!names[e.Name], fmt.Sprintf("cluster.accessEntries[%d].name", i), e.Name, "must be unique")
		names[e.Name] = true
	}
	for _, addon := range sortedMapKeys(reflect.ValueOf(c.AddonVersions)) {
		known := versions.AddonNames()
		l.problems.Require(slices.Contains(known, addon), "cluster.addonVersions", addon, "must be one of %s%s",
			strings.Join(known, ", "), didYouMean(addon, known))
	}
	for _, addon := range versions.AddonNames() {
		if _, pinned := c.AddonVersions[addon]; !pinned && l.creatable {
			l.problems.Add("cluster.addonVersions."+addon, nil, "must be given: this release has no pin for Kubernetes %s", c.Version)
		}
	}
}

// supported checks a version against the support calendar (R16).
func (l *loader) supported(path, version string, product versions.Product) bool {
	err := product.Check(version, l.now)
	if l.running {
		return err == nil
	}
	if _, known := product.Find(version); l.config.Deployed && known {
		return true
	}
	if err != nil {
		l.problems.Add(path, version, "%s", err)
	}
	return err == nil
}

func (l *loader) checkNodes() {
	n := l.config.Nodes
	switch {
	case n.AMIID != "" && n.AMIRelease != "":
		l.problems.Add("nodes.amiRelease", n.AMIRelease, "must not be set beside nodes.amiId")
	case n.AMIID == "" && n.AMIRelease == "" && l.creatable:
		l.problems.Add("nodes.amiRelease", nil, "%s", formats["amiRelease"].Must)
	}
	l.checkInstance("bastion.instanceType", l.config.Bastion.InstanceType, true)
	l.problems.Require(len(n.Items) > 0, "nodes.items", nil, "must name at least one node")
	names := map[string]bool{}
	for i, item := range n.Items {
		path := fmt.Sprintf("nodes.items[%d].", i)
		l.problems.Require(!names[item.Name], path+"name", item.Name, "must be unique")
		names[item.Name] = true
		l.checkNodeVersion(path, item)
		l.checkInstance(path+"instanceType", item.InstanceType, n.AMIID == "")
		l.checkZone(path+"zone", item.Zone)
	}
}

func (l *loader) checkIngress() {
	i := l.config.Ingress
	if parts := strings.Split(i.Certificate.ARN, ":"); len(parts) > 4 {
		l.problems.Require(
			parts[3] == l.config.AWS.Region && parts[4] == l.config.AWS.AccountID,
			"ingress.certificate.arn",
			i.Certificate.ARN,
			"must be of account %s in %s: a load balancer takes no other",
			l.config.AWS.AccountID,
			l.config.AWS.Region,
		)
	}
	l.problems.Require(len(i.AllowedCIDRs) > 0, "ingress.allowedCidrs", nil, "must list the CIDRs of the users")
	for n, cidr := range i.AllowedCIDRs {
		l.problems.Require(cidr != "0.0.0.0/0" || i.Scheme == "internet-facing", fmt.Sprintf("ingress.allowedCidrs[%d]", n), cidr,
			"is allowed for the scheme internet-facing only")
	}
	l.problems.Require(i.HTTPSNodePort != i.PortalNodePort, "ingress.portalNodePort", i.PortalNodePort,
		"must differ from ingress.httpsNodePort")
}

// checkRegistry checks the names that the path prefix makes.
func (l *loader) checkRegistry() {
	r := l.config.Registry
	for i, image := range r.Images {
		path := fmt.Sprintf("registry.images[%d]", i)
		l.problems.Require(slices.Index(r.Images, image) == i, path, image, "must be named once")
		full := r.PathPrefix + "/" + image
		l.problems.Require(len(full) <= naming.MaxRepository, path, image, "makes a repository name of %d characters; %d are allowed",
			len(full), naming.MaxRepository)
	}
	for _, registry := range r.PullThrough {
		prefix, known := naming.CachePrefix(r.PathPrefix, registry)
		l.problems.Require(
			!known || len(prefix) <= naming.MaxCachePrefix,
			"registry.pathPrefix",
			r.PathPrefix,
			"makes the prefix %s of the cache of %s, which has %d characters; %d are allowed",
			prefix,
			registry,
			len(prefix),
			naming.MaxCachePrefix,
		)
	}
}

func (l *loader) checkApplication() {
	a := l.config.Application
	l.problems.Require(len(a.ReleaseName) <= 53, "application.releaseName", a.ReleaseName, "must have at most 53 characters")
	oci := strings.HasPrefix(a.Chart, "oci://")
	l.problems.Require(!oci || a.ChartVersion != "", "application.chartVersion", nil, "must be given with an oci:// chart")
	l.problems.Require(oci || a.ChartVersion == "", "application.chartVersion", a.ChartVersion, "belongs to an oci:// chart only")
}
