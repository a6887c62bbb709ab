package config

import (
	"fmt"
	"reflect"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// Environments.
const (
	Production  = "production"
	Development = "development"
)

const defaultNodeCIDR = "10.20.0.0/16"

// def stores a default where the stack file gives no value, and remembers where it came from.
func def[T any](l *loader, path string, target *T, value T, origin string) {
	if l.given[path] {
		return
	}
	*target = value
	// What is not set has no origin; false is a value.
	if v := reflect.ValueOf(&value).Elem(); !v.IsZero() || v.Kind() == reflect.Bool {
		l.origins[path] = origin
	}
}

// defaults fills in what the stack file leaves out. The order matters: some defaults depend on others.
func (l *loader) defaults() {
	c := l.config
	def(l, "name", &c.Name, "bpa-"+l.stack, fromDefault)
	def(l, "environment", &c.Environment, Production, fromDefault)
	def(l, "profile", &c.Profile, "supported", fromDefault)
	production := c.Environment != Development
	def(l, "protect", &c.Protect, production, l.perEnvironment())
	l.networkDefaults(production)
	l.clusterDefaults()
	l.nodeDefaults()
	l.serviceDefaults(production)
	l.applicationDefaults()
	l.operationsDefaults(production)
}

func (l *loader) perEnvironment() string {
	return fmt.Sprintf("%s (%s)", fromDefault, l.config.Environment)
}

func (l *loader) perProfile() string { return fmt.Sprintf("profile %s", l.config.Profile) }

func (l *loader) networkDefaults(production bool) {
	n := &l.config.Network
	nat, days := "single", 14
	if production {
		nat, days = "perZone", 90
	}
	def(l, "network.nodeCidr", &n.NodeCIDR, defaultNodeCIDR, fromDefault)
	def(l, "network.podCidr", &n.PodCIDR, "100.64.0.0/16", fromDefault)
	def(l, "network.nat", &n.NAT, nat, l.perEnvironment())
	def(l, "network.endpoints", &n.Endpoints, []string{"s3", "ecr.api", "ecr.dkr", "sts", "ec2", "logs"}, fromDefault)
	def(l, "network.flowLogRetentionDays", &n.FlowLogRetentionDays, days, l.perEnvironment())
	def(l, "network.dns.mode", &n.DNS.Mode, "none", fromDefault)
}

func (l *loader) clusterDefaults() {
	c := &l.config.Cluster
	profile := versions.Profiles[l.config.Profile]
	def(l, "cluster.version", &c.Version, profile.EKS, l.perProfile())
	def(l, "cluster.serviceCidr", &c.ServiceCIDR, "172.20.0.0/16", fromDefault)
	def(l, "cluster.privateAccessCidrs", &c.PrivateAccessCIDRs, []string{l.config.Network.NodeCIDR}, "network.nodeCidr")
	def(l, "cluster.logTypes", &c.LogTypes, []string{"api", "audit", "authenticator"}, fromDefault)
	def(l, "cluster.logRetentionDays", &c.LogRetentionDays, 90, fromDefault)
	for i := range c.AccessEntries {
		def(l, fmt.Sprintf("cluster.accessEntries[%d].policy", i), &c.AccessEntries[i].Policy, "clusterAdmin", fromDefault)
	}
	l.nodeVersionDefaults()
	pins, known := versions.PinsFor(c.Version)
	if !known {
		return
	}
	if c.AddonVersions == nil {
		c.AddonVersions = map[string]string{}
	}
	for _, addon := range versions.AddonNames() {
		if _, given := c.AddonVersions[addon]; !given {
			c.AddonVersions[addon] = pins.Addons[addon]
			l.origins["cluster.addonVersions."+addon] = "pin of Kubernetes " + c.Version
		}
	}
}

// directories are the paper's (R18); node-2 has kafka2 and zookeeper2 beside the list that the paper repeats for it.
var directories = map[string][]string{
	"node-1": {"zookeeper1", "zookeeper4", "zookeeper5", "kafka1"},
	"node-2": {"zookeeper1", "zookeeper2", "zookeeper4", "zookeeper5", "kafka1", "kafka2"},
	"node-3": {"kafka3", "zookeeper3", "zookeeper4", "zookeeper5"},
	"node-4": {"elk", "metrices", "metrices/prometheus", "metrices/grafana"},
}

func (l *loader) nodeDefaults() {
	n := &l.config.Nodes
	def(l, "nodes.instanceType", &n.InstanceType, "m6i.4xlarge", fromDefault)
	def(l, "nodes.volumeGiB", &n.VolumeGiB, 2048, fromDefault)
	def(l, "nodes.rootGiB", &n.RootGiB, 100, fromDefault)
	def(l, "nodes.maxMapCount", &n.MaxMapCount, 262144, fromDefault)
	if !l.given["nodes.items"] {
		n.Items = []Node{{Name: "node-1"}, {Name: "node-2"}, {Name: "node-3"}, {Name: "node-4"}}
		for i := range n.Items {
			l.origins[fmt.Sprintf("nodes.items[%d].name", i)] = fromDefault
		}
	}
	for i := range n.Items {
		item, path := &n.Items[i], fmt.Sprintf("nodes.items[%d].", i)
		if zones := l.config.Network.Zones; len(zones) > 0 {
			def(l, path+"zone", &item.Zone, zones[i%len(zones)], fromDefault+" (network.zones in turn)")
		}
		l.nodeVersionDefault(path, item)
		def(l, path+"instanceType", &item.InstanceType, n.InstanceType, "nodes.instanceType")
		def(l, path+"volumeGiB", &item.VolumeGiB, n.VolumeGiB, "nodes.volumeGiB")
		def(l, path+"directories", &item.Directories, directories[item.Name], fromDefault)
	}
}

func (l *loader) serviceDefaults(production bool) {
	env := l.perEnvironment()
	i := &l.config.Ingress
	def(l, "ingress.scheme", &i.Scheme, "internal", fromDefault)
	def(l, "ingress.httpsNodePort", &i.HTTPSNodePort, 30443, fromDefault)
	def(l, "ingress.portalNodePort", &i.PortalNodePort, 30101, fromDefault)
	def(l, "ingress.tlsPolicy", &i.TLSPolicy, "ELBSecurityPolicy-TLS13-1-2-2021-06", fromDefault)
	def(l, "ingress.logRetentionDays", &i.LogRetentionDays, 90, fromDefault)
	def(l, "ingress.deletionProtection", &i.DeletionProtection, production, env)
	def(l, "ingress.certificate.certificateFile", &i.Certificate.CertificateFile, "certs/bap-cert.pem", fromDefault)
	def(l, "ingress.certificate.privateKeyFile", &i.Certificate.PrivateKeyFile, "certs/bap-key.pem", fromDefault)

	d := &l.config.Database
	backups := 1
	if production {
		backups = 14
	}
	def(l, "database.engineVersion", &d.EngineVersion, versions.Profiles[l.config.Profile].PostgreSQL, l.perProfile())
	def(l, "database.instanceClass", &d.InstanceClass, "db.m5d.2xlarge", fromDefault)
	def(l, "database.storageGiB", &d.StorageGiB, 300, fromDefault)
	def(l, "database.maxStorageGiB", &d.MaxStorageGiB, 2*d.StorageGiB, fromDefault+" (twice storageGiB)")
	def(l, "database.multiAz", &d.MultiAZ, production, env)
	def(l, "database.masterUsername", &d.MasterUsername, "bpaadmin", fromDefault)
	def(l, "database.backupRetentionDays", &d.BackupRetentionDays, backups, env)
	def(l, "database.deletionProtection", &d.DeletionProtection, production, env)
	def(l, "database.finalSnapshot", &d.FinalSnapshot, production, env)
	def(l, "database.forceTls", &d.ForceTLS, true, fromDefault)
	def(l, "database.bootstrapImage", &d.BootstrapImage, versions.PostgresImage, fromDefault)

	a := &l.config.Atlas
	def(l, "atlas.version", &a.Version, versions.Profiles[l.config.Profile].MongoDB, l.perProfile())
	def(l, "atlas.instanceSize", &a.InstanceSize, "M30", fromDefault)
	def(l, "atlas.diskGiB", &a.DiskGiB, 40, fromDefault)
	def(l, "atlas.backupRetentionDays", &a.BackupRetentionDays, 14, fromDefault)
	def(l, "atlas.pointInTimeRecovery", &a.PointInTimeRecovery, production, env)
	def(l, "atlas.terminationProtection", &a.TerminationProtection, production, env)
	def(l, "atlas.username", &a.Username, "bpa", fromDefault)
	def(l, "atlas.databases", &a.Databases, []string{"bpa"}, fromDefault)
}

func (l *loader) applicationDefaults() {
	c := l.config
	def(l, "registry.pathPrefix", &c.Registry.PathPrefix, c.Name, fromDefault+" (name)")
	def(l, "registry.keepImages", &c.Registry.KeepImages, 30, fromDefault)
	def(l, "registry.pullThrough", &c.Registry.PullThrough, []string{"public.ecr.aws"}, fromDefault)
	def(l, "bastion.enabled", &c.Bastion.Enabled, true, fromDefault)
	def(l, "bastion.instanceType", &c.Bastion.InstanceType, "t3.micro", fromDefault)
	def(l, "bastion.nodeSsh", &c.Bastion.NodeSSH, true, fromDefault)
	a := &c.Application
	def(l, "application.release", &a.Release, "4.0.3-6", fromDefault)
	def(l, "application.namespace", &a.Namespace, "bpa-ns", fromDefault)
	def(l, "application.releaseName", &a.ReleaseName, "bpa-rel", fromDefault)
	def(l, "application.environmentFile", &a.EnvironmentFile, "bpa/env/environment.txt", fromDefault)
	def(l, "application.ingressTemplate", &a.IngressTemplate, "templates/ingress-controller.yaml", fromDefault)
	def(l, "application.timeoutSeconds", &a.TimeoutSeconds, 1800, fromDefault)
}
