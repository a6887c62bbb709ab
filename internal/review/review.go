// Package review says what a change risks. It reads what the engine says of a change (`pulumi preview --json`, or the
// engine's event log), and sorts it: what loses data first, then what interrupts users, opens a network or widens
// permissions, and last the harmless rest.
//
// Nothing that it writes holds a secret: the engine masks secrets before this package sees them, and what the engine does
// not know to be one (the data of a Kubernetes Secret, a private key in clear text) is masked here.
package review

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/cost"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Subject is what a finding is about. The order of the constants is that of a review.
type Subject string

// The subjects.
const (
	// Data: something that cannot be made again is lost.
	Data Subject = "data"
	// Loss: something else is replaced or deleted.
	Loss Subject = "loss"
	// Protection: what kept data or access safe no longer does.
	Protection Subject = "protection"
	// Network: more may reach something.
	Network Subject = "network"
	// Permission: somebody may do more.
	Permission Subject = "permission"
	// Interruption: users feel it.
	Interruption Subject = "interruption"
	// Note: good to know, and felt by nobody.
	Note Subject = "note"
	// Credential: a secret or certificate changes.
	Credential Subject = "credential"
	// Support: a version is near its end.
	Support Subject = "support"
)

var subjects = []Subject{Data, Loss, Protection, Network, Permission, Interruption, Credential, Support, Note}

// Finding is one thing that a reviewer should know.
type Finding struct {
	Subject Subject      `json:"subject"`
	URN     resource.URN `json:"urn,omitempty"`
	Kind    Kind         `json:"kind,omitempty"`
	Type    string       `json:"type,omitempty"`
	Name    string       `json:"name,omitempty"`
	// Text says what happens, in Markdown.
	Text string `json:"text"`
	// Causes are the properties that make it happen.
	Causes []Cause `json:"causes,omitempty"`
	// Lost, Downtime and Duration are filled for losses and interruptions.
	Lost     string        `json:"lost,omitempty"`
	Downtime string        `json:"downtime,omitempty"`
	Duration time.Duration `json:"durationNanoseconds,omitempty"`
	// NeedsApproval says that the change must not be merged before somebody has named the URN; Approved that it was.
	NeedsApproval bool `json:"needsApproval"`
	Approved      bool `json:"approved"`

	// always says that even a first deployment needs the approval.
	always bool
}

func newFinding(c *Change, s Subject) Finding {
	return Finding{Subject: s, URN: c.URN, Kind: c.Kind, Type: c.Type(), Name: c.Name()}
}

// Review is what a change risks.
type Review struct {
	Stack string `json:"stack"`
	// FirstDeployment says that nothing was there before.
	FirstDeployment bool `json:"firstDeployment"`
	// Verdict is one line; see Safe.
	Verdict string `json:"verdict"`
	// Counts are the changes by kind. Components, providers and the stack itself are left out.
	Counts map[Kind]int `json:"counts"`
	// Findings are in the order of their subjects, those of stateful resources first.
	Findings []Finding `json:"findings"`
	// Cost is what the change does to the cost of a month; nil where it is the same, as far as is known.
	Cost *cost.Difference `json:"cost,omitempty"`
	// Kubernetes are the changes of Kubernetes objects.
	Kubernetes []Manifest `json:"kubernetes,omitempty"`
	// Harmless are the changes that no finding is about.
	Harmless []*Change `json:"harmless"`
	// Unused are approvals of URNs that need none.
	Unused []string `json:"unusedApprovals,omitempty"`
}

// Options of a review.
type Options struct {
	// Date is the day on which versions are looked at. Zero: today.
	Date time.Time
	// Approved are URNs that somebody has approved; see Approvals.
	Approved []string
	// Charts finds the charts of releases. Without it a release shows its values alone.
	Charts Charts
}

// New reviews a preview. A preview that failed is refused: it ended early, and says nothing of the rest.
func New(p *stackdoc.Run, o Options) (*Review, error) {
	if len(p.Errors) > 0 {
		text := "review: the preview failed, and cannot be reviewed:"
		for _, e := range p.Errors {
			text += "\n" + e.String()
		}
		return nil, errors.New(text)
	}
	if o.Date.IsZero() {
		o.Date = time.Now().UTC()
	}
	changes := changesOf(p)
	r := &Review{Counts: map[Kind]int{}, FirstDeployment: first(p, changes), Findings: []Finding{}, Harmless: []*Change{}}
	for _, c := range changes {
		r.Stack = string(c.URN.Stack())
		if c.real() {
			r.Counts[c.Kind]++
		}
	}
	for _, found := range [][]Finding{
		losses(changes), unguarded(changes), wider(changes), permissions(changes), interruptions(changes),
		credentials(changes), identities(changes), support(changes, o.Date), drifts(changes), o.Charts.faults(changes),
	} {
		r.Findings = append(r.Findings, found...)
	}
	if r.FirstDeployment {
		r.relax()
	}
	r.sort()
	var err error
	if r.Kubernetes, err = manifests(changes, o.Charts); err != nil {
		return nil, err
	}
	if r.Cost, err = costs(p, o.Date); err != nil {
		return nil, err
	}
	r.approve(o.Approved)
	r.rest(changes)
	r.judge()
	return r, nil
}

// first reports whether nothing was there before. Without --show-sames the engine shows what changes and the stack alone:
// what it counts beyond what it shows was there.
func first(p *stackdoc.Run, changes []*Change) bool {
	hidden := p.Summary["same"]
	for _, s := range p.Steps {
		if s.Op == "same" {
			hidden--
		}
	}
	return len(changes) > 0 && hidden <= 0 && !slices.ContainsFunc(changes, func(c *Change) bool {
		return c.real() && c.old != nil && c.Kind != Import
	})
}

// relax lifts the need for approval from what a first deployment has to open and to allow, but for what goes too far.
func (r *Review) relax() {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Subject == Network || f.Subject == Permission {
			f.NeedsApproval = f.always
		}
	}
}

// unguarded are resources that are less protected than before.
func unguarded(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		for _, g := range guardsLost(c) {
			f := newFinding(c, Protection)
			f.NeedsApproval, f.Text = true, g.Text
			if g.Property != "" {
				f.Text = fmt.Sprintf("`%s`: %s", g.Property, g.Text)
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// interruptions are updates in place that users feel, or that have something to know about.
func interruptions(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		if c.Kind != Update {
			continue
		}
		for _, e := range effectsOf(c) {
			f := newFinding(c, Interruption)
			f.Text, f.Causes, f.Downtime, f.Duration = "updated", only(c.Causes, e.Property), e.Downtime, e.Typical
			if e.Downtime == "" {
				f.Subject, f.Text = Note, e.Note
			}
			findings = append(findings, f)
		}
	}
	return findings
}

// effectsOf returns what an update means.
func effectsOf(c *Change) []catalog.Effect {
	var felt []catalog.Effect
	seen := map[string]bool{}
	for _, e := range catalog.Of(c.Type()).Effects {
		if what := e.Downtime + e.Note; len(only(c.Causes, e.Property)) > 0 && !seen[what] {
			seen[what] = true
			if e.When != nil {
				e.Downtime += e.When(c.after())
			}
			felt = append(felt, e)
		}
	}
	return felt
}

func only(causes []Cause, property string) []Cause {
	var found []Cause
	for _, c := range causes {
		if c.Path == property || inside(c.Path, property) {
			found = append(found, c)
		}
	}
	return found
}

// identities are providers that act in another account, region or role: everything that they made is at stake.
func identities(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		if !catalog.IsProvider(c.Type()) || c.Kind != Update && c.Kind != Replace {
			continue
		}
		for _, cause := range c.Causes {
			if catalog.ActsBy(cause.Path) {
				f := newFinding(c, Protection)
				f.Causes, f.NeedsApproval = []Cause{cause}, true
				f.Text = "the provider acts elsewhere, or as somebody else"
				findings = append(findings, f)
			}
		}
	}
	return findings
}

// sort orders findings by subject, within one those that need approval first, and keeps the preview's order otherwise.
func (r *Review) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		if x := cmp.Compare(slices.Index(subjects, a.Subject), slices.Index(subjects, b.Subject)); x != 0 {
			return x
		}
		switch {
		case a.NeedsApproval == b.NeedsApproval:
			return cmp.Compare(a.URN, b.URN)
		case a.NeedsApproval:
			return -1
		}
		return 1
	})
}

// rest keeps the changes that no finding is about.
func (r *Review) rest(changes []*Change) {
	found := map[resource.URN]bool{}
	for _, f := range r.Findings {
		found[f.URN] = true
	}
	for _, c := range changes {
		if c.changes() && c.real() && !found[c.URN] {
			r.Harmless = append(r.Harmless, c)
		}
	}
}
