package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/infra/zones"
)

// Nodes describes the worker nodes. Order and names are kept: node N is Items[N-1].
type Nodes struct {
	AMIRelease    string `json:"amiRelease" optional:"true" is:"amiRelease" doc:"Release of the EKS optimised AL2023 AMI, such as v20261105. Default: the pin of the Kubernetes version."`
	AMIID         string `json:"amiId" optional:"true" is:"ami" doc:"An AMI of your own, instead of amiRelease."`
	InstanceType  string `json:"instanceType" default:"m6i.4xlarge" is:"instanceType" doc:"Default instance type of a node. Default m6i.4xlarge."`
	VolumeGiB     int    `json:"volumeGiB" default:"2048" from:"20" to:"16384" doc:"Default size of a node's /opt volume, 20-16384. Default 2048 (R25)."`
	RootGiB       int    `json:"rootGiB" default:"100" from:"20" to:"1024" doc:"Size of a node's root volume, 20-1024. Default 100."`
	KMSKey        string `json:"kmsKey" optional:"true" is:"kmsKey" doc:"KMS key of the volumes, as an ARN. Its policy must admit Auto Scaling. Default: a key of the stack's own. A volume that exists keeps its key."`
	FinalSnapshot bool   `json:"finalSnapshot" production:"true" development:"false" doc:"Take a snapshot of a node's /opt volume when it is deleted. Default: true in production."`
	MaxMapCount   int    `json:"maxMapCount" default:"262144" from:"65530" to:"1073741824" doc:"vm.max_map_count. Default 262144 (R18)."`
	Version       string `json:"version" doc:"Kubernetes version of the nodes. Default: cluster.version. The old one while the control plane is upgraded."`
	RollImage     string `json:"rollImage" is:"image" doc:"Image with bash, curl, jq and the AWS CLI that replaces nodes, one at a time; @sha256:… behind it pins the content. Of a registry in registry.pullThrough it comes through the cache. Default: public.ecr.aws/aws-cli/aws-cli:2.36.7."`
	Items         []Node `json:"items" doc:"The nodes. Default: node-1 to node-4 with the directories of the paper."`
}

// Node is one worker with a label and a volume of its own (R17, R18, R25).
type Node struct {
	Name         string   `json:"name" required:"true" is:"node" doc:"Name of the node and value of its label called name, such as node-1."`
	Zone         string   `json:"zone" doc:"Availability zone. Default: the zones in turn, by the number at the end of the name."`
	InstanceType string   `json:"instanceType" is:"instanceType" doc:"Default: nodes.instanceType."`
	VolumeGiB    int      `json:"volumeGiB" from:"20" to:"16384" doc:"Default: nodes.volumeGiB."`
	Directories  []string `json:"directories" is:"directory" doc:"Directories below /opt/bpa/data, made with mode 777. Default: the paper's list for node-1 to node-4."`
	RestoreFrom  string   `json:"restoreFrom" is:"volumeSnapshot" doc:"EBS snapshot, snap-…, that the volume is made from. Another volume is replaced, unless it is protected: docs/recovery.md."`
	Version      string   `json:"version" doc:"Kubernetes version of this node. Default: nodes.version."`
	AMIRelease   string   `json:"amiRelease" optional:"true" is:"amiRelease" doc:"Release of this node's AMI. Default: nodes.amiRelease, or the pin of its own version."`
}

// directories are the paper's (R18); node-2 has kafka2 and zookeeper2 beside the list that the paper repeats for it.
var directories = map[string][]string{
	"node-1": {"zookeeper1", "zookeeper4", "zookeeper5", "kafka1"},
	"node-2": {"zookeeper1", "zookeeper2", "zookeeper4", "zookeeper5", "kafka1", "kafka2"},
	"node-3": {"kafka3", "zookeeper3", "zookeeper4", "zookeeper5"},
	"node-4": {"elk", "metrices", "metrices/prometheus", "metrices/grafana"},
}

func (n *Nodes) complete(d *defaults) {
	def(d, "nodes.rollImage", &n.RollImage, versions.AWSCLIImage, FromDefault)
	def(d, "nodes.version", &n.Version, d.config.Cluster.Version, "cluster.version")
	n.completeImage(d, "nodes.", n.Version, &n.AMIRelease)
	if !d.Given["nodes.items"] {
		n.Items = []Node{{Name: "node-1"}, {Name: "node-2"}, {Name: "node-3"}, {Name: "node-4"}}
		for i := range n.Items {
			d.Origins[fmt.Sprintf("nodes.items[%d].name", i)] = FromDefault
		}
	}
	for i := range n.Items {
		item, path := &n.Items[i], fmt.Sprintf("nodes.items[%d].", i)
		def(d, path+"zone", &item.Zone, zones.OfNode(d.config.Network.Zones, item.Name), FromDefault+" (zones by its number)")
		def(d, path+"instanceType", &item.InstanceType, n.InstanceType, "nodes.instanceType")
		def(d, path+"volumeGiB", &item.VolumeGiB, n.VolumeGiB, "nodes.volumeGiB")
		def(d, path+"directories", &item.Directories, directories[item.Name], FromDefault)
		def(d, path+"version", &item.Version, n.Version, "nodes.version")
		if item.Version == n.Version {
			def(d, path+"amiRelease", &item.AMIRelease, n.AMIRelease, "nodes.amiRelease")
		} else { // a node of another version has another image
			n.completeImage(d, path, item.Version, &item.AMIRelease)
		}
	}
}

// completeImage fills in the image that is pinned for a Kubernetes version.
func (n *Nodes) completeImage(d *defaults, path, version string, release *string) {
	if pins, known := versions.PinsFor(version); known && n.AMIID == "" {
		def(d, path+"amiRelease", release, pins.AMIRelease, "pin of Kubernetes "+version)
	}
}

func (n Nodes) check(p *problem.List) {
	p.Require(n.AMIID == "" || n.AMIRelease == "", "amiRelease", n.AMIRelease, "must not be set beside nodes.amiId")
	p.Require(len(n.Items) > 0, "items", nil, "must name at least one node")
	names := map[string]bool{}
	for i, item := range n.Items {
		path := fmt.Sprintf("items[%d].", i)
		p.Require(!names[item.Name], path+"name", item.Name, "must be unique")
		names[item.Name] = true
		p.Require(n.AMIID == "" || item.AMIRelease == "", path+"amiRelease", item.AMIRelease, "must not be set beside nodes.amiId")
		checkInstance(p, path+"instanceType", item.InstanceType, n.AMIID == "")
	}
}

func (n Nodes) fit(k *checks) {
	k.Require(n.KMSKey == "" || strings.Contains(n.KMSKey, ":kms:"+k.config.AWS.Region+":"), "nodes.kmsKey", n.KMSKey,
		"must be a key of %s", k.config.AWS.Region)
	k.Require(n.AMIID != "" || n.AMIRelease != "" || !k.creatable, "nodes.amiRelease", nil, "%s", formats["amiRelease"].Must)
	for i, item := range n.Items {
		path := fmt.Sprintf("nodes.items[%d].", i)
		n.fitVersion(k, path, item)
		region, chosen := k.config.AWS.Region, k.config.Network.Zones
		if item.Zone == "" {
			continue
		}
		if !zones.Of(region, item.Zone) {
			k.Add(path+"zone", item.Zone, "must be a zone of %s", region)
			continue
		}
		k.Require(len(chosen) == 0 || slices.Contains(chosen, item.Zone), path+"zone", item.Zone, "must be one of network.zones %v", chosen)
	}
}

// kubeletSkew is how many minor versions a node may be behind the control plane. Source: kubernetes.io version skew policy.
const kubeletSkew = 3

// fitVersion: kubelet may be older than the control plane by three minor versions, and never newer.
func (n Nodes) fitVersion(k *checks, path string, item Node) {
	control, known := minor(k.config.Cluster.Version)
	node, valid := minor(item.Version)
	if !known || !k.creatable {
		return
	}
	k.Require(valid && node <= control && node >= control-kubeletSkew, path+"version", item.Version,
		"must be cluster.version %s, or one of the %d minor versions before it", k.config.Cluster.Version, kubeletSkew)
	k.Require(n.AMIID != "" || item.AMIRelease != "" || item.Version == n.Version, path+"amiRelease", nil, "%s", formats["amiRelease"].Must)
}

// minor returns 35 for 1.35.
func minor(version string) (int, bool) {
	text, found := strings.CutPrefix(version, "1.")
	n, err := strconv.Atoi(text)
	return n, found && err == nil
}

var (
	// graviton matches the families with Arm processors: a g follows the generation.
	graviton = regexp.MustCompile(`^(?:a1|[a-z]+[0-9]+g[a-z]*)$`)
	// xen are the families before Nitro. Their volumes have no link by id, by which a node finds its /opt (R25).
	// Source: EC2 user guide, instance types built on the Nitro System.
	xen = strings.Fields("c1 c3 c4 d2 f1 g2 g3 g3s h1 hs1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e")
)

// checkInstance: a machine image is for one kind of processor, and Auto Scaling only finds out when it launches. Pinned says
// that the image is the program's choice, which is for x86-64.
func checkInstance(p *problem.List, path, instanceType string, pinned bool) {
	family, _, _ := strings.Cut(instanceType, ".")
	p.Require(!pinned || !graviton.MatchString(family), path, instanceType,
		"must have x86-64 processors, as the machine image is for them; %s has Arm", family)
	p.Require(!slices.Contains(xen, family), path, instanceType, "must be built on Nitro, as m6i, m7i or t3 are")
}

var _ = define(map[string]Format{
	"ami":        {Pattern: `^ami-[0-9a-f]{8,17}$`, Must: "must be an AMI id such as ami-0123456789abcdef0"},
	"amiRelease": {Pattern: `^v[0-9]{8}$`, Must: "must be a release of the EKS AMI such as v20260930"},
	"directory": {
		Pattern: `^[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`,
		Must:    "must be a relative path of letters, digits, dots, hyphens and underscores below /opt/bpa/data",
	},
	"instanceType": {Pattern: `^[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an EC2 instance type such as m6i.4xlarge"},
	"kmsKey": {
		Pattern: `^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`,
		Must:    "must be the ARN of a KMS key, such as arn:aws:kms:us-west-2:111122223333:key/… (no alias)",
	},
	"node":           {Pattern: "^" + label + "$", Must: "must be lower-case letters, digits and hyphens, such as node-1"},
	"volumeSnapshot": {Pattern: `^snap-[0-9a-f]{8,17}$`, Must: "must be an EBS snapshot such as snap-0123456789abcdef0"},
})
