package catalog

import (
	"fmt"
	"net/netip"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Opening lets sources reach ports of a target.
type Opening struct {
	// Target tells what is opened from everything else: a security group's id, or a URN. Label says it, where a rule's own
	// name does not. Ports are of the protocol, "-1" standing for all of them; from 0 to 0 is all as well.
	Target          any
	Label, Protocol string
	From, To        int
	// Prefixes are IPv4 and IPv6 networks, Lists are prefix lists and networks that are not known yet, Others security
	// groups and what else names no address.
	Prefixes      []netip.Prefix
	Lists, Others []any
	// Out says that it is a way out: the prefixes are where to. Harmless says that a new target exposes nothing by itself.
	Out, Harmless bool
}

// everybody is every address there is.
var everybody = []any{"0.0.0.0/0"}

// exposes reads the openings in a resource's inputs.
type exposes = func(urn string, in map[string]any) []Opening

// opens is an opening of something that is no security group. Port 0 stands for all.
func opens(urn, label string, port int, sources any) []Opening {
	o := Opening{Target: urn, Label: label, Protocol: "tcp", From: port, To: port}
	o.admit(sources)
	return []Opening{o}
}

// rule reads a rule of a security group, in any of its three forms.
func rule(in map[string]any, target any, protocol string) Opening {
	o := Opening{
		Target: target, Protocol: fmt.Sprint(in[protocol]), From: property.Int(in, "fromPort"), To: property.Int(in, "toPort"),
	}
	if o.Protocol == "-1" || o.Protocol == "all" {
		o.Protocol, o.From, o.To = "-1", 0, 65535
	}
	if name, known := protocols[o.Protocol]; known {
		o.Protocol = name
	}
	for _, key := range []string{"cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks", "prefixListId", "prefixListIds"} {
		o.admit(in[key])
	}
	for _, key := range []string{"referencedSecurityGroupId", "sourceSecurityGroupId", "securityGroups"} {
		o.Others = append(o.Others, property.OneOrMore(in, key)...)
	}
	if in["self"] == true {
		o.Others = append(o.Others, "itself")
	}
	return o
}

// protocols by number. Source: IANA, Protocol Numbers.
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

// admit adds sources: one or a list.
func (o *Opening) admit(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			o.admit(e)
		}
	case stackdoc.Unknown, stackdoc.Secret:
		o.Lists = append(o.Lists, v)
	case string:
		if p, err := netip.ParsePrefix(v); err == nil {
			o.Prefixes = append(o.Prefixes, p.Masked())
		} else if a, err := netip.ParseAddr(v); err == nil {
			o.Prefixes = append(o.Prefixes, netip.PrefixFrom(a, a.BitLen()))
		} else if v != "" {
			o.Lists = append(o.Lists, v)
		}
	}
}

// ways turns rules into ways out, or leaves them as ways in.
func ways(out bool, rules ...Opening) []Opening {
	for i := range rules {
		rules[i].Out = out
	}
	return rules
}

// may reports whether a switch is on, or may be: it is not known yet, or is left out and on by default.
func may(in map[string]any, key string, otherwise bool) bool {
	v, given := in[key]
	return !given && otherwise || v == true || stackdoc.IsUnknown(v)
}

// public reads a switch that gives a public address.
func public(key, label string, port int) exposes {
	return func(urn string, in map[string]any) []Opening {
		if !may(in, key, false) {
			return nil
		}
		return opens(urn, label, port, everybody)
	}
}

// possible marks what exposes nothing until something is launched in it.
func possible(read exposes) exposes {
	return func(urn string, in map[string]any) []Opening {
		found := read(urn, in)
		for i := range found {
			found[i].Harmless = true
		}
		return found
	}
}
