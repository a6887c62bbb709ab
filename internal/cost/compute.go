package cost

import (
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/unknown"
)

// cluster pays for the control plane, and where its version has left standard support, for the extended one.
func (p *pricing) cluster(r Resource) {
	p.paid(r, "eks.cluster", 1)
	if len(list(r.property("enabledClusterLogTypes"))) > 0 {
		p.byUse(r, "logs.ingested")
	}
	version := r.text("version")
	release, ok := versions.EKS.Find(version)
	switch {
	case object(r.Inputs["upgradePolicy"])["supportType"] == "STANDARD":
		p.assume("Kubernetes %s is upgraded by EKS where its standard support ends (upgradePolicy)", version)
	case !ok:
		p.missing(r, "whether Kubernetes %q is in extended support is not known: infra/versions has no such version", version)
	case ended(release, p.on):
		p.paid(r, "eks.extendedSupport", 1)
		p.assume("Kubernetes %s has left standard support on %s, and extended support is paid for",
			version, release.Standard.Format(time.DateOnly))
	default:
		p.assume("Kubernetes %s is in standard support, which ends on %s: extended support costs more",
			version, release.Standard.Format(time.DateOnly))
	}
}

// ended reports whether a version has left standard support; its last day still counts.
func ended(r versions.Release, on time.Time) bool {
	return !r.Standard.IsZero() && on.After(r.Standard.Add(24*time.Hour-1))
}

// addon is free; what the agent of Container Insights writes is not.
func (p *pricing) addon(r Resource) {
	if r.text("addonName") == "amazon-cloudwatch-observability" {
		p.byUse(r, "logs.ingested", "cloudwatch.metric")
	}
}

// release is free as far as it runs on the nodes. A chart may ask the cluster for volumes and load balancers of its own.
func (p *pricing) release(_ Resource) {
	p.assume("the chart asks for no cloud resources: volumes and load balancers that it lets Kubernetes make are not seen here")
}

// group pays for the instances that a group keeps, and for their disks.
func (p *pricing) group(r Resource) {
	template, ok := p.template(r)
	if !ok {
		p.missing(r, "its launch template is not among the resources: make the preview with --show-sames")
		return
	}
	size := r.property("desiredCapacity")
	if size == nil {
		size = r.property("minSize")
	}
	n, ok := p.count(r, "desiredCapacity", size)
	if !ok {
		return
	}
	p.machine(r, template.text("instanceType"), n)
	for _, m := range list(template.property("blockDeviceMappings")) {
		p.disk(r, object(object(m)["ebs"]), n)
	}
	if faces := list(template.property("networkInterfaces")); len(faces) > 0 && isTrue(object(faces[0])["associatePublicIpAddress"]) {
		p.paid(r, "ipv4.hour", n)
	}
}

// template finds the launch template of a group: by its id, or where that is not known before `up`, the only one beside it.
func (p *pricing) template(r Resource) (Resource, bool) {
	id := object(r.property("launchTemplate"))["id"]
	var beside []Resource
	for _, s := range p.siblings[r.Parent] {
		if s.Type() != catalog.EC2LaunchTemplate {
			continue
		}
		if s.ID != "" && s.ID == id {
			return s, true
		}
		beside = append(beside, s)
	}
	if len(beside) == 1 {
		return beside[0], true
	}
	return Resource{}, false
}

// instance pays for a single one.
func (p *pricing) instance(r Resource) {
	p.machine(r, r.text("instanceType"), 1)
	root := object(r.Inputs["rootBlockDevice"])
	disk := map[string]any{"volumeType": root["volumeType"], "volumeSize": root["volumeSize"]}
	if disk["volumeSize"] == nil {
		disk["volumeSize"] = object(r.Outputs["rootBlockDevice"])["volumeSize"]
	}
	if disk["volumeSize"] == nil || unknown.Is(disk["volumeSize"]) {
		disk["volumeSize"] = 8.0
		p.assume("a root disk without a size has the 8 GB of Amazon Linux 2023's image")
	}
	p.disk(r, disk, 1)
	if isTrue(r.Inputs["associatePublicIpAddress"]) {
		p.paid(r, "ipv4.hour", 1)
	}
}

// machine pays for instances of a type.
func (p *pricing) machine(r Resource, typ string, n float64) {
	if typ == "" || unknown.Is(typ) {
		p.missing(r, "its instance type is not known")
		return
	}
	p.paid(r, "ec2."+typ, n)
	p.byUse(r, "transfer.zones")
	if strings.HasPrefix(typ, "t") {
		p.byUse(r, "ec2.credits")
	}
}

// volume pays for a disk that belongs to no instance.
func (p *pricing) volume(r Resource) {
	p.disk(r, map[string]any{
		"volumeType": r.property("type"), "volumeSize": r.property("size"), "iops": r.Inputs["iops"], "throughput": r.Inputs["throughput"],
	}, 1)
}

// What gp3 includes. Source: docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html.
const includedIOPS, includedThroughput = 3000, 125

// disk pays for n disks of a kind.
func (p *pricing) disk(r Resource, disk map[string]any, n float64) {
	if disk["volumeType"] != "gp3" {
		p.missing(r, "EBS volumes of type %v: the table has prices of gp3 alone", disk["volumeType"])
		return
	}
	size, ok := p.count(r, "the size of a disk", disk["volumeSize"])
	if !ok {
		return
	}
	p.paid(r, "ebs.gp3", n*size)
	if iops, _ := number(disk["iops"]); iops > includedIOPS {
		p.paid(r, "ebs.gp3.iops", n*(iops-includedIOPS))
	}
	if throughput, _ := number(disk["throughput"]); throughput > includedThroughput {
		p.paid(r, "ebs.gp3.throughput", n*(throughput-includedThroughput))
	}
}
