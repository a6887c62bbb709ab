package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/naming"
	"github.com/bpa-on-aws/platform/infra/versions"
)

var (
	endpoints     = []string{"s3", "ecr.api", "ecr.dkr", "sts", "ec2", "logs"}
	pullThrough   = []string{"public.ecr.aws", "registry.k8s.io", "quay.io"}
	logTypes      = []string{"api", "audit", "authenticator", "controllerManager", "scheduler"}
	accessLevels  = []string{"admin", "clusterAdmin", "edit", "view"}
	retentionDays = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	// dedicated tiers; M0, M2, M5 and Flex have no PrivateLink.
	atlasTiers = strings.Fields("M10 M20 M30 M40 M50 M60 M80 M140 M200 M300 R40 R50 R60 R80 R200 R300 R400 R700")

	namePattern     = regexp.MustCompile(`^[a-z](?:-?[a-z0-9]){1,19}$`)
	regionPattern   = regexp.MustCompile(`^[a-z]{2}(?:-[a-z]+)+-\d$`)
	accountPattern  = regexp.MustCompile(`^\d{12}$`)
	rolePattern     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)/[\w+=,.@/-]+$`)
	certPattern     = regexp.MustCompile(`^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[\w-]+$`)
	atlasIDPattern  = regexp.MustCompile(`^[0-9a-f]{24}$`)
	hostPattern     = regexp.MustCompile(`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	labelPattern    = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)
	instancePattern = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9]+$`)
	classPattern    = regexp.MustCompile(`^db\.[a-z][a-z0-9-]*\.[a-z0-9]+$`)
	amiPattern      = regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`)
	releasePattern  = regexp.MustCompile(`^v\d{8}$`)
	masterPattern   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,15}$`)
	passwordPattern = regexp.MustCompile(`^[!-~]{8,128}$`)
	// repository paths as ECR accepts them (facts.md §4).
	repositoryPattern = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
)

// check finds what is wrong with the configuration as a whole.
func (l *loader) check() {
	l.checkIdentity()
	l.checkNetwork()
	l.checkCluster()
	l.checkNodes()
	l.checkIngress()
	l.checkDatabase()
	l.checkAtlas()
	l.checkApplication()
}

// matches and oneOf are the two commonest rules. An empty optional value is nobody's problem.
func (l *loader) matches(path, value string, pattern *regexp.Regexp, allowed string) {
	l.problems.Require(pattern.MatchString(value), path, value, "%s", allowed)
}

func (l *loader) optional(path, value string, pattern *regexp.Regexp, allowed string) {
	if value != "" {
		l.matches(path, value, pattern, allowed)
	}
}

func (l *loader) oneOf(path, value string, allowed []string) {
	l.problems.Require(
		slices.Contains(allowed, value),
		path,
		value,
		"must be one of %s%s",
		strings.Join(allowed, ", "),
		didYouMean(value, allowed),
	)
}

func (l *loader) between(path string, value, low, high int) {
	l.problems.Require(value >= low && value <= high, path, value, "must be from %d to %d", low, high)
}

func (l *loader) retention(path string, days int) {
	l.problems.Require(slices.Contains(retentionDays, days), path, days, "must be a period that CloudWatch offers: %v", retentionDays)
}

func (l *loader) checkIdentity() {
	c := l.config
	l.matches("name", c.Name, namePattern, "must be 2-20 lower-case letters, digits and single hyphens, first a letter")
	l.oneOf("environment", c.Environment, []string{Production, Development})
	l.oneOf("profile", c.Profile, []string{"supported", "whitepaper"})
	l.matches("aws.region", c.AWS.Region, regionPattern, "must be an AWS region such as us-west-2")
	l.matches("aws.accountId", c.AWS.AccountID, accountPattern, "must be 12 digits in quotes")
	l.optional("aws.roleArn", c.AWS.RoleARN, rolePattern, "must be the ARN of an IAM role")
	for key := range c.AWS.Tags {
		l.problems.Require(!strings.HasPrefix(key, "aws:") && len(key) <= 128, "aws.tags."+key, c.AWS.Tags[key],
			"a key must have at most 128 characters and not begin with aws:")
	}
	for _, n := range naming.New(c.Name, c.AWS.AccountID, c.AWS.Region).All() {
		l.problems.Require(len(n.Name) <= n.Rule.Max, "name", c.Name, "makes the %s name %q, which has %d characters; %d are allowed",
			n.Rule.What, n.Name, len(n.Name), n.Rule.Max)
	}
}

func (l *loader) checkCluster() {
	c := l.config.Cluster
	l.creatable = l.supported("cluster.version", c.Version, versions.EKS)
	for i, t := range c.LogTypes {
		l.oneOf(fmt.Sprintf("cluster.logTypes[%d]", i), t, logTypes)
	}
	l.retention("cluster.logRetentionDays", c.LogRetentionDays)
	for i, cidr := range c.PublicAccessCIDRs {
		l.checkCIDR(fmt.Sprintf("cluster.publicAccessCidrs[%d]", i), cidr)
	}
	names := map[string]bool{}
	for i, e := range c.AccessEntries {
		path := fmt.Sprintf("cluster.accessEntries[%d].", i)
		l.matches(path+"name", e.Name, labelPattern, "must be lower-case letters, digits and hyphens")
		l.problems.Require(!names[e.Name], path+"name", e.Name, "must be unique")
		names[e.Name] = true
		l.matches(path+"principalArn", e.PrincipalARN, rolePattern, "must be the ARN of an IAM role or user")
		l.oneOf(path+"policy", e.Policy, accessLevels)
	}
	for addon := range c.AddonVersions {
		l.oneOf("cluster.addonVersions", addon, versions.AddonNames())
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
	if err != nil {
		l.problems.Add(path, version, "%s", err)
	}
	return err == nil
}

func (l *loader) checkNodes() {
	n := l.config.Nodes
	l.optional("nodes.amiId", n.AMIID, amiPattern, "must be an AMI id such as ami-0123456789abcdef0")
	if n.AMIID == "" && (n.AMIRelease != "" || l.creatable) {
		l.matches("nodes.amiRelease", n.AMIRelease, releasePattern, "must be a release of the EKS AMI such as v20260930")
	} else if n.AMIID != "" && n.AMIRelease != "" {
		l.problems.Add("nodes.amiRelease", n.AMIRelease, "must not be set beside nodes.amiId")
	}
	l.between("nodes.rootGiB", n.RootGiB, 20, 1024)
	l.between("nodes.maxMapCount", n.MaxMapCount, 65530, 1<<30)
	l.problems.Require(len(n.Items) > 0, "nodes.items", nil, "must name at least one node")
	names := map[string]bool{}
	for i, item := range n.Items {
		path := fmt.Sprintf("nodes.items[%d].", i)
		l.matches(path+"name", item.Name, labelPattern, "must be lower-case letters, digits and hyphens, such as node-1")
		l.problems.Require(!names[item.Name], path+"name", item.Name, "must be unique")
		names[item.Name] = true
		l.checkNodeVersion(path, item)
		l.checkZone(path+"zone", item.Zone)
		l.matches(path+"instanceType", item.InstanceType, instancePattern, "must be an EC2 instance type such as m6i.4xlarge")
		l.between(path+"volumeGiB", item.VolumeGiB, 20, 16384)
		for j, directory := range item.Directories {
			l.problems.Require(cleanDirectory(directory), fmt.Sprintf("%sdirectories[%d]", path, j), directory,
				"must be a relative path of letters, digits, dots, hyphens and underscores below /opt/bpa/data")
		}
	}
}

var directoryPattern = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)

func cleanDirectory(path string) bool { return directoryPattern.MatchString(path) }

func (l *loader) checkIngress() {
	i := l.config.Ingress
	l.oneOf("ingress.scheme", i.Scheme, []string{"internal", "internet-facing"})
	l.problems.Require(len(i.AllowedCIDRs) > 0, "ingress.allowedCidrs", nil, "must list the CIDRs of the users")
	for n, cidr := range i.AllowedCIDRs {
		path := fmt.Sprintf("ingress.allowedCidrs[%d]", n)
		l.checkCIDR(path, cidr)
		l.problems.Require(
			cidr != "0.0.0.0/0" || i.Scheme == "internet-facing",
			path,
			cidr,
			"is allowed for the scheme internet-facing only",
		)
	}
	l.matches("ingress.hostname", i.Hostname, hostPattern, "must be a full host name such as bpa.example.com")
	l.between("ingress.httpsNodePort", i.HTTPSNodePort, 30000, 32767)
	l.between("ingress.portalNodePort", i.PortalNodePort, 30000, 32767)
	l.problems.Require(
		i.HTTPSNodePort != i.PortalNodePort,
		"ingress.portalNodePort",
		i.PortalNodePort,
		"must differ from ingress.httpsNodePort",
	)
	l.problems.Require(
		strings.HasPrefix(i.TLSPolicy, "ELBSecurityPolicy-TLS13-1-2") || strings.HasPrefix(i.TLSPolicy, "ELBSecurityPolicy-TLS13-1-3"),
		"ingress.tlsPolicy",
		i.TLSPolicy,
		"must be a policy for TLS 1.2 or later, ELBSecurityPolicy-TLS13-1-2-… or ELBSecurityPolicy-TLS13-1-3-…",
	)
	l.between("ingress.logRetentionDays", i.LogRetentionDays, 1, 3653)
	l.optional("ingress.certificate.arn", i.Certificate.ARN, certPattern, "must be the ARN of an ACM certificate")
}

func (l *loader) checkApplication() {
	c := l.config
	if l.given["registry.pathPrefix"] { // the default is the name, which is checked
		l.matches("registry.pathPrefix", c.Registry.PathPrefix, repositoryPattern,
			"must be a path of lower-case letters, digits and . _ - between them")
	}
	for i, image := range c.Registry.Images {
		l.problems.Require(slices.Index(c.Registry.Images, image) == i, fmt.Sprintf("registry.images[%d]", i), image, "must be named once")
		l.matches(fmt.Sprintf("registry.images[%d]", i), image, repositoryPattern, "must be a repository name without registry and tag")
	}
	l.between("registry.keepImages", c.Registry.KeepImages, 1, 1000)
	for i, upstream := range c.Registry.PullThrough {
		l.oneOf(fmt.Sprintf("registry.pullThrough[%d]", i), upstream, pullThrough)
	}
	l.matches("bastion.instanceType", c.Bastion.InstanceType, instancePattern, "must be an EC2 instance type such as t3.micro")
	a := c.Application
	l.matches("application.namespace", a.Namespace, labelPattern, "must be a Kubernetes name")
	l.matches("application.releaseName", a.ReleaseName, labelPattern, "must be a Kubernetes name")
	l.problems.Require(len(a.ReleaseName) <= 53, "application.releaseName", a.ReleaseName, "must have at most 53 characters")
	oci := strings.HasPrefix(a.Chart, "oci://")
	l.problems.Require(!oci || a.ChartVersion != "", "application.chartVersion", nil, "must be given with an oci:// chart")
	l.problems.Require(oci || a.ChartVersion == "", "application.chartVersion", a.ChartVersion, "belongs to an oci:// chart only")
	l.between("application.timeoutSeconds", a.TimeoutSeconds, 60, 7200)
}
