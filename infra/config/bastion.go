package config

import "github.com/bpa-on-aws/platform/infra/problem"

// Bastion describes the bastion host.
type Bastion struct {
	Enabled      bool   `json:"enabled" default:"true" doc:"Default true."`
	InstanceType string `json:"instanceType" default:"t3.micro" is:"bastionType" doc:"Default t3.micro."`
	NodeSSH      bool   `json:"nodeSsh" default:"true" doc:"The bastion may reach port 22 of the nodes. Default true."`
}

func (b Bastion) check(p *problem.List) { checkInstance(p, "instanceType", b.InstanceType, true) }

var _ = define(map[string]Format{
	"bastionType": {Pattern: `^[a-z][a-z0-9-]*\.[a-z0-9]+$`, Must: "must be an EC2 instance type such as t3.micro"},
})
