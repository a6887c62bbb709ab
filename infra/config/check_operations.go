package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	addonVersionPattern   = regexp.MustCompile(`^v\d+\.\d+\.\d+-eksbuild\.\d+$`)
	clockPattern          = regexp.MustCompile(`^(?:[01]\d|2[0-3]):[0-5]\d$`)
	volumeSnapshotPattern = regexp.MustCompile(`^snap-[0-9a-f]{8,17}$`)
	dbSnapshotPattern     = regexp.MustCompile(`^(?:arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:snapshot:)?(?:rds:)?[A-Za-z](?:-?[A-Za-z0-9])*$`)
	identifierPattern     = regexp.MustCompile(`^[a-z](?:-?[a-z0-9])*$`)
	snapshotHours         = []int{1, 2, 3, 4, 6, 8, 12, 24}
)

func (l *loader) checkOperations() {
	l.checkObservability()
	b := l.config.Backup
	l.problems.Require(slices.Contains(snapshotHours, b.IntervalHours), "backup.intervalHours", b.IntervalHours,
		"must be an interval that Data Lifecycle Manager offers: %v", snapshotHours)
	l.matches("backup.time", b.Time, clockPattern, "must be a time such as 05:00")
	l.between("backup.keep", b.Keep, 1, 1000)
	l.checkRestores()
	l.checkRotation()
}

func (l *loader) checkObservability() {
	o := l.config.Observability
	for i, target := range o.Notify {
		l.problems.Require(isMail(target) || isURL(target), fmt.Sprintf("observability.notify[%d]", i), target,
			"must be an e-mail address or an https:// URL")
		l.problems.Require(slices.Index(o.Notify, target) == i, fmt.Sprintf("observability.notify[%d]", i), target, "must be named once")
	}
	l.matches("observability.agentVersion", o.AgentVersion, addonVersionPattern, "must be a version such as "+agentVersion)
	l.retention("observability.logRetentionDays", o.LogRetentionDays)
	for i, days := range o.NoticeDays {
		path := fmt.Sprintf("observability.noticeDays[%d]", i)
		l.between(path, days, 1, 365)
		l.problems.Require(slices.Index(o.NoticeDays, days) == i, path, days, "must be named once")
	}
	t, at := o.Thresholds, "observability.thresholds."
	l.between(at+"databaseFreePercent", t.DatabaseFreePercent, 1, 50)
	l.between(at+"databaseCpuPercent", t.DatabaseCPUPercent, 1, 100)
	l.between(at+"databaseConnections", t.DatabaseConnections, 1, 100000)
	l.between(at+"loadBalancerErrors", t.LoadBalancerErrors, 1, 1000000)
	l.between(at+"unhealthyHosts", t.UnhealthyHosts, 1, len(l.config.Nodes.Items))
	l.between(at+"volumeUsedPercent", t.VolumeUsedPercent, 1, 99)
	l.between(at+"certificateDays", t.CertificateDays, 1, 365)
}

func isMail(text string) bool {
	address, err := mail.ParseAddress(text)
	return err == nil && address.Address == text
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && !strings.ContainsAny(text, " \t")
}

// checkRestores: what a restore starts from, each in its service's own form.
func (l *loader) checkRestores() {
	for i, node := range l.config.Nodes.Items {
		l.optional(fmt.Sprintf("nodes.items[%d].restoreFrom", i), node.RestoreFrom, volumeSnapshotPattern,
			"must be an EBS snapshot such as snap-0123456789abcdef0")
	}
	if r := l.config.Database.RestoreFrom; r != nil {
		path := "database.restoreFrom"
		l.problems.Require((r.Snapshot != "") != (r.PointInTime != nil), path, nil, "must be either snapshot or pointInTime")
		l.optional(path+".snapshot", r.Snapshot, dbSnapshotPattern, "must be the name or the ARN of an RDS snapshot")
		if p := r.PointInTime; p != nil {
			l.matches(path+".pointInTime.instance", p.Instance, identifierPattern, "must be the identifier of an RDS instance")
			l.moment(path+".pointInTime.time", p.Time)
		}
	}
	if r := l.config.Atlas.RestoreFrom; r != nil {
		path := "atlas.restoreFrom"
		l.problems.Require((r.SnapshotID != "") != (r.Time != ""), path, nil, "must be either snapshotId or time")
		l.optional(path+".snapshotId", r.SnapshotID, atlasIDPattern, "must be 24 hexadecimal digits")
		l.moment(path+".time", r.Time)
		l.problems.Require(r.Time == "" || l.config.Atlas.PointInTimeRecovery, path+".time", r.Time,
			"needs atlas.pointInTimeRecovery")
	}
}

// moment is a time in UTC, or nothing.
func (l *loader) moment(path, text string) {
	if text == "" {
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	l.problems.Require(err == nil && strings.HasSuffix(text, "Z") && !at.After(l.now), path, text,
		"must be a moment in UTC that has passed, such as 2026-11-23T10:00:00Z")
}

// checkRotation: a counter belongs to a password that the program generates.
func (l *loader) checkRotation() {
	d, r := l.config.Database, l.config.Rotation
	for _, c := range []struct {
		path, password string
		count          int
		given          bool
	}{
		{"database.master", "database.masterPassword", r.Database.Master, d.MasterPassword.Set()},
		{"database.admin", "database.adminPassword", r.Database.Admin, d.AdminPassword.Set()},
		{"database.kong", "database.kongPassword", r.Database.Kong, d.KongPassword.Set()},
		{"database.camunda", "database.camundaPassword", r.Database.Camunda, d.CamundaPassword.Set()},
		{"atlas", "atlas.password", r.Atlas, l.config.Atlas.Password.Set()},
	} {
		path := "rotation." + c.path
		l.problems.Require(c.count >= 0, path, c.count, "must be 0 or more")
		l.problems.Require(c.count == 0 || !c.given, path, c.count, "counts generated passwords, and %s is given: "+
			"replace it with pulumi config set --secret --path 'bpa:%s'", c.password, c.password)
	}
}
