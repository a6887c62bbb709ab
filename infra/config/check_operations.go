package config

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
)

// checkOperations checks what the rules of single values do not say of observability and restores.
func (l *loader) checkOperations() {
	o := l.config.Observability
	for i, target := range o.Notify {
		l.problems.Require(slices.Index(o.Notify, target) == i, fmt.Sprintf("observability.notify[%d]", i), target, "must be named once")
	}
	for i, days := range o.NoticeDays {
		path := fmt.Sprintf("observability.noticeDays[%d]", i)
		l.problems.Require(days >= 1 && days <= 365, path, days, "must be from 1 to 365")
		l.problems.Require(slices.Index(o.NoticeDays, days) == i, path, days, "must be named once")
	}
	hosts := o.Thresholds.UnhealthyHosts
	l.problems.Require(hosts >= 1 && hosts <= len(l.config.Nodes.Items), "observability.thresholds.unhealthyHosts", hosts,
		"must be from 1 to %d, the number of nodes", len(l.config.Nodes.Items))
	l.checkRestores()
	l.checkRotation()
}

// checkContact: whom SNS can tell.
func checkContact(text string) string {
	if isMail(text) || isURL(text) {
		return ""
	}
	return "must be an e-mail address or an https:// URL"
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
	if r := l.config.Database.RestoreFrom; r != nil {
		path := "database.restoreFrom"
		l.problems.Require((r.Snapshot != "") != (r.PointInTime != nil), path, nil, "must be either snapshot or pointInTime")
		if p := r.PointInTime; p != nil {
			l.moment(path+".pointInTime.time", p.Time)
		}
	}
	if r := l.config.Atlas.RestoreFrom; r != nil {
		path := "atlas.restoreFrom"
		l.problems.Require((r.SnapshotID != "") != (r.Time != ""), path, nil, "must be either snapshotId or time")
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

// checkRotation: the master user keeps its name, so its counter is of use only to a password that is generated.
func (l *loader) checkRotation() {
	count := l.config.Rotation.Database.Master
	l.problems.Require(count == 0 || !l.config.Database.MasterPassword.Set(), "rotation.database.master", count,
		"counts generated passwords, and database.masterPassword is given: replace it with pulumi config set --secret --path "+
			"'bpa:database.masterPassword'")
}
