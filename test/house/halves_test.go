package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program must stay quick to compile: the first two cost more than everything else together.
var slow = []string{
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/wafv2",
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/helm/v3",
}

func TestTheProgramLinksNothingOfItsCompanion(t *testing.T) {
	linked := list(t, "-deps", module)
	require.Contains(t, linked, "github.com/pulumi/pulumi-eks/sdk/v3/go/eks", "go list must have listed the program")
	for _, p := range linked {
		for _, foreign := range []string{module + "/internal/", module + "/cmd/", module + "/test/", "helm.sh/helm/", "k8s.io/client-go/"} {
			assert.False(t, strings.HasPrefix(p, foreign), "the program links %s", p)
		}
	}
	for _, p := range append(linked, list(t, "-deps", module+"/cmd/bpactl")...) {
		assert.NotContains(t, slow, p)
	}
}

// alike are packages that rightly have nearly the same name, with the reason.
var alike = map[string]string{
	"components/atlas internal/sim/atlas": "the component, and the cloud that it is rehearsed on",
	"internal/sim/platform test/platform": "the platform in a rehearsal, and what is proven of it",
}

// stem is a package's name without the endings by which twins differ.
func stem(name string) string {
	for _, ending := range []string{"ing", "ed", "al", "s", "e", "d"} {
		if rest, found := strings.CutSuffix(name, ending); found && len(rest) > 2 {
			return rest
		}
	}
	return name
}

// A reader who looks for "upgrade" must not find two.
func TestNoTwoPackagesHaveTwinNames(t *testing.T) {
	packages := map[string][]string{}
	for _, p := range list(t, "./...") {
		if p = strings.TrimPrefix(strings.TrimPrefix(p, module), "/"); p != "" {
			packages[stem(path.Base(p))] = append(packages[stem(path.Base(p))], p)
		}
	}
	for _, twins := range packages {
		slices.Sort(twins)
		if len(twins) > 1 {
			assert.NotEmpty(t, alike[strings.Join(twins, " ")], fmt.Sprint(twins))
		}
	}
}
