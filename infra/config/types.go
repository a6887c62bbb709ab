// Package config holds the one typed structure that describes a deployment: everything a stack file says under
// `bpa:`, with its defaults, its checks, and where each value came from.
//
// The program and `bpactl config` share this package, so a file that passes `bpactl config check` is a file that the
// program accepts. Nothing here talks to a cloud.
//
// Field tags: `json` is the key in the stack file, `doc` the one-line description that the documentation, the schema
// and error messages use.
package config

// Config is a whole deployment: one customer, one stack, one `Pulumi.<stack>.yaml`.
type Config struct {
	Name        string      `json:"name" doc:"Prefix of every physical name. 2-20 lower-case letters, digits and single hyphens, first a letter. Default: bpa-<stack>."`
	Environment string      `json:"environment" doc:"production or development. Sets the defaults of protection, Multi-AZ, NAT and deletion protection."`
	Profile     string      `json:"profile" doc:"Version profile: supported (default), or whitepaper, the versions of Cisco's paper, which can no longer be created."`
	Protect     bool        `json:"protect" doc:"Refuse to delete stateful resources (database, Atlas, volumes, keys, buckets, cluster). Default: true in production."`
	AWS         AWS         `json:"aws" doc:"Account, region and tags."`
	Network     Network     `json:"network" doc:"VPC, subnets, NAT, endpoints and DNS (R01, R08, R13, R25)."`
	Cluster     Cluster     `json:"cluster" doc:"EKS control plane and add-ons (R01, R13)."`
	Nodes       Nodes       `json:"nodes" doc:"The labelled worker nodes and their volumes (R15, R17-R19, R25)."`
	Ingress     Ingress     `json:"ingress" doc:"Load balancer and certificate (R02, R22, R26)."`
	Database    Database    `json:"database" doc:"RDS PostgreSQL, its databases and roles (R03, R07-R10)."`
	Atlas       Atlas       `json:"atlas" doc:"MongoDB Atlas over PrivateLink (R05, R12, R13, R27)."`
	Registry    Registry    `json:"registry" doc:"ECR repositories (R04, R14, R15)."`
	Packages    Packages    `json:"packages" doc:"The BPA package that every node holds in /opt/bpa (R19)."`
	Bastion     Bastion     `json:"bastion" doc:"The bastion host (R06)."`
	Application Application `json:"application" doc:"BPA's own Helm release (R11, R20-R24)."`
}

// AWS says where the stack lives.
type AWS struct {
	Region    string            `json:"region" doc:"AWS region, such as us-west-2. Required."`
	AccountID string            `json:"accountId" doc:"The only account this stack may touch, 12 digits. Required."`
	RoleARN   string            `json:"roleArn" doc:"IAM role to assume for the deployment. Default: the caller's own credentials."`
	Tags      map[string]string `json:"tags" doc:"Tags on every resource, beside bpa:stack and bpa:managed-by."`
}

// Network describes the VPC, either to create or, with Existing, to use.
type Network struct {
	NodeCIDR             string       `json:"nodeCidr" doc:"Primary CIDR of the VPC, for nodes, load balancers, database: /16 to /22 in 10.0.0.0/8. Default 10.20.0.0/16."`
	PodCIDR              string       `json:"podCidr" doc:"Secondary CIDR of the VPC, for pods: /16 to /20 in 100.64.0.0/10. Default 100.64.0.0/16."`
	Zones                []string     `json:"zones" doc:"Three availability zones of the region. Default: the first three that the account is offered."`
	NAT                  string       `json:"nat" doc:"single or perZone. Default: perZone in production, single in development."`
	Endpoints            []string     `json:"endpoints" doc:"VPC endpoints: any of s3 (gateway), ecr.api, ecr.dkr, sts, ec2, logs (interface). Default: all."`
	FlowLogRetentionDays int          `json:"flowLogRetentionDays" doc:"Days that VPC flow logs are kept in CloudWatch; 0 turns them off. Default 90 in production, 14 in development."`
	DNS                  DNS          `json:"dns" doc:"On-premises name resolution (R25)."`
	Existing             *ExistingVPC `json:"existing" doc:"Use this VPC instead of creating one: all of its ids, or none."`
}

// DNS says how on-premises names are resolved (R25).
type DNS struct {
	Mode      string   `json:"mode" doc:"none (default), forward: Route 53 Resolver rules for domains, or nameservers: the nodes ask the resolvers."`
	Resolvers []string `json:"resolvers" doc:"IPv4 addresses of the on-premises resolvers. Required unless mode is none."`
	Domains   []string `json:"domains" doc:"Domains to forward (mode forward, required), or search domains (mode nameservers)."`
}

// ExistingVPC names a VPC that somebody else keeps. It must carry both CIDRs of Network.
type ExistingVPC struct {
	VpcID   string           `json:"vpcId" doc:"vpc-…. Required."`
	Subnets []ExistingSubnet `json:"subnets" doc:"One entry for each of the three zones. Required."`
}

// ExistingSubnet is one zone of an ExistingVPC.
type ExistingSubnet struct {
	Zone    string `json:"zone" doc:"Availability zone. Required."`
	Public  string `json:"public" doc:"Public subnet id. Required where ingress.scheme is internet-facing, else optional."`
	Private string `json:"private" doc:"Private subnet id, for nodes and the database. Required."`
	Pod     string `json:"pod" doc:"Pod subnet id, in the pod CIDR. Required."`
}

// Cluster describes the EKS control plane.
type Cluster struct {
	Version           string            `json:"version" doc:"Kubernetes minor version, such as 1.35. Default: the profile's."`
	ServiceCIDR       string            `json:"serviceCidr" doc:"CIDR of Kubernetes services, outside the VPC. Default 172.20.0.0/16."`
	PublicAccessCIDRs []string          `json:"publicAccessCidrs" doc:"CIDRs that reach the public API endpoint. Default: none, the endpoint is private."`
	AccessEntries     []AccessEntry     `json:"accessEntries" doc:"Who may use the Kubernetes API, beside the deployer."`
	LogTypes          []string          `json:"logTypes" doc:"Control-plane logs: any of api, audit, authenticator, controllerManager, scheduler. Default: api, audit, authenticator."`
	LogRetentionDays  int               `json:"logRetentionDays" doc:"Days that control-plane logs are kept in CloudWatch. Default 90."`
	AddonVersions     map[string]string `json:"addonVersions" doc:"Pinned add-on versions by add-on name. Default: the pins of the Kubernetes version."`
}

// AccessEntry gives an IAM principal access to the Kubernetes API.
type AccessEntry struct {
	Name         string   `json:"name" doc:"Short name of the entry, unique. Required."`
	PrincipalARN string   `json:"principalArn" doc:"IAM role or user. Required."`
	Policy       string   `json:"policy" doc:"admin, clusterAdmin, edit, or view. Default clusterAdmin."`
	Namespaces   []string `json:"namespaces" doc:"Namespaces the policy covers. Default: the whole cluster."`
}

// Nodes describes the worker nodes. Order and names are kept: node N is Items[N-1].
type Nodes struct {
	Version      string `json:"version" doc:"Kubernetes version of the nodes. Default: cluster.version. The old one while the control plane is upgraded."`
	AMIRelease   string `json:"amiRelease" doc:"Release of the EKS optimised AL2023 AMI, such as v20261105. Default: the pin of the Kubernetes version."`
	AMIID        string `json:"amiId" doc:"An AMI of your own, instead of amiRelease."`
	InstanceType string `json:"instanceType" doc:"Default instance type of a node. Default m6i.4xlarge."`
	VolumeGiB    int    `json:"volumeGiB" doc:"Default size of a node's /opt volume, 20-16384. Default 2048 (R25)."`
	RootGiB      int    `json:"rootGiB" doc:"Size of a node's root volume, 20-1024. Default 100."`
	MaxMapCount  int    `json:"maxMapCount" doc:"vm.max_map_count. Default 262144 (R18)."`
	Items        []Node `json:"items" doc:"The nodes. Default: node-1 to node-4 with the directories of the paper."`
}

// Node is one worker with a label and a volume of its own (R17, R18, R25).
type Node struct {
	Name         string   `json:"name" doc:"Name of the node and value of its label called name, such as node-1. Required."`
	Zone         string   `json:"zone" doc:"Availability zone. Default: the zones in turn."`
	InstanceType string   `json:"instanceType" doc:"Default: nodes.instanceType."`
	Version      string   `json:"version" doc:"Kubernetes version of this node. Default: nodes.version. Nodes are upgraded one at a time."`
	AMIRelease   string   `json:"amiRelease" doc:"Release of this node's AMI. Default: nodes.amiRelease, or the pin of its own version."`
	VolumeGiB    int      `json:"volumeGiB" doc:"Default: nodes.volumeGiB."`
	Directories  []string `json:"directories" doc:"Directories below /opt/bpa/data, made with mode 777. Default: the paper's list for node-1 to node-4."`
}

// Ingress describes the load balancer and its certificate.
type Ingress struct {
	Scheme             string      `json:"scheme" doc:"internal (default) or internet-facing."`
	AllowedCIDRs       []string    `json:"allowedCidrs" doc:"CIDRs that may reach the listeners. Required."`
	Hostname           string      `json:"hostname" doc:"The name users type, such as bpa.example.com. Required."`
	HTTPSNodePort      int         `json:"httpsNodePort" doc:"Node port behind listener 443, 30000-32767. Default 30443."`
	PortalNodePort     int         `json:"portalNodePort" doc:"Node port behind listener 30101, 30000-32767. Default 30101."`
	TLSPolicy          string      `json:"tlsPolicy" doc:"ALB security policy. Default ELBSecurityPolicy-TLS13-1-2-2021-06."`
	LogRetentionDays   int         `json:"logRetentionDays" doc:"Days that access logs are kept. Default 90."`
	DeletionProtection bool        `json:"deletionProtection" doc:"Refuse to delete the load balancer. Default: true in production."`
	Certificate        Certificate `json:"certificate" doc:"The BPA certificate (R22)."`
}

// Certificate is the BPA certificate. The cluster always needs certificate and key (R22); the load balancer uses ARN
// where it is set, and otherwise a copy imported into ACM.
type Certificate struct {
	CertificateFile string `json:"certificateFile" doc:"PEM file with certificate and chain, relative to the stack file. Default certs/bap-cert.pem."`
	PrivateKeyFile  string `json:"privateKeyFile" doc:"PEM file with the key, relative to the stack file, never in git. Default certs/bap-key.pem."`
	PrivateKey      Secret `json:"privateKey" doc:"The key itself as a secret, instead of privateKeyFile."`
	ARN             string `json:"arn" doc:"ACM certificate for the load balancer. Default: the BPA certificate is imported."`
}

// Database describes RDS PostgreSQL.
type Database struct {
	EngineVersion       string            `json:"engineVersion" doc:"PostgreSQL version, such as 16.14. Default: the profile's."`
	AllowMajorUpgrade   bool              `json:"allowMajorUpgrade" doc:"engineVersion may change to the next major version. Default false."`
	InstanceClass       string            `json:"instanceClass" doc:"Default db.m5d.2xlarge (R07)."`
	StorageGiB          int               `json:"storageGiB" doc:"Allocated EBS storage, 20-65536. Default 300."`
	MaxStorageGiB       int               `json:"maxStorageGiB" doc:"Storage autoscaling limit; 0 turns it off. Default twice storageGiB."`
	MultiAZ             bool              `json:"multiAz" doc:"A standby in another zone. Default: true in production."`
	MasterUsername      string            `json:"masterUsername" doc:"Master user, 1-16 letters, digits and underscores, not admin or another reserved word. Default bpaadmin."`
	MasterPassword      Secret            `json:"masterPassword" doc:"Default: generated. 8-128 printable ASCII characters without / \" @ ' and space."`
	AdminPassword       Secret            `json:"adminPassword" doc:"Password of role admin. Default: generated."`
	KongPassword        Secret            `json:"kongPassword" doc:"Password of role kong. Default: generated."`
	CamundaPassword     Secret            `json:"camundaPassword" doc:"Password of role camunda. Default: generated."`
	BackupRetentionDays int               `json:"backupRetentionDays" doc:"Automated backups, 1-35 days. Default 14 in production, 1 in development."`
	DeletionProtection  bool              `json:"deletionProtection" doc:"RDS refuses to delete the instance. Default: true in production."`
	FinalSnapshot       bool              `json:"finalSnapshot" doc:"Take a snapshot when the instance is deleted. Default: true in production."`
	ForceTLS            bool              `json:"forceTls" doc:"Refuse connections without TLS (rds.force_ssl). Default true."`
	Parameters          map[string]string `json:"parameters" doc:"Further parameters of the parameter group."`
}

// Atlas describes MongoDB Atlas.
type Atlas struct {
	OrgID                 string         `json:"orgId" doc:"Organisation id, 24 hexadecimal digits. Required where projectId is not set."`
	ProjectID             string         `json:"projectId" doc:"An existing project, 24 hexadecimal digits. Default: a project is created."`
	PublicKey             string         `json:"publicKey" doc:"API public key. Default: MONGODB_ATLAS_PUBLIC_KEY of the environment."`
	PrivateKey            Secret         `json:"privateKey" doc:"API private key. Default: MONGODB_ATLAS_PRIVATE_KEY of the environment."`
	Version               string         `json:"version" doc:"MongoDB major version, such as 8.0. Default: the profile's."`
	InstanceSize          string         `json:"instanceSize" doc:"M10 or larger; M0, M2 and M5 have no PrivateLink. Default M30 (R12)."`
	DiskGiB               int            `json:"diskGiB" doc:"Disk size, 10-4096. Default 40."`
	BackupRetentionDays   int            `json:"backupRetentionDays" doc:"Days that daily snapshots are kept, 1-365. Default 14."`
	PointInTimeRecovery   bool           `json:"pointInTimeRecovery" doc:"Continuous backup. Default: true in production."`
	TerminationProtection bool           `json:"terminationProtection" doc:"Atlas refuses to delete the cluster. Default: true in production."`
	Username              string         `json:"username" doc:"Database user. Default bpa."`
	Password              Secret         `json:"password" doc:"Default: generated."`
	Databases             []string       `json:"databases" doc:"Databases the user may read and write. Default: bpa."`
	ParentAccount         *ParentAccount `json:"parentAccount" doc:"Put the VPC endpoint into this account's VPC instead (R27)."`
}

// ParentAccount is the account whose VPC holds the Atlas endpoint (R27). All fields are required.
type ParentAccount struct {
	AccountID string   `json:"accountId" doc:"12 digits. Required."`
	RoleARN   string   `json:"roleArn" doc:"Role to assume there. Required."`
	VpcID     string   `json:"vpcId" doc:"vpc-…. Required."`
	SubnetIDs []string `json:"subnetIds" doc:"One subnet for each zone. Required."`
}

// Registry describes the ECR repositories.
type Registry struct {
	PathPrefix  string   `json:"pathPrefix" doc:"Path before every repository name (R14). Default: the stack's name."`
	Images      []string `json:"images" doc:"Names of the BPA images, one repository each. Default: the images of the reference chart."`
	KeepImages  int      `json:"keepImages" doc:"How many images a repository keeps, 1-1000. Default 30."`
	PullThrough []string `json:"pullThrough" doc:"Public registries cached in ECR: any of public.ecr.aws, registry.k8s.io, quay.io. Default: public.ecr.aws."`
}

// Packages describes the BPA package.
type Packages struct {
	Source string `json:"source" doc:"Directory or .tar.gz of the package, relative to the stack file. Default: the reference package."`
}

// Bastion describes the bastion host.
type Bastion struct {
	Enabled      bool   `json:"enabled" doc:"Default true."`
	InstanceType string `json:"instanceType" doc:"Default t3.micro."`
	NodeSSH      bool   `json:"nodeSsh" doc:"The bastion may reach port 22 of the nodes. Default true."`
}

// Application describes BPA's Helm release.
type Application struct {
	Release         string         `json:"release" doc:"BPA release, the default image tag. Default 4.0.3-6 (R16)."`
	Namespace       string         `json:"namespace" doc:"Default bpa-ns (R20)."`
	ReleaseName     string         `json:"releaseName" doc:"Helm release name. Default bpa-rel (R20)."`
	Chart           string         `json:"chart" doc:"Chart directory relative to the stack file, or oci://…. Default: the reference chart."`
	ChartVersion    string         `json:"chartVersion" doc:"Version of an oci:// chart, required there."`
	EnvironmentFile string         `json:"environmentFile" doc:"Where the chart keeps environment.txt. Default bpa/env/environment.txt (R11)."`
	IngressTemplate string         `json:"ingressTemplate" doc:"The chart's ingress controller template. Default templates/ingress-controller.yaml (R23)."`
	Values          map[string]any `json:"values" doc:"Further Helm values, over the chart's own."`
	TimeoutSeconds  int            `json:"timeoutSeconds" doc:"How long Helm waits for the release, 60-7200. Default 1800."`
}
