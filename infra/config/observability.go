package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// Observability describes what watches the stack, and whom it tells.
type Observability struct {
	Enabled          bool       `json:"enabled" production:"true" development:"false" doc:"Alarms, their SNS topic, alerts of Atlas, a dashboard and Container Insights. Default: true in production."`
	Notify           []string   `json:"notify" is:"contact" doc:"Who is told: e-mail addresses and https:// URLs. Each has to confirm once. Default: nobody, the topic is there to subscribe to. Atlas writes to the addresses alone, or where there is none to the owners of its project."`
	AgentVersion     string     `json:"agentVersion" default:"v6.4.0-eksbuild.1" is:"addonVersion" doc:"Version of the EKS add-on amazon-cloudwatch-observability, such as v6.4.0-eksbuild.1 (default)."`
	LogRetentionDays int        `json:"logRetentionDays" default:"14" is:"logDays" doc:"Days that Container Insights' performance logs are kept. Default 14."`
	Thresholds       Thresholds `json:"thresholds" doc:"When an alarm rings."`
	NoticeDays       []int      `json:"noticeDays" default:"90 30 7" doc:"How many days before a version leaves support a notice is sent, 1-365. Default 90, 30 and 7."`
}

// Thresholds say when an alarm rings.
type Thresholds struct {
	DatabaseFreePercent       int `json:"databaseFreePercent" default:"8" from:"1" to:"50" doc:"Free storage of the database in percent of storageGiB, 1-50. Default 8: below the 10 at which storage grows by itself."`
	DatabaseCPUPercent        int `json:"databaseCpuPercent" default:"90" from:"1" to:"100" doc:"CPU of the database over 15 minutes, 1-100. Default 90."`
	DatabaseConnections       int `json:"databaseConnections" from:"1" to:"100000" doc:"Connections to the database. Default: three quarters of what its class allows, or 300 where the class is not known."`
	LoadBalancerErrors        int `json:"loadBalancerErrors" default:"10" from:"1" to:"1000000" doc:"Answers 5xx in 5 minutes, of the load balancer or of BPA. Default 10."`
	UnhealthyHosts            int `json:"unhealthyHosts" default:"1" doc:"Unhealthy nodes of one target group over 10 minutes. Default 1."`
	VolumeUsedPercent         int `json:"volumeUsedPercent" default:"85" from:"1" to:"99" doc:"The fullest filesystem of any node, in percent. Default 85."`
	MongoDBDiskPercent        int `json:"mongodbDiskPercent" default:"80" from:"1" to:"99" doc:"Used disk of a member of MongoDB over 15 minutes, in percent. Default 80."`
	MongoDBCPUPercent         int `json:"mongodbCpuPercent" default:"90" from:"1" to:"100" doc:"CPU of a member of MongoDB over 15 minutes, 1-100. Default 90."`
	MongoDBConnectionsPercent int `json:"mongodbConnectionsPercent" default:"75" from:"1" to:"100" doc:"Connections to a member of MongoDB over 15 minutes, in percent of what its tier allows. Default 75."`
	CertificateDays           int `json:"certificateDays" default:"30" from:"1" to:"365" doc:"Days that the load balancer's certificate is still in force. Default 30."`
}

func (o *Observability) complete(d *defaults) {
	connections, origin := 300, FromDefault
	if most := maxConnections(d.config.Database.InstanceClass); most > 0 {
		connections, origin = most*3/4, FromDefault+" (¾ of the class's)"
	}
	def(d, "observability.thresholds.databaseConnections", &o.Thresholds.DatabaseConnections, connections, origin)
}

// maxConnections is the default of max_connections of RDS for PostgreSQL, LEAST(DBInstanceClassMemory/9531392, 5000), or 0
// for a class whose memory is not known. Source: RDS user guide, CHAP_Limits; DBInstanceClassMemory is a little less than
// the memory of the class, so this is a little too much.
func maxConnections(class string) int {
	const bytesEach = 9531392
	family, size, _ := strings.Cut(strings.TrimPrefix(class, "db."), ".")
	perCPU := map[byte]int{'m': 4, 'r': 8, 'c': 2}[(family + " ")[0]]
	cpus := 0
	switch count, large := strings.CutSuffix(size, "xlarge"); {
	case size == "large":
		cpus = 2
	case size == "xlarge":
		cpus = 4
	case large:
		n, err := strconv.Atoi(count)
		if err != nil {
			return 0
		}
		cpus = 4 * n
	}
	return min(perCPU*cpus*(1<<30/bytesEach), 5000)
}

func (o Observability) check(p *problem.List) {
	for i, target := range o.Notify {
		p.Require(slices.Index(o.Notify, target) == i, fmt.Sprintf("notify[%d]", i), target, "must be named once")
	}
	for i, days := range o.NoticeDays {
		path := fmt.Sprintf("noticeDays[%d]", i)
		p.Require(days >= 1 && days <= 365, path, days, "must be from 1 to 365")
		p.Require(slices.Index(o.NoticeDays, days) == i, path, days, "must be named once")
	}
}

func (o Observability) fit(k *checks) {
	hosts, nodes := o.Thresholds.UnhealthyHosts, len(k.config.Nodes.Items)
	k.Require(hosts >= 1 && hosts <= nodes, "observability.thresholds.unhealthyHosts", hosts,
		"must be from 1 to %d, the number of nodes", nodes)
}

// Protocol is how SNS reaches whom it tells: email, https, or "" where it cannot.
func Protocol(contact string) string {
	if address, err := mail.ParseAddress(contact); err == nil && address.Address == contact {
		return "email"
	}
	if u, err := url.Parse(contact); err == nil && u.Scheme == "https" && u.Host != "" && !strings.ContainsAny(contact, " \t") {
		return "https"
	}
	return ""
}

func checkContact(text string) string {
	if Protocol(text) == "" {
		return "must be an e-mail address or an https:// URL"
	}
	return ""
}

var _ = define(map[string]Format{
	"addonVersion": {
		Pattern: `^v[0-9]+\.[0-9]+\.[0-9]+-eksbuild\.[0-9]+$`, Must: "must be a version such as v6.4.0-eksbuild.1",
	},
	"contact": {check: checkContact},
})
