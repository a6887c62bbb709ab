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

// Zone is an availability zone of a region.
type Zone struct {
	// Name is that in an account, such as us-east-1e, ID the same in all accounts, such as use1-az3.
	Name, ID string
	// Lacks are the instance types of the stack that EC2 does not offer here.
	Lacks []string
	// NoDatabase says that RDS does not sell the stack's class with its version here.
	NoDatabase bool
}

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

// OffersAll reports whether the zone has all that a stack asks of it.
func (z Zone) OffersAll() bool { return z.TakesControlPlane() && len(z.Lacks) == 0 && !z.NoDatabase }

// Wants says what the zone does not have of what a stack asks for, or "".
func (z Zone) Wants() string {
	var list []string
	if !z.TakesControlPlane() {
		list = append(list, "a control plane of EKS")
	}
	list = append(list, z.Lacks...)
	if z.NoDatabase {
		list = append(list, "the database's class")
	}
	return strings.Join(list, ", ")
}

// Names returns the names of zones, in their order.
func Names(list []Zone) []string {
	names := make([]string, len(list))
	for i, z := range list {
		names[i] = z.Name
	}
	return names
}

// First returns the names of the zones that a stack takes of those that a region offers: the first by name that have all it asks
// for. Where those are too few, zones join that lack the database's class alone, as long as enough have it for the database: RDS
// places an instance, and its standby, in those of its subnets that have it. It is not ok where there are too few.
func First(offered []Zone, database int) (taken []string, ok bool) {
	rank := func(z Zone) int {
		switch {
		case z.OffersAll():
			return 0
		case z.TakesControlPlane() && len(z.Lacks) == 0:
			return 1
		}
		return 2
	}
	sorted := slices.SortedFunc(slices.Values(offered), func(a, b Zone) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name))
	})
	for _, z := range sorted {
		if rank(z) < 2 && len(taken) < Count {
			taken = append(taken, z.Name)
			if !z.NoDatabase {
				database--
			}
		}
	}
	slices.Sort(taken)
	return taken, len(taken) == Count && database <= 0
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
