package review

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// opening lets sources reach ports of a target.
type opening struct {
	// target is a security group's id, or what else is opened.
	target, protocol string
	from, to         int
	// prefixes are IPv4 and IPv6 networks, others security groups, prefix lists and what else cannot be compared.
	prefixes []netip.Prefix
	others   []string
	change   *Change
}

// openings of a resource's inputs: whom it lets in.
func openings(c *Change, in map[string]any) []opening {
	if in == nil {
		return nil
	}
	switch c.Type() {
	case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
		return []opening{rule(c, in, in["securityGroupId"], "ipProtocol")}
	case "aws:ec2/securityGroupRule:SecurityGroupRule":
		if in["type"] == "ingress" {
			return []opening{rule(c, in, in["securityGroupId"], "protocol")}
		}
	case "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup":
		rules, _ := in["ingress"].([]any)
		var found []opening
		for _, r := range rules {
			if r, ok := r.(map[string]any); ok {
				found = append(found, rule(c, r, string(c.URN), "protocol"))
			}
		}
		return found
	case "aws:eks/cluster:Cluster":
		vpc, _ := in["vpcConfig"].(map[string]any)
		if vpc["endpointPublicAccess"] == true {
			cidrs := vpc["publicAccessCidrs"]
			if cidrs == nil {
				cidrs = []any{"0.0.0.0/0"} // the service's default
			}
			return []opening{between(c, "the Kubernetes API", 443, cidrs)}
		}
	case "aws:rds/instance:Instance":
		if in["publiclyAccessible"] == true {
			return []opening{between(c, "the database's public address", 5432, []any{"0.0.0.0/0"})}
		}
	case "aws:lb/loadBalancer:LoadBalancer":
		if internal, known := in["internal"]; known && internal == false || !known {
			return []opening{between(c, "the load balancer's public addresses", 443, []any{"0.0.0.0/0"})}
		}
	case "aws:ec2/subnet:Subnet":
		if in["mapPublicIpOnLaunch"] == true {
			return []opening{between(c, "public addresses in the subnet", 0, []any{"0.0.0.0/0"})}
		}
	case "mongodbatlas:index/projectIpAccessList:ProjectIpAccessList":
		return []opening{between(c, "MongoDB Atlas", 27017, []any{in["cidrBlock"], in["ipAddress"]})}
	}
	return nil
}

// between is an opening of something that is no security group.
func between(c *Change, target string, port int, sources any) opening {
	o := opening{target: target, protocol: "tcp", from: port, to: port, change: c}
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
	for _, key := range []string{
		"cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks", "prefixListId", "prefixListIds", "referencedSecurityGroupId",
		"sourceSecurityGroupId", "securityGroups",
	} {
		o.admit(in[key])
	}
	if in["self"] == true {
		o.others = append(o.others, "itself")
	}
	return o
}

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
			o.others = append(o.others, v)
		}
	}
}

// covers reports whether an opening was there before: same target and protocol, and no port more.
func (o opening) covers(p opening) bool {
	return o.target == p.target && (o.protocol == "-1" || o.protocol == p.protocol && o.from <= p.from && o.to >= p.to)
}

// wider returns what is let in after a change, and was not before. What stays as it is counts as before, so that a rule
// that another repeats opens nothing.
func wider(changes []*Change) []Finding {
	var before, after []opening
	for _, c := range changes {
		before = append(before, openings(c, c.before())...)
		if c.changes() {
			after = append(after, openings(c, c.after())...)
		}
	}
	var findings []Finding
	for _, o := range after {
		if sources := o.added(before); len(sources) > 0 {
			findings = append(findings, o.finding(sources))
		}
	}
	return findings
}

// added returns the sources that no opening of before lets in.
func (o opening) added(before []opening) []string {
	var prefixes []netip.Prefix
	var others []string
	for _, b := range before {
		if b.covers(o) {
			prefixes, others = append(prefixes, b.prefixes...), append(others, b.others...)
		}
	}
	var added []string
	for _, p := range o.prefixes {
		if !within(p, prefixes) {
			added = append(added, p.String())
		}
	}
	for _, other := range o.others {
		if !slices.Contains(others, other) {
			added = append(added, other)
		}
	}
	return added
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

func (o opening) finding(sources []string) Finding {
	f := newFinding(o.change, Network)
	where := o.target
	if strings.HasPrefix(where, "urn:") || strings.HasPrefix(where, "sg-") || unknown(where) {
		where = ""
	}
	f.Text = fmt.Sprintf("opens %s to %s", join(o.ports(), where, " of "), readable(sources))
	everybody := slices.ContainsFunc(sources, func(s string) bool { return strings.HasSuffix(s, "/0") })
	if everybody {
		f.Text += ": everybody"
	}
	// A first deployment has to open something; only the whole internet needs a second look there.
	f.NeedsApproval = everybody || o.external()
	return f
}

// external reports whether the opening is for addresses, and not for another security group alone.
func (o opening) external() bool { return len(o.prefixes) > 0 }

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

func readable(sources []string) string {
	shown := make([]string, len(sources))
	for i, s := range sources {
		shown[i] = s
		if unknown(s) {
			shown[i] = "something known after up"
		}
	}
	return strings.Join(shown, ", ")
}
