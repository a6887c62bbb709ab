package config

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// graviton matches the families with Arm processors: a g follows the generation.
	graviton = regexp.MustCompile(`^(?:a1|[a-z]+[0-9]+g[a-z]*)$`)
	// xen are the families before Nitro. Their volumes have no link by id, by which a node finds its /opt (R25).
	// Source: EC2 user guide, instance types built on the Nitro System.
	xen = strings.Fields("c1 c3 c4 d2 f1 g2 g3 g3s h1 hs1 i2 i3 m1 m2 m3 m4 p2 p3 r3 r4 t1 t2 x1 x1e")
)

// checkInstance: a machine image is for one kind of processor, and Auto Scaling only finds out when it launches. Pinned says
// that the image is the program's choice, which is for x86-64.
func (l *loader) checkInstance(path, instanceType string, pinned bool) {
	family, _, _ := strings.Cut(instanceType, ".")
	l.problems.Require(!pinned || !graviton.MatchString(family), path, instanceType,
		"must have x86-64 processors, as the machine image is for them; %s has Arm", family)
	l.problems.Require(!slices.Contains(xen, family), path, instanceType, "must be built on Nitro, as m6i, m7i or t3 are")
}
