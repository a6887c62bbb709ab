package review

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// opening is an opening that a resource makes, before or after its change.
type opening struct {
	catalog.Opening
	change *Change
}

// openings of a resource's inputs: whom it lets in or out.
func openings(c *Change, in map[string]any) []opening {
	read := catalog.Of(c.Type()).Exposes
	if in == nil || read == nil {
		return nil
	}
	var found []opening
	for _, o := range read(string(c.URN), in) {
		found = append(found, opening{o, c})
	}
	return found
}

// covers reports whether one opening of a target opens as much as another: same direction and protocol, and no port less.
func (o opening) covers(p opening) bool {
	return o.Out == p.Out && (o.Protocol == "-1" || o.Protocol == p.Protocol && o.From <= p.From && o.To >= p.To)
}

// fresh reports whether what is opened is made by the same change, so that nothing uses it yet.
func (o opening) fresh() bool {
	return o.change.Kind == Create && (stackdoc.IsUnknown(o.Target) || o.Target == string(o.change.URN))
}

// wider returns what is let in or out after a change, and was not before. What stays as it is counts as before, so that a
// rule that another repeats opens nothing. A rule that moves along with its replaced group is compared with itself: the
// group's new id is not known yet.
func wider(changes []*Change) []Finding {
	before := map[any][]opening{}
	for _, c := range changes {
		for _, o := range openings(c, c.before()) {
			before[o.Target] = append(before[o.Target], o)
		}
	}
	var findings []Finding
	for _, c := range changes {
		if !c.changes() {
			continue
		}
		for _, o := range openings(c, c.after()) {
			was := before[o.Target]
			if stackdoc.IsUnknown(o.Target) {
				was = openings(c, c.before())
			}
			if addresses, others := o.added(was); len(addresses)+len(others) > 0 {
				findings = append(findings, o.finding(addresses, others))
			}
		}
	}
	return findings
}

// added returns the sources that no opening of before lets in: those that are addresses, and those that are not.
func (o opening) added(before []opening) (addresses, others []any) {
	var was opening
	for _, b := range before {
		if b.covers(o) {
			was.Prefixes, was.Lists = append(was.Prefixes, b.Prefixes...), append(was.Lists, b.Lists...)
			was.Others = append(was.Others, b.Others...)
		}
	}
	for _, p := range o.Prefixes {
		if !within(p, was.Prefixes) {
			addresses = append(addresses, p.String())
		}
	}
	for _, list := range o.Lists {
		if stackdoc.IsUnknown(list) || !slices.Contains(was.Lists, list) {
			addresses = append(addresses, list)
		}
	}
	for _, other := range o.Others {
		if !slices.Contains(was.Others, other) {
			others = append(others, other)
		}
	}
	return addresses, others
}

// within reports whether networks cover all of p: one of them, or both halves of p each.
func within(p netip.Prefix, networks []netip.Prefix) bool {
	overlaps := false
	for _, n := range networks {
		if n.Bits() <= p.Bits() && n.Contains(p.Addr()) {
			return true
		}
		overlaps = overlaps || n.Overlaps(p)
	}
	if !overlaps || p.Bits() == p.Addr().BitLen() {
		return false
	}
	low := netip.PrefixFrom(p.Addr(), p.Bits()+1)
	bytes := p.Addr().AsSlice()
	bytes[p.Bits()/8] |= 0x80 >> (p.Bits() % 8)
	upper, _ := netip.AddrFromSlice(bytes)
	return within(low, networks) && within(netip.PrefixFrom(upper, p.Bits()+1), networks)
}

func (o opening) finding(addresses, others []any) Finding {
	f := newFinding(o.change, Network)
	verb, all := "opens", "everybody"
	if o.Out {
		verb, all = "lets out", "anywhere"
	}
	f.Text = fmt.Sprintf("%s %s to %s", verb, join(o.ports(), o.Label, " of "), readable(slices.Concat(addresses, others)))
	if slices.ContainsFunc(addresses, func(a any) bool { return strings.HasSuffix(fmt.Sprint(a), "/0") }) {
		f.Text += ": " + all
		// A first deployment has to open something; only the whole internet needs a second look there.
		f.always = !o.Out
	}
	// Another security group lets in what is in this network already.
	f.NeedsApproval = len(addresses) > 0 && (!o.fresh() || !o.Out && !o.Harmless)
	return f
}

func (o opening) ports() string {
	switch {
	case o.Protocol == "-1":
		return "every port"
	case o.From == 0 && o.To == 0:
		return "all"
	case o.Protocol == "icmp" || o.Protocol == "icmpv6":
		return o.Protocol
	}
	protocol := o.Protocol
	if protocol != "tcp" && protocol != "udp" {
		protocol = code(protocol)
	}
	if o.From == o.To {
		return fmt.Sprintf("%s port %d", protocol, o.From)
	}
	return fmt.Sprintf("%s ports %d-%d", protocol, o.From, o.To)
}

func join(a, b, between string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}

// notYet stands for a name that is unknown.
const notYet = "something known after up"

// readable writes addresses and names, of which only the former need no quotes.
func readable(sources []any) string {
	shown := make([]string, len(sources))
	for i, source := range sources {
		text := fmt.Sprint(source)
		_, err := netip.ParsePrefix(text)
		switch {
		case stackdoc.IsUnknown(source):
			shown[i] = notYet
		case err == nil || text == "itself":
			shown[i] = text
		default:
			shown[i] = code(text)
		}
	}
	return strings.Join(shown, ", ")
}

// named quotes the names that a property holds: one, or a list of them.
func named(v any) string { return readable(property.OneOrMore(v)) }

// spoken writes a phrase with its names quoted.
func spoken(p catalog.Phrase) string {
	names := make([]any, len(p.Names))
	for i, name := range p.Names {
		names[i] = named(name)
	}
	return fmt.Sprintf(p.Form, names...)
}
