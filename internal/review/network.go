package review

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/internal/unknown"
)

// opening lets sources reach ports of a target.
type opening struct {
	// target tells what is opened from everything else: a security group's id, or a URN. Label says it, where a rule's own
	// name does not.
	target, label, protocol string
	from, to                int
	// prefixes are IPv4 and IPv6 networks, lists are prefix lists and networks that are not known yet, others security
	// groups and what else names no address.
	prefixes      []netip.Prefix
	lists, others []string
	// out says that it is a way out: the prefixes are where to. Harmless says that a new target exposes nothing by itself.
	out, harmless bool
	change        *Change
}

// between is an opening of something that is no security group. Port 0 stands for all.
func between(c *Change, label string, port int, sources any) opening {
	o := opening{target: string(c.URN), label: label, protocol: "tcp", from: port, to: port, change: c}
	o.admit(sources)
	return o
}

// rule reads a rule of a security group, in any of its three forms.
func rule(c *Change, in map[string]any, target any, protocol string) opening {
	o := opening{
		target:   fmt.Sprint(target),
		protocol: fmt.Sprint(in[protocol]),
		from:     number(in["fromPort"]),
		to:       number(in["toPort"]),
		change:   c,
	}
	if o.protocol == "-1" || o.protocol == "all" {
		o.protocol, o.from, o.to = "-1", 0, 65535
	}
	if name, known := protocols[o.protocol]; known {
		o.protocol = name
	}
	for _, key := range []string{"cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks", "prefixListId", "prefixListIds"} {
		o.admit(in[key])
	}
	for _, key := range []string{"referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups"} {
		o.others = append(o.others, texts(in[key])...)
	}
	if in["self"] == true {
		o.others = append(o.others, "itself")
	}
	return o
}

// protocols by number. Source: IANA, Protocol Numbers.
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

// admit adds sources: one or a list.
func (o *opening) admit(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			o.admit(e)
		}
	case string:
		if p, err := netip.ParsePrefix(v); err == nil {
			o.prefixes = append(o.prefixes, p.Masked())
		} else if a, err := netip.ParseAddr(v); err == nil {
			o.prefixes = append(o.prefixes, netip.PrefixFrom(a, a.BitLen()))
		} else if v != "" {
			o.lists = append(o.lists, v)
		}
	}
}

// covers reports whether one opening of a target opens as much as another: same direction and protocol, and no port less.
func (o opening) covers(p opening) bool {
	return o.out == p.out && (o.protocol == "-1" || o.protocol == p.protocol && o.from <= p.from && o.to >= p.to)
}

// fresh reports whether what is opened is made by the same change, so that nothing uses it yet.
func (o opening) fresh() bool {
	return o.change.Kind == Create && (unknown.Is(o.target) || o.target == string(o.change.URN))
}

// wider returns what is let in or out after a change, and was not before. What stays as it is counts as before, so that a
// rule that another repeats opens nothing. A rule that moves along with its replaced group is compared with itself: the
// group's new id is not known yet.
func wider(changes []*Change) []Finding {
	before := map[string][]opening{}
	for _, c := range changes {
		for _, o := range openings(c, c.before()) {
			before[o.target] = append(before[o.target], o)
		}
	}
	var findings []Finding
	for _, c := range changes {
		if !c.changes() {
			continue
		}
		for _, o := range openings(c, c.after()) {
			was := before[o.target]
			if unknown.Is(o.target) {
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
func (o opening) added(before []opening) (addresses, others []string) {
	var was opening
	for _, b := range before {
		if b.covers(o) {
			was.prefixes, was.lists = append(was.prefixes, b.prefixes...), append(was.lists, b.lists...)
			was.others = append(was.others, b.others...)
		}
	}
	for _, p := range o.prefixes {
		if !within(p, was.prefixes) {
			addresses = append(addresses, p.String())
		}
	}
	for _, list := range o.lists {
		if unknown.Is(list) || !slices.Contains(was.lists, list) {
			addresses = append(addresses, list)
		}
	}
	for _, other := range o.others {
		if !slices.Contains(was.others, other) {
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

func (o opening) finding(addresses, others []string) Finding {
	f := newFinding(o.change, Network)
	verb, all := "opens", "everybody"
	if o.out {
		verb, all = "lets out", "anywhere"
	}
	f.Text = fmt.Sprintf("%s %s to %s", verb, join(o.ports(), o.label, " of "), readable(slices.Concat(addresses, others)))
	if slices.ContainsFunc(addresses, func(s string) bool { return strings.HasSuffix(s, "/0") }) {
		f.Text += ": " + all
		// A first deployment has to open something; only the whole internet needs a second look there.
		f.always = !o.out
	}
	// Another security group lets in what is in this network already.
	f.NeedsApproval = len(addresses) > 0 && (!o.fresh() || !o.out && !o.harmless)
	return f
}

func (o opening) ports() string {
	switch {
	case o.protocol == "-1":
		return "every port"
	case o.from == 0 && o.to == 0:
		return "all"
	case o.protocol == "icmp" || o.protocol == "icmpv6":
		return o.protocol
	case o.from == o.to:
		return fmt.Sprintf("%s port %d", o.protocol, o.from)
	}
	return fmt.Sprintf("%s ports %d-%d", o.protocol, o.from, o.to)
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
func readable(sources []string) string {
	shown := make([]string, len(sources))
	for i, s := range sources {
		_, err := netip.ParsePrefix(s)
		switch {
		case unknown.Is(s):
			shown[i] = notYet
		case err == nil || s == "itself":
			shown[i] = s
		default:
			shown[i] = code(s)
		}
	}
	return strings.Join(shown, ", ")
}
