package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/problem"
)

// neighbour is the configuration of a stack file, whether or not the file passes the check.
type neighbour struct {
	file string
	*Config
}

// neighbours reads the stack files in a folder, except some, in the order of their names. A file that cannot be read is an
// error, as nothing can be said of it; one with problems of its own is compared all the same.
func neighbours(dir string, except ...string) ([]neighbour, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []neighbour
	for _, entry := range entries {
		stack := StackOf(entry.Name())
		if stack == "" || entry.IsDir() || slices.Contains(except, entry.Name()) {
			continue
		}
		c, err := Effective(filepath.Join(dir, entry.Name()), stack)
		if err != nil {
			return nil, fmt.Errorf("comparing with %s: %w", entry.Name(), err)
		}
		found = append(found, neighbour{entry.Name(), c})
	}
	return found, nil
}

// Effective reads a stack file with what it extends and all defaults, and checks nothing of it.
func Effective(path, stack string) (*Config, error) {
	l := newLoader(stack, nil)
	all, err := l.fileLayers(path)
	if err != nil {
		return nil, err
	}
	l.decodeLayers(all)
	l.defaults()
	return l.config, nil
}

// Collisions reports, one a line, what a stack file claims that another stack file in its folder claims as well: a range
// of addresses, a name, a host name, an Atlas project. A file under another name than its stack's is compared as if it
// stood in the place of the stack's own.
func Collisions(path, stack string) error {
	c, err := Effective(path, stack)
	if err != nil {
		return err
	}
	others, err := neighbours(filepath.Dir(path), filepath.Base(path), FileOf(stack))
	if err != nil {
		return err
	}
	own := neighbour{filepath.Base(path), c}
	if StackOf(path) == "" {
		own.file = FileOf(stack)
	}
	var problems problem.List
	for _, other := range others {
		if !own.deployable() || !other.deployable() {
			continue
		}
		add := func(path string, value any, format string, args ...any) {
			problems.Add(path, value, "is taken by %s: %s", other.file, fmt.Sprintf(format, args...))
		}
		own.collideInNetwork(other, add)
		own.collideInNames(other, add)
	}
	return problems.Err(own.file + ": ")
}

// deployable reports whether the file names where it deploys: a file that others extend need not be a stack itself.
func (n neighbour) deployable() bool {
	return n.AWS.AccountID != "" && n.AWS.Region != "" && n.Ingress.Hostname != ""
}

func (n neighbour) sameRegion(o neighbour) bool {
	return n.AWS.AccountID == o.AWS.AccountID && n.AWS.Region == o.AWS.Region
}

func (n neighbour) collideInNetwork(o neighbour, add func(string, any, string, ...any)) {
	mine, ok := parseCIDR(n.Network.NodeCIDR)
	theirs, alsoOK := parseCIDR(o.Network.NodeCIDR)
	if !ok || !alsoOK || !mine.Overlaps(theirs) || n.sameVPC(o) {
		return
	}
	if n.sameRegion(o) {
		add("network.nodeCidr", n.Network.NodeCIDR, "its network.nodeCidr %s is in the same account %s and region %s",
			o.Network.NodeCIDR, n.AWS.AccountID, n.AWS.Region)
	} else if shared := n.sharedResolver(o); shared != "" {
		add("network.nodeCidr", n.Network.NodeCIDR, "its network.nodeCidr %s reaches the same on-premises network, by resolver %s",
			o.Network.NodeCIDR, shared)
	}
}

// sameVPC reports whether both use one existing VPC, and so one range.
func (n neighbour) sameVPC(o neighbour) bool {
	return n.Network.Existing != nil && o.Network.Existing != nil && n.Network.Existing.VpcID == o.Network.Existing.VpcID
}

// sharedResolver returns an on-premises resolver that both ask, or "".
func (n neighbour) sharedResolver(o neighbour) string {
	if n.Network.DNS.Mode == "none" || o.Network.DNS.Mode == "none" {
		return ""
	}
	for _, ip := range n.Network.DNS.Resolvers {
		if slices.Contains(o.Network.DNS.Resolvers, ip) {
			return ip
		}
	}
	return ""
}

func (n neighbour) collideInNames(o neighbour, add func(string, any, string, ...any)) {
	if n.sameRegion(o) {
		if n.Name == o.Name {
			add("name", n.Name, "cluster, database, load balancer, buckets and Atlas project would have the same names in account %s, %s",
				n.AWS.AccountID, n.AWS.Region)
		} else if n.Registry.PathPrefix == o.Registry.PathPrefix {
			add("registry.pathPrefix", n.Registry.PathPrefix, "the repositories would have the same names in account %s, %s",
				n.AWS.AccountID, n.AWS.Region)
		}
	}
	if n.Atlas.ProjectID != "" && n.Atlas.ProjectID == o.Atlas.ProjectID {
		add("atlas.projectId", n.Atlas.ProjectID, "its atlas.projectId names the same project")
	}
	if strings.EqualFold(n.Ingress.Hostname, o.Ingress.Hostname) {
		add("ingress.hostname", n.Ingress.Hostname, "a name leads to one load balancer")
	}
}

// FreeNodeCIDR proposes the next range of nodes that no stack file in dir uses: of the size that like has, from
// 10.20.0.0 upwards and then from 10.0.0.0. Ranges that hold an on-premises resolver are left out.
func FreeNodeCIDR(dir, like string) (string, error) {
	size, ok := parseCIDR(like)
	if !ok {
		return "", fmt.Errorf("network.nodeCidr: %q: %s", like, checkCIDR(like))
	}
	others, err := neighbours(dir)
	if err != nil {
		return "", err
	}
	var taken []netip.Prefix
	for _, o := range others {
		for _, text := range append([]string{o.Network.NodeCIDR}, hosts(o.Network.DNS.Resolvers)...) {
			if prefix, ok := parseCIDR(text); ok {
				taken = append(taken, prefix)
			}
		}
	}
	first := netip.MustParsePrefix(defaultNodeCIDR).Addr().As4()
	for i := range 1 << (size.Bits() - nodeSpace.Bits()) {
		step := uint32(i) << (32 - size.Bits())
		offset := uint32(first[1])<<16 + step
		a := [4]byte{first[0], byte(offset >> 16), byte(offset >> 8), byte(offset)}
		candidate := netip.PrefixFrom(netip.AddrFrom4(a), size.Bits())
		if !slices.ContainsFunc(taken, candidate.Overlaps) {
			return candidate.String(), nil
		}
	}
	return "", fmt.Errorf("network.nodeCidr: %s has no free /%d left among the %d stack files", nodeSpace, size.Bits(), len(others))
}

func hosts(addresses []string) []string {
	var out []string
	for _, a := range addresses {
		out = append(out, a+"/32")
	}
	return out
}
