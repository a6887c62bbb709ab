package platform_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The resource graph of each stack file, as the engine recorded it: a reviewer sees in testdata what a change adds,
// removes, moves, protects or orders anew. `make golden` refreshes the files.
func TestGoldenResourceGraph(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			got := graph(cycle(t, stack).state)
			file := filepath.Join("testdata", stack+".graph")
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), got, "if the change is meant, run `make golden`")
		})
	}
}

// graph renders resources as a tree by parent, sorted, with provider, protection and dependencies.
func graph(state []*stackdoc.Resource) string {
	children := map[resource.URN][]*stackdoc.Resource{}
	for _, e := range state {
		children[e.Parent] = append(children[e.Parent], e)
	}
	var b strings.Builder
	var walk func(parent resource.URN, indent string)
	walk = func(parent resource.URN, indent string) {
		slices.SortFunc(children[parent], func(a, b *stackdoc.Resource) int { return strings.Compare(label(a.URN), label(b.URN)) })
		for _, e := range children[parent] {
			b.WriteString(indent + label(e.URN))
			if e.Provider != "" {
				fmt.Fprintf(&b, " (%s)", e.ProviderURN().Name())
			}
			if e.Protect {
				b.WriteString(" protected")
			}
			b.WriteString("\n")
			var after []string
			for _, d := range e.Dependencies {
				after = append(after, label(d))
			}
			slices.Sort(after)
			for _, d := range after {
				b.WriteString(indent + "  < " + d + "\n")
			}
			walk(e.URN, indent+"    ")
		}
	}
	walk("", "")
	return b.String()
}

func label(urn resource.URN) string { return string(urn.Type()) + " " + urn.Name() }
