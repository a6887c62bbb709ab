// Package observability watches the platform: alarms for what should wake someone, the topic that tells them, a dashboard
// for the one who is woken, and Container Insights, which says how nodes and volumes are.
package observability

import (
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/account"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// Database is the RDS instance that is watched.
type Database struct {
	Identifier pulumi.StringInput
	StorageGiB int
}

// TargetGroup is a target group of the load balancer. Name tells its alarms apart, ARNSuffix is what CloudWatch knows it by.
type TargetGroup struct {
	Name      string
	ARNSuffix pulumi.StringInput
}

// LoadBalancer is the load balancer that is watched.
type LoadBalancer struct {
	ARNSuffix      pulumi.StringInput
	CertificateARN pulumi.StringInput
	TargetGroups   []TargetGroup
}

// Version is a version in use, and a day on which something of its support ends.
type Version struct {
	// Name is short and part of logical names, such as kubernetes; Text is for people, such as Kubernetes 1.35, as is What
	// happens: "leaves support on".
	Name, Text, What string
	Ends             time.Time
}

// Args are the arguments of New.
type Args struct {
	// Observability is what the configuration says.
	config.Observability
	Account account.Account
	// ClusterName is the EKS cluster's, and begins the names of alarms and dashboard.
	ClusterName string
	// LogOptions take over a log group of the agent that is there already.
	LogOptions   []pulumi.ResourceOption
	Database     Database
	LoadBalancer LoadBalancer
	// AtlasProjectID is the project of MongoDB Atlas whose alerts are made.
	AtlasProjectID pulumi.StringInput
	// Nodes is how many there should be.
	Nodes    int
	Versions []Version
	// AgentAfter is what the agent needs: nodes and the pod identity agent. After is what alarms wait for: alarms about
	// what is not there yet would ring during the first `up`. A destroy removes them first, for the same reason.
	AgentAfter, After []pulumi.Resource
	// Protect refuses to delete the key.
	Protect bool
}

// Observability is the component.
type Observability struct {
	pulumi.ResourceState

	// TopicARN is where alarms are sent.
	TopicARN pulumi.StringOutput `pulumi:"topicArn"`
	// DashboardURL is the dashboard in the console.
	DashboardURL pulumi.StringOutput `pulumi:"dashboardUrl"`

	name  string
	args  *Args
	topic *sns.Topic
	agent pulumi.Resource
}

// New builds topic, agent, alarms, notices and dashboard.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Observability, error) {
	if err := args.validate(); err != nil {
		return nil, err
	}
	o := &Observability{name: name, args: args}
	if err := ctx.RegisterComponentResource("bpa:observability:Observability", name, o, opts...); err != nil {
		return nil, fmt.Errorf("observability: %w", err)
	}
	for _, step := range []struct {
		what  string
		build func(*pulumi.Context) error
	}{
		{"topic", o.newTopic}, {"agent", o.newAgent}, {"alarm", o.newAlarms},
		{"alert of Atlas", o.newMongoAlarms}, {"notice", o.newNotices}, {"dashboard", o.newDashboard},
	} {
		if err := step.build(ctx); err != nil {
			return nil, fmt.Errorf("observability: %s: %w", step.what, err)
		}
	}
	return o, ctx.RegisterResourceOutputs(o, pulumi.Map{"topicArn": o.TopicARN, "dashboardUrl": o.DashboardURL})
}

func (a *Args) validate() error {
	var p problem.List
	config.Validate(&p, a.Observability)
	p.Require(a.ClusterName != "", "ClusterName", nil, "must be the EKS cluster")
	p.Require(a.Database.Identifier != nil, "Database.Identifier", nil, "must be the RDS instance")
	p.Require(a.Database.StorageGiB > 0, "Database.StorageGiB", a.Database.StorageGiB, "must be positive")
	p.Require(a.LoadBalancer.ARNSuffix != nil, "LoadBalancer.ARNSuffix", nil, "must be the load balancer")
	p.Require(a.LoadBalancer.CertificateARN != nil, "LoadBalancer.CertificateARN", nil, "must be the listeners' certificate")
	p.Require(a.AtlasProjectID != nil, "AtlasProjectID", nil, "must be the project of MongoDB Atlas")
	p.Require(a.Nodes > 0, "Nodes", a.Nodes, "must be positive")
	seen := map[string]bool{}
	for i, g := range a.LoadBalancer.TargetGroups {
		p.Require(g.Name != "" && !seen[g.Name], fmt.Sprintf("LoadBalancer.TargetGroups[%d].Name", i), g.Name, "must be given, and unique")
		seen[g.Name] = true
	}
	for i, v := range a.Versions {
		p.Require(v.Name != "" && !v.Ends.IsZero(), fmt.Sprintf("Versions[%d]", i), v.Text, "must have a name and an end")
	}
	return p.Err("observability: ")
}
