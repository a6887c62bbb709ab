package config

import (
	"strconv"
	"strings"
)

// agentVersion was seen in a public deployment of Kubernetes 1.34 in 2026; `aws eks describe-addon-versions` tells which
// versions a cluster may have.
const agentVersion = "v6.4.0-eksbuild.1"

func (l *loader) operationsDefaults(production bool) {
	env := l.perEnvironment()
	o := &l.config.Observability
	def(l, "observability.enabled", &o.Enabled, production, env)
	def(l, "observability.agentVersion", &o.AgentVersion, agentVersion, fromDefault)
	def(l, "observability.logRetentionDays", &o.LogRetentionDays, 14, fromDefault)
	def(l, "observability.noticeDays", &o.NoticeDays, []int{90, 30, 7}, fromDefault)
	for _, t := range []struct {
		key    string
		target *int
		value  int
	}{
		{"databaseFreePercent", &o.Thresholds.DatabaseFreePercent, 8},
		{"databaseCpuPercent", &o.Thresholds.DatabaseCPUPercent, 90},
		{"loadBalancerErrors", &o.Thresholds.LoadBalancerErrors, 10},
		{"unhealthyHosts", &o.Thresholds.UnhealthyHosts, 1},
		{"volumeUsedPercent", &o.Thresholds.VolumeUsedPercent, 85},
		{"certificateDays", &o.Thresholds.CertificateDays, 30},
	} {
		def(l, "observability.thresholds."+t.key, t.target, t.value, fromDefault)
	}
	connections, origin := 300, fromDefault
	if most := maxConnections(l.config.Database.InstanceClass); most > 0 {
		connections, origin = most*3/4, fromDefault+" (¾ of the class's)"
	}
	def(l, "observability.thresholds.databaseConnections", &o.Thresholds.DatabaseConnections, connections, origin)

	b := &l.config.Backup
	def(l, "backup.enabled", &b.Enabled, production, env)
	def(l, "backup.intervalHours", &b.IntervalHours, 24, fromDefault)
	def(l, "backup.time", &b.Time, "05:00", fromDefault)
	def(l, "backup.keep", &b.Keep, 14, fromDefault)
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
