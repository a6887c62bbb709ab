package stackfile

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"

	"github.com/bpa-on-aws/platform/infra/cidr"
	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// neighbour is the configuration of a stack file, whether or not the file passes the check.
type neighbour struct {
	file string
	*config.Config
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
func Effective(path, stack string) (*config.Config, error) {
	l := newLoader(stack, nil)
	all, err := l.fileLayers(path)
	if err != nil {
		return nil, err
	}
	l.decodeLayers(all)
	l.config.Complete(l.Reading)
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
		own.Collide(other.Config, func(path string, value any, format string, args ...any) {
			problems.Add(path, value, "is taken by %s: %s", other.file, fmt.Sprintf(format, args...))
		})
	}
	return problems.Err(own.file + ": ")
}

// FreeNodeCIDR proposes the next range of nodes that no stack file in dir uses: of the size that like has, from
// 10.20.0.0 upwards and then from 10.0.0.0. Ranges that hold an on-premises resolver are left out.
func FreeNodeCIDR(dir, like string) (string, error) {
	size, ok := cidr.Parse(like)
	if !ok {
		return "", fmt.Errorf("network.nodeCidr: %q: %s", like, cidr.Wrong(like))
	}
	others, err := neighbours(dir)
	if err != nil {
		return "", err
	}
	var taken []netip.Prefix
	for _, o := range others {
		if prefix, ok := cidr.Parse(o.Network.NodeCIDR); ok {
			taken = append(taken, prefix)
		}
		for _, resolver := range o.Network.DNS.Resolvers {
			if prefix, ok := cidr.Parse(resolver + "/32"); ok {
				taken = append(taken, prefix)
			}
		}
	}
	usual, _ := config.Defaults()
	first, _ := cidr.Parse(usual.Network.NodeCIDR)
	free, ok := cidr.Nodes.Free(first.Addr(), size.Bits(), taken)
	if !ok {
		return "", fmt.Errorf("network.nodeCidr: %s has no free /%d left among the %d stack files",
			cidr.Nodes.Within, size.Bits(), len(others))
	}
	return free.String(), nil
}
