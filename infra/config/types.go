// Package config holds the one typed structure that describes a deployment: everything a stack file says under
// `bpa:`, with its defaults, its checks, and where each value came from.
//
// The program and `bpactl config` share this package, so a file that passes `bpactl config check` is a file that the
// program accepts. Nothing here talks to a cloud.
//
// Field tags: `json` is the key in the stack file, `doc` the one-line description that the documentation and the schema
// use, and `is`, `oneOf`, `from`, `to`, `required` and `optional` are rules (rules.go). The check, the JSON Schema, the
// table of docs/configuration.md and the config section of Pulumi.yaml all come from them.
package config

// Config is a whole deployment: one customer, one stack, one `Pulumi.<stack>.yaml`.
type Config struct {
	Extends     string      `json:"extends" optional:"true" is:"stack" doc:"Stack whose file this one extends: prod for Pulumi.prod.yaml beside it. This file then holds only what differs. Default: none."`
	Name        string      `json:"name" is:"name" doc:"Prefix of every physical name. 2-20 lower-case letters, digits and single hyphens, first a letter. Default: bpa-<stack>."`
	Environment string      `json:"environment" oneOf:"production development" doc:"production or development. Sets the defaults of protection, Multi-AZ, NAT and deletion protection."`
	Profile     string      `json:"profile" oneOf:"supported whitepaper" doc:"Version profile: supported (default), or whitepaper, the versions of Cisco's paper, which can no longer be created."`
	Protect     bool        `json:"protect" doc:"Refuse to delete stateful resources (database, Atlas, volumes, keys, buckets, cluster). Default: true in production."`
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

// AWS says where the stack lives.
type AWS struct {
	Region    string            `json:"region" required:"true" is:"region" doc:"AWS region, such as us-west-2."`
	AccountID string            `json:"accountId" required:"true" is:"account" doc:"The only account this stack may touch, 12 digits."`
	RoleARN   string            `json:"roleArn" optional:"true" is:"role" doc:"IAM role to assume for the deployment, by the kubeconfig too. Default: the caller's own credentials."`
	Tags      map[string]string `json:"tags" doc:"Tags on every resource, beside bpa:stack and bpa:managed-by. Nodes and their disks carry them too."`
}

// Network describes the VPC, either to create or, with Existing, to use.
type Network struct {
	NodeCIDR             string       `json:"nodeCidr" is:"cidr" doc:"Primary CIDR of the VPC, for nodes, load balancers, database: /16 to /22 in 10.0.0.0/8. Default 10.20.0.0/16."`
	PodCIDR              string       `json:"podCidr" is:"cidr" doc:"Secondary CIDR of the VPC, for pods: /16 to /20 in 100.64.0.0/10. Default 100.64.0.0/16."`
	Zones                []string     `json:"zones" doc:"Three availability zones of the region. Default: the first three that the account is offered."`
	NAT                  string       `json:"nat" oneOf:"single perZone" doc:"single or perZone. Default: perZone in production, single in development."`
	Endpoints            []string     `json:"endpoints" oneOf:"s3 ecr.api ecr.dkr sts ec2 logs" doc:"VPC endpoints: any of s3 (gateway), ecr.api, ecr.dkr, sts, ec2, logs (interface). Default: all."`
	FlowLogRetentionDays int          `json:"flowLogRetentionDays" optional:"true" is:"logDays" doc:"Days that VPC flow logs are kept in CloudWatch; 0 turns them off. Default 90 in production, 14 in development."`
	DNS                  DNS          `json:"dns" doc:"On-premises name resolution (R25)."`
	Existing             *ExistingVPC `json:"existing" doc:"Use this VPC instead of creating one: all of its ids, or none."`
}

// DNS says how on-premises names are resolved (R25).
type DNS struct {
	Mode      string   `json:"mode" oneOf:"none forward nameservers" doc:"none (default), forward: Route 53 Resolver rules for domains, or nameservers: the nodes ask the resolvers."`
	Resolvers []string `json:"resolvers" is:"ipv4" doc:"IPv4 addresses of the on-premises resolvers. Required unless mode is none."`
	Domains   []string `json:"domains" is:"domain" doc:"Domains to forward (mode forward, required), or search domains (mode nameservers)."`
}

// ExistingVPC names a VPC that somebody else keeps. It must carry both CIDRs of Network.
type ExistingVPC struct {
	VpcID   string           `json:"vpcId" required:"true" is:"vpc" doc:"vpc-…."`
	Subnets []ExistingSubnet `json:"subnets" required:"true" doc:"One entry for each of the three zones."`
}

// ExistingSubnet is one zone of an ExistingVPC.
type ExistingSubnet struct {
	Zone    string `json:"zone" required:"true" doc:"Availability zone."`
	Public  string `json:"public" optional:"true" is:"subnet" doc:"Public subnet id. Required where ingress.scheme is internet-facing, else optional."`
	Private string `json:"private" required:"true" is:"subnet" doc:"Private subnet id, for nodes and the database."`
	Pod     string `json:"pod" required:"true" is:"subnet" doc:"Pod subnet id, in the pod CIDR."`
}

// Cluster describes the EKS control plane.
type Cluster struct {
	Version            string            `json:"version" doc:"Kubernetes minor version, such as 1.35. Default: the profile's."`
	ServiceCIDR        string            `json:"serviceCidr" is:"cidr" doc:"CIDR of Kubernetes services, outside the VPC. Default 172.20.0.0/16."`
	PublicAccessCIDRs  []string          `json:"publicAccessCidrs" is:"cidr" doc:"CIDRs that reach the public API endpoint. Default: none, the endpoint is private."`
	PrivateAccessCIDRs []string          `json:"privateAccessCidrs" is:"cidr" doc:"CIDRs that reach the private API endpoint: where operators and pulumi up come from, by VPN, Direct Connect or inside the VPC. Default: network.nodeCidr."`
	AccessEntries      []AccessEntry     `json:"accessEntries" doc:"Who may use the Kubernetes API, beside the deployer."`
	LogTypes           []string          `json:"logTypes" oneOf:"api audit authenticator controllerManager scheduler" doc:"Control-plane logs: any of api, audit, authenticator, controllerManager, scheduler. Default: api, audit, authenticator."`
	LogRetentionDays   int               `json:"logRetentionDays" is:"logDays" doc:"Days that control-plane logs are kept in CloudWatch. Default 90."`
	AddonVersions      map[string]string `json:"addonVersions" doc:"Pinned add-on versions by add-on name. Default: the pins of the Kubernetes version."`
}

// AccessEntry gives an IAM principal access to the Kubernetes API.
type AccessEntry struct {
	Name         string   `json:"name" required:"true" is:"label" doc:"Short name of the entry, unique."`
	PrincipalARN string   `json:"principalArn" required:"true" is:"principal" doc:"IAM role or user."`
	Policy       string   `json:"policy" oneOf:"admin clusterAdmin edit view" doc:"admin, clusterAdmin, edit, or view. Default clusterAdmin."`
	Namespaces   []string `json:"namespaces" doc:"Namespaces the policy covers. Default: the whole cluster."`
}

// Nodes describes the worker nodes. Order and names are kept: node N is Items[N-1].
type Nodes struct {
	AMIRelease   string `json:"amiRelease" optional:"true" is:"amiRelease" doc:"Release of the EKS optimised AL2023 AMI, such as v20261105. Default: the pin of the Kubernetes version."`
	AMIID        string `json:"amiId" optional:"true" is:"ami" doc:"An AMI of your own, instead of amiRelease."`
	InstanceType string `json:"instanceType" is:"instanceType" doc:"Default instance type of a node. Default m6i.4xlarge."`
	VolumeGiB    int    `json:"volumeGiB" from:"20" to:"16384" doc:"Default size of a node's /opt volume, 20-16384. Default 2048 (R25)."`
	RootGiB      int    `json:"rootGiB" from:"20" to:"1024" doc:"Size of a node's root volume, 20-1024. Default 100."`
	MaxMapCount  int    `json:"maxMapCount" from:"65530" to:"1073741824" doc:"vm.max_map_count. Default 262144 (R18)."`
	Version      string `json:"version" doc:"Kubernetes version of the nodes. Default: cluster.version. The old one while the control plane is upgraded."`
	Items        []Node `json:"items" doc:"The nodes. Default: node-1 to node-4 with the directories of the paper."`
}

// Node is one worker with a label and a volume of its own (R17, R18, R25).
type Node struct {
	Name         string   `json:"name" required:"true" is:"node" doc:"Name of the node and value of its label called name, such as node-1."`
	Zone         string   `json:"zone" doc:"Availability zone. Default: the zones in turn."`
	InstanceType string   `json:"instanceType" is:"instanceType" doc:"Default: nodes.instanceType."`
	VolumeGiB    int      `json:"volumeGiB" from:"20" to:"16384" doc:"Default: nodes.volumeGiB."`
	Directories  []string `json:"directories" is:"directory" doc:"Directories below /opt/bpa/data, made with mode 777. Default: the paper's list for node-1 to node-4."`
	RestoreFrom  string   `json:"restoreFrom" is:"volumeSnapshot" doc:"EBS snapshot, snap-…, that the volume is made from. Another volume is replaced, unless it is protected: docs/recovery.md."`
	Version      string   `json:"version" doc:"Kubernetes version of this node. Default: nodes.version. Nodes are upgraded one at a time."`
	AMIRelease   string   `json:"amiRelease" optional:"true" is:"amiRelease" doc:"Release of this node's AMI. Default: nodes.amiRelease, or the pin of its own version."`
}

// Ingress describes the load balancer and its certificate.
type Ingress struct {
	Scheme             string      `json:"scheme" oneOf:"internal internet-facing" doc:"internal (default) or internet-facing."`
	AllowedCIDRs       []string    `json:"allowedCidrs" required:"true" is:"cidr" doc:"CIDRs that may reach the listeners."`
	Hostname           string      `json:"hostname" required:"true" is:"hostname" doc:"The name users type, such as bpa.example.com."`
	HTTPSNodePort      int         `json:"httpsNodePort" from:"30000" to:"32767" doc:"Node port behind listener 443, 30000-32767. Default 30443."`
	PortalNodePort     int         `json:"portalNodePort" from:"30000" to:"32767" doc:"Node port behind listener 30101, 30000-32767. Default 30101."`
	TLSPolicy          string      `json:"tlsPolicy" is:"tlsPolicy" doc:"ALB security policy. Default ELBSecurityPolicy-TLS13-1-2-2021-06."`
	LogRetentionDays   int         `json:"logRetentionDays" from:"1" to:"3653" doc:"Days that access logs are kept. Default 90."`
	DeletionProtection bool        `json:"deletionProtection" doc:"Refuse to delete the load balancer. Default: true in production."`
	Certificate        Certificate `json:"certificate" doc:"The BPA certificate (R22)."`
}

// Certificate is the BPA certificate. The cluster always needs certificate and key (R22); the load balancer uses ARN
// where it is set, and otherwise a copy imported into ACM.
type Certificate struct {
	CertificateFile string `json:"certificateFile" doc:"PEM file with certificate and chain, relative to the stack file. Default certs/bap-cert.pem."`
	PrivateKeyFile  string `json:"privateKeyFile" doc:"PEM file with the key, relative to the stack file, never in git. Default certs/bap-key.pem."`
	PrivateKey      Secret `json:"privateKey" doc:"The key itself as a secret, instead of privateKeyFile."`
	ARN             string `json:"arn" optional:"true" is:"certificate" doc:"ACM certificate for the load balancer. Default: the BPA certificate is imported."`
}

// Database describes RDS PostgreSQL.
type Database struct {
	EngineVersion       string            `json:"engineVersion" doc:"PostgreSQL version, such as 16.14. Default: the profile's."`
	InstanceClass       string            `json:"instanceClass" is:"instanceClass" doc:"Default db.m5d.2xlarge (R07)."`
	StorageGiB          int               `json:"storageGiB" from:"20" to:"65536" doc:"Allocated EBS storage, 20-65536. Default 300."`
	AllowMajorUpgrade   bool              `json:"allowMajorUpgrade" doc:"engineVersion may change to the next major version. Default false."`
	MaxStorageGiB       int               `json:"maxStorageGiB" doc:"Storage autoscaling limit; 0 turns it off. Default twice storageGiB."`
	MultiAZ             bool              `json:"multiAz" doc:"A standby in another zone. Default: true in production."`
	MasterUsername      string            `json:"masterUsername" is:"masterUser" doc:"Master user, 1-16 letters, digits and underscores, not admin or another reserved word. Default bpaadmin."`
	MasterPassword      Secret            `json:"masterPassword" is:"password" doc:"Default: generated. 8-128 printable ASCII characters without / \" @ ' and space."`
	AdminPassword       Secret            `json:"adminPassword" is:"password" doc:"Password of role admin. Default: generated."`
	KongPassword        Secret            `json:"kongPassword" is:"password" doc:"Password of role kong. Default: generated."`
	CamundaPassword     Secret            `json:"camundaPassword" is:"password" doc:"Password of role camunda. Default: generated."`
	BackupRetentionDays int               `json:"backupRetentionDays" from:"1" to:"35" doc:"Automated backups, 1-35 days. Default 14 in production, 1 in development."`
	DeletionProtection  bool              `json:"deletionProtection" doc:"RDS refuses to delete the instance. Default: true in production."`
	FinalSnapshot       bool              `json:"finalSnapshot" doc:"Take a snapshot when the instance is deleted. Default: true in production."`
	ForceTLS            bool              `json:"forceTls" doc:"Refuse connections without TLS (rds.force_ssl). Default true."`
	Parameters          map[string]string `json:"parameters" doc:"Further parameters of the parameter group."`
	BootstrapImage      string            `json:"bootstrapImage" is:"image" doc:"Image with bash and psql 14 or later that makes databases and roles; @sha256:… behind it pins the content. Of a registry in registry.pullThrough it comes through the cache. Default: public.ecr.aws/docker/library/postgres:16.14."`
	RestoreFrom         *DatabaseRestore  `json:"restoreFrom" doc:"What the instance is made from. Another instance is replaced, unless it is protected: docs/recovery.md."`
}

// Atlas describes MongoDB Atlas.
type Atlas struct {
	OrgID                 string         `json:"orgId" optional:"true" is:"atlasId" doc:"Organisation id, 24 hexadecimal digits. Required where projectId is not set."`
	ProjectID             string         `json:"projectId" optional:"true" is:"atlasId" doc:"An existing project, 24 hexadecimal digits. Default: a project is created."`
	PublicKey             string         `json:"publicKey" doc:"API public key. Default: MONGODB_ATLAS_PUBLIC_KEY of the environment."`
	PrivateKey            Secret         `json:"privateKey" doc:"API private key. Default: MONGODB_ATLAS_PRIVATE_KEY of the environment."`
	Version               string         `json:"version" doc:"MongoDB major version, such as 8.0. Default: the profile's."`
	InstanceSize          string         `json:"instanceSize" is:"atlasTier" doc:"M10 or larger; M0, M2 and M5 have no PrivateLink. Default M30 (R12)."`
	DiskGiB               int            `json:"diskGiB" from:"10" to:"4096" doc:"Disk size, 10-4096. Default 40."`
	BackupRetentionDays   int            `json:"backupRetentionDays" from:"1" to:"365" doc:"Days that daily snapshots are kept, 1-365. Default 14."`
	PointInTimeRecovery   bool           `json:"pointInTimeRecovery" doc:"Continuous backup. Default: true in production."`
	TerminationProtection bool           `json:"terminationProtection" doc:"Atlas refuses to delete the cluster. Default: true in production."`
	Username              string         `json:"username" is:"mongoUser" doc:"Database user. Default bpa."`
	Password              Secret         `json:"password" is:"password" doc:"Default: generated."`
	Databases             []string       `json:"databases" is:"mongoDatabase" doc:"Databases the user may read and write. Default: bpa."`
	ParentAccount         *ParentAccount `json:"parentAccount" doc:"Put the VPC endpoint into this account's VPC instead (R27)."`
	RestoreFrom           *AtlasRestore  `json:"restoreFrom" doc:"Restore a backup into the cluster, over what is in it: docs/recovery.md."`
}

// ParentAccount is the account whose VPC holds the Atlas endpoint (R27). All fields are required.
type ParentAccount struct {
	AccountID string   `json:"accountId" required:"true" is:"account" doc:"12 digits."`
	RoleARN   string   `json:"roleArn" required:"true" is:"role" doc:"Role to assume there."`
	VpcID     string   `json:"vpcId" required:"true" is:"vpc" doc:"vpc-…."`
	SubnetIDs []string `json:"subnetIds" required:"true" is:"subnet" doc:"One subnet for each zone."`
}

// Registry describes the ECR repositories.
type Registry struct {
	PathPrefix  string   `json:"pathPrefix" optional:"true" is:"repositoryPath" doc:"Path before every repository name (R14). Default: the stack's name."`
	Images      []string `json:"images" is:"repository" doc:"Names of the BPA images, one repository each. Default: the images of the reference chart."`
	KeepImages  int      `json:"keepImages" from:"1" to:"1000" doc:"How many images a repository keeps, 1-1000. Default 30."`
	PullThrough []string `json:"pullThrough" oneOf:"public.ecr.aws registry.k8s.io quay.io" doc:"Public registries cached in ECR: any of public.ecr.aws, registry.k8s.io, quay.io. Default: public.ecr.aws."`
}

// Packages describes the BPA package.
type Packages struct {
	Source string `json:"source" doc:"Directory or .tar.gz of the package, relative to the stack file. Default: the reference package."`
}

// Bastion describes the bastion host.
type Bastion struct {
	Enabled      bool   `json:"enabled" doc:"Default true."`
	InstanceType string `json:"instanceType" is:"bastionType" doc:"Default t3.micro."`
	NodeSSH      bool   `json:"nodeSsh" doc:"The bastion may reach port 22 of the nodes. Default true."`
}

// Application describes BPA's Helm release.
type Application struct {
	Release         string         `json:"release" doc:"BPA release, the default image tag. Default 4.0.3-6 (R16)."`
	Namespace       string         `json:"namespace" is:"kubernetesName" doc:"Default bpa-ns (R20)."`
	ReleaseName     string         `json:"releaseName" is:"kubernetesName" doc:"Helm release name. Default bpa-rel (R20)."`
	Chart           string         `json:"chart" doc:"Chart directory relative to the stack file, or oci://…. Default: the reference chart."`
	ChartVersion    string         `json:"chartVersion" doc:"Version of an oci:// chart, required there."`
	EnvironmentFile string         `json:"environmentFile" doc:"Where the chart keeps environment.txt. Default bpa/env/environment.txt (R11)."`
	IngressTemplate string         `json:"ingressTemplate" doc:"The chart's ingress controller template. Default templates/ingress-controller.yaml (R23)."`
	Values          map[string]any `json:"values" doc:"Further Helm values, over the chart's own."`
	TimeoutSeconds  int            `json:"timeoutSeconds" from:"60" to:"7200" doc:"How long Helm waits for the release, 60-7200. Default 1800."`
}
