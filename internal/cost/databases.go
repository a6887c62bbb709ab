package cost

import (
	"fmt"
	"strings"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/unknown"
)

// database pays for an RDS instance and its storage: both twice where there is a standby, as RDS charges it. Source:
// docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_OnDemandDBInstances.html.
func (p *pricing) database(r Resource) {
	if engine := r.text("engine"); engine != "postgres" {
		p.missing(r, "RDS with engine %q: the table has prices of postgres alone", engine)
		return
	}
	n := 1.0
	if isTrue(r.property("multiAz")) {
		n = 2
		p.assume("a Multi-AZ database pays for instance and storage twice")
	}
	class := r.text("instanceClass")
	if class == "" || unknown.Is(class) {
		p.missing(r, "its instance class is not known")
	} else {
		p.paid(r, "rds.postgres."+class, n)
	}
	p.databaseStorage(r, n)
	if days, _ := number(r.property("backupRetentionPeriod")); days > 0 {
		p.byUse(r, "rds.backup")
	}
	if len(list(r.property("enabledCloudwatchLogsExports"))) > 0 {
		p.byUse(r, "logs.ingested", "logs.stored")
	}
	if days, _ := number(r.Inputs["performanceInsightsRetentionPeriod"]); days > 7 {
		p.missing(r, "Performance Insights for %v days: 7 are free, and the table has no price of more", days)
	}
	version := r.text("engineVersion")
	if release, ok := versions.PostgreSQL.Find(version); ok && ended(release, p.on) {
		p.missing(r, "extended support of PostgreSQL %s, which left standard support on %s: the table has no price of it",
			version, release.Standard.Format(time.DateOnly))
	}
}

func (p *pricing) databaseStorage(r Resource, n float64) {
	if kind := r.text("storageType"); kind != "gp3" {
		p.missing(r, "RDS storage of type %q: the table has prices of gp3 alone", kind)
		return
	}
	if r.Inputs["iops"] != nil || r.Inputs["storageThroughput"] != nil {
		p.missing(r, "RDS storage with IOPS or throughput of its own: the table has no price of them")
	}
	size, ok := p.count(r, "allocatedStorage", r.property("allocatedStorage"))
	if !ok {
		return
	}
	p.paid(r, "rds.gp3", n*size)
	if most, _ := number(r.property("maxAllocatedStorage")); most > size {
		p.assume("the database keeps its %v GB of storage; it may grow by itself to %v", size, most)
	}
}

// tierStorage is the storage in GB that the price of an Atlas tier includes. Source: that of the tiers' prices. Atlas
// charges another size in full, and not the difference (docs.atlas.mongodb.com/billing/cluster-configuration-costs).
var tierStorage = map[string]float64{"M10": 10, "M20": 20, "M30": 40, "M40": 80, "M50": 160, "M60": 320, "M80": 750}

// atlasCluster pays for the replica set in each region.
func (p *pricing) atlasCluster(r Resource) {
	p.byUse(r, "atlas.transfer")
	if isTrue(r.property("backupEnabled")) {
		p.byUse(r, "atlas.backup")
	}
	for _, spec := range list(r.property("replicationSpecs")) {
		for _, config := range list(object(spec)["regionConfigs"]) {
			p.atlasRegion(r, object(config))
		}
	}
}

func (p *pricing) atlasRegion(r Resource, config map[string]any) {
	nodes := object(config["electableSpecs"])
	tier, region := fmt.Sprint(nodes["instanceSize"]), awsRegion(config["regionName"])
	switch {
	case config["providerName"] != "AWS":
		p.missing(r, "Atlas on %v: the table has prices of AWS alone", config["providerName"])
		return
	case nodes["nodeCount"] != 3.0:
		p.missing(r, "Atlas %s with %v nodes: the table has prices of replica sets of 3", tier, nodes["nodeCount"])
		return
	}
	p.paidIn(r, "atlas."+tier, region, 1)
	if disk, ok := number(nodes["diskSizeGb"]); ok && disk != tierStorage[tier] {
		p.missing(r, "%s: %v GB, where %s has %v", p.table.Item("atlas.storage").What, disk, tier, tierStorage[tier])
	}
}

// awsRegion is us-west-2 for Atlas's US_WEST_2.
func awsRegion(atlas any) string {
	return strings.ToLower(strings.ReplaceAll(fmt.Sprint(atlas), "_", "-"))
}

// atlasEndpoint is Atlas's own charge for a private endpoint, beside that of AWS.
func (p *pricing) atlasEndpoint(r Resource) {
	p.paidIn(r, "atlas.endpoint", awsRegion(r.property("region")), 1)
}
