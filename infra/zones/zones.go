// Package zones says which availability zones a stack runs in (R01).
package zones

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// Count is how many availability zones BPA runs in (R01).
const Count = 3

// Zone is an availability zone of a region: its name in an account, such as us-east-1e, and its id, which is the same in all
// accounts, such as use1-az3.
type Zone struct{ Name, ID string }

// withoutControlPlane are the ids of zones in which EKS takes no subnet of a control plane. Source: EKS user guide, "View Amazon
// EKS networking requirements for VPC and subnets", subnet requirements for clusters.
var withoutControlPlane = []string{"use1-az3", "usw1-az2", "cac1-az3"}

// TakesControlPlane reports whether EKS takes subnets of a control plane in the zone.
func (z Zone) TakesControlPlane() bool { return !slices.Contains(withoutControlPlane, z.ID) }

// Of reports whether a zone is one of a region by its name, as us-west-2a is of us-west-2.
func Of(region, zone string) bool {
	letter, ok := strings.CutPrefix(zone, region)
	return ok && len(letter) == 1 && letter >= "a" && letter <= "z"
}

// First returns the names of the zones that a stack takes of those that a region offers: the first by name that take a control
// plane. It is not ok where there are too few.
func First(offered []Zone) (taken []string, ok bool) {
	sorted := slices.SortedFunc(slices.Values(offered), func(a, b Zone) int { return cmp.Compare(a.Name, b.Name) })
	for _, z := range sorted {
		if z.TakesControlPlane() && len(taken) < Count {
			taken = append(taken, z.Name)
		}
	}
	return taken, len(taken) == Count
}

// OfNode returns the zone of a node that names none, or "" where no zone is known. It depends on the node's name alone: node-1
// to node-3 are in the zones in turn, and so is whatever ends in a number. A volume cannot move, so a node that is added or
// removed must not shift the others.
func OfNode(zones []string, name string) string {
	if len(zones) == 0 {
		return ""
	}
	_, number, _ := strings.Cut(name, "-")
	if n, err := strconv.Atoi(number[strings.LastIndex(number, "-")+1:]); err == nil && n > 0 {
		return zones[(n-1)%len(zones)]
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))                    // documented never to fail
	return zones[int(sum.Sum32()%uint32(len(zones)))] //nolint:gosec // three zones, not 2^32
}
