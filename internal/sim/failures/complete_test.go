package failures

import (
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/bpa-on-aws/platform/internal/sim/atlas"
	"github.com/bpa-on-aws/platform/internal/sim/aws"
	"github.com/bpa-on-aws/platform/internal/sim/kubernetes"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
	"github.com/bpa-on-aws/platform/internal/sim/random"
)

// fired remembers which rules have refused something.
type fired struct {
	mu    sync.Mutex
	rules map[string]bool
}

// constructor finds the function that made a rule in a rule's name, as the compiler gives it: "aws.identityRules.policyRules.func3".
// What one makes for several types is one rule, with as many codes as there are services.
var constructor = regexp.MustCompile(`\.\w+\.(\w+)\.func\d+$`)

// watch makes the rules of a package tell when they refuse. A rule that several types share is one.
func (f *fired) watch(p *provider.Package) *provider.Package {
	for _, t := range p.Types {
		t.Rules, t.Leaving = slices.Clone(t.Rules), slices.Clone(t.Leaving)
		for _, rules := range [][]provider.Rule{t.Rules, t.Leaving} {
			for i := range rules {
				ask := rules[i].Fails
				name := rules[i].Code + " " + constructor.ReplaceAllString(runtime.FuncForPC(reflect.ValueOf(ask).Pointer()).Name(), ".$1")
				if !f.rules[name] {
					f.rules[name] = false // known, and silent so far
				}
				rules[i].Fails = func(r *provider.Request) string {
					message := ask(r)
					if message != "" {
						f.tell(name)
					}
					return message
				}
			}
		}
	}
	return p
}

func (f *fired) tell(rule string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules[rule] = true
}

// A rule that no entry breaks may be wrong, or never asked, and nobody would know.
func TestEveryRuleIsBrokenByAnEntry(t *testing.T) {
	f := &fired{rules: map[string]bool{}}
	for _, entry := range table(t) {
		c := serve(t, f.watch(aws.Package()), f.watch(kubernetes.Package()), f.watch(atlas.Package()), f.watch(random.Package()))
		_ = c.run(t, entry)
	}
	var silent []string
	for rule, spoke := range f.rules {
		if !spoke {
			silent = append(silent, rule)
		}
	}
	slices.Sort(silent)
	assert.Empty(t, silent, "rules that no entry breaks:\n%s", strings.Join(silent, "\n"))
}
