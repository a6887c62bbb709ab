// Package cidr says what is right of ranges of IPv4 addresses: their form, their place and size, and which is still free.
package cidr

import (
	"fmt"
	"net/netip"
	"slices"
)

// Space is where a range must lie, and how large it may be: from /Largest to /Smallest.
type Space struct {
	Within            netip.Prefix
	Largest, Smallest int
}

// Nodes and Pods are the spaces of a VPC's primary and secondary range: what AWS accepts, and holds the subnets
// (docs/facts.md §4).
var (
	Nodes = Space{netip.MustParsePrefix("10.0.0.0/8"), 16, 22}
	Pods  = Space{netip.MustParsePrefix("100.64.0.0/10"), 16, 20}
)

// Wrong returns what is wrong with a range as text, or "": what is no IPv4 range, or has host bits.
func Wrong(text string) string {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !prefix.Addr().Is4():
		return "must be an IPv4 CIDR such as 10.20.0.0/16"
	case prefix != prefix.Masked():
		return fmt.Sprintf("must not have host bits; did you mean %s?", prefix.Masked())
	}
	return ""
}

// WrongAddress returns what is wrong with an address as text, or "".
func WrongAddress(text string) string {
	if address, err := netip.ParseAddr(text); err != nil || !address.Is4() {
		return "must be an IPv4 address"
	}
	return ""
}

// Parse reads a range, and reports whether it is one.
func Parse(text string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(text)
	return prefix, err == nil && Wrong(text) == ""
}

// Overlap reports whether two texts are ranges that have addresses in common.
func Overlap(a, b string) bool {
	one, ok := Parse(a)
	other, alsoOK := Parse(b)
	return ok && alsoOK && one.Overlaps(other)
}

// Wrong returns what is wrong with a range for the space, or "". What is no range is none of its business: Wrong has said so.
func (s Space) Wrong(text string) string {
	prefix, ok := Parse(text)
	inside := s.Within.Bits() <= prefix.Bits() && s.Within.Contains(prefix.Addr())
	if !ok || inside && prefix.Bits() >= s.Largest && prefix.Bits() <= s.Smallest {
		return ""
	}
	return fmt.Sprintf("must be a /%d to /%d inside %s", s.Largest, s.Smallest, s.Within)
}

// Holds reports whether a text is a range of the space.
func (s Space) Holds(text string) bool { return Wrong(text) == "" && s.Wrong(text) == "" }

// Free returns the first range of /bits in the space that overlaps none of those taken, from first upwards and then from the
// start of the space.
func (s Space) Free(first netip.Addr, bits int, taken []netip.Prefix) (netip.Prefix, bool) {
	base, size := number(s.Within.Addr()), uint32(1)<<(32-s.Within.Bits())
	for i := range 1 << (bits - s.Within.Bits()) {
		offset := (number(first) - base + uint32(i)<<(32-bits)) % size
		candidate := netip.PrefixFrom(address(base+offset), bits)
		if !slices.ContainsFunc(taken, candidate.Overlaps) {
			return candidate, true
		}
	}
	return netip.Prefix{}, false
}

func number(a netip.Addr) uint32 {
	b := a.As4()
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

func address(n uint32) netip.Addr {
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}
