package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
)

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

// kubeletSkew is how many minor versions a node may be behind the control plane. Source: kubernetes.io version skew policy.
const kubeletSkew = 3

// nodeVersionDefaults fills in what all nodes share: the control plane's version, and the image that is pinned for it.
func (l *loader) nodeVersionDefaults() {
	n := &l.config.Nodes
	def(l, "nodes.version", &n.Version, l.config.Cluster.Version, "cluster.version")
	if pins, known := versions.PinsFor(n.Version); known && n.AMIID == "" {
		def(l, "nodes.amiRelease", &n.AMIRelease, pins.AMIRelease, "pin of Kubernetes "+n.Version)
	}
}

// nodeVersionDefault fills in a node's own version and image. A node of another version has another image.
func (l *loader) nodeVersionDefault(path string, item *Node) {
	n := l.config.Nodes
	def(l, path+"version", &item.Version, n.Version, "nodes.version")
	if item.Version == n.Version {
		def(l, path+"amiRelease", &item.AMIRelease, n.AMIRelease, "nodes.amiRelease")
	} else if pins, known := versions.PinsFor(item.Version); known && n.AMIID == "" {
		def(l, path+"amiRelease", &item.AMIRelease, pins.AMIRelease, "pin of Kubernetes "+item.Version)
	}
}

// checkNodeVersion: kubelet may be older than the control plane by three minor versions, and never newer.
func (l *loader) checkNodeVersion(path string, item Node) {
	control, known := minor(l.config.Cluster.Version)
	node, valid := minor(item.Version)
	if !known || !l.creatable {
		return
	}
	l.problems.Require(valid && node <= control && node >= control-kubeletSkew, path+"version", item.Version,
		"must be cluster.version %s, or one of the %d minor versions before it", l.config.Cluster.Version, kubeletSkew)
	if l.config.Nodes.AMIID == "" && item.AMIRelease == "" && item.Version != l.config.Nodes.Version {
		l.problems.Add(path+"amiRelease", nil, "%s", formats["amiRelease"].Must)
	}
	l.problems.Require(l.config.Nodes.AMIID == "" || item.AMIRelease == "", path+"amiRelease", item.AMIRelease,
		"must not be set beside nodes.amiId")
}

// minor returns 35 for 1.35.
func minor(version string) (int, bool) {
	text, found := strings.CutPrefix(version, "1.")
	n, err := strconv.Atoi(text)
	return n, found && err == nil
}
