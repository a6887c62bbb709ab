package catalog

import (
	"cmp"
	"time"

	"github.com/bpa-on-aws/platform/infra/versions"
	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// Price says how a type is paid for: by a rule, or not at all for a reason.
type Price struct {
	// Rule adds what a resource costs, and names what is paid by use.
	Rule func(Pricing, *stackdoc.Resource)
	// Free says why nothing is paid for it.
	Free string
}

// Known reports whether it is written down how the type is paid for.
func (p Price) Known() bool { return p.Rule != nil || p.Free != "" }

// Pricing takes what a rule says of one resource. Keys are those of internal/cost/prices.yaml.
type Pricing interface {
	// Paid adds a quantity of something at the price of the resource's own region, and PaidIn at that of another.
	Paid(key string, quantity float64)
	PaidIn(key, region string, quantity float64)
	// ByUse says that the resource pays for its use.
	ByUse(keys ...string)
	// Missing names what costs money and is not in the total, and Assume states what the estimate takes for granted.
	Missing(why string, args ...any)
	Assume(text string, args ...any)
	// What describes a key.
	What(key string) string
	// Siblings are the resources that have the same parent.
	Siblings() []*stackdoc.Resource
	// On is the day to look at.
	On() time.Time
}

// freePackages are those whose resources are nowhere but in Pulumi's state, whatever their type.
var freePackages = map[string]string{
	"bpa": "a component: its parts are paid for", "pulumi": "a provider or the stack itself",
}

// PriceOf says how a type is paid for, whether the catalog has it or its package is free.
func PriceOf(token string) Price {
	t := Of(token)
	if t.Price.Known() {
		return t.Price
	}
	return Price{Free: cmp.Or(t.Why("Price"), freePackages[t.Package()])}
}

// onNodes is where everything in Kubernetes runs. The reference chart asks for no cloud resources of its own.
const onNodes = "runs on the nodes, which are paid for"

const (
	partOfVPC    = "a part of the VPC, which costs nothing itself"
	partOfBucket = "a setting of a bucket"
	partOfIAM    = "IAM costs nothing"
	partOfLB     = "a part of the load balancer, which is paid for"
)

// paysEach pays for the resource itself, and names what is paid by use beside.
func paysEach(key string, use ...string) func(Pricing, *stackdoc.Resource) {
	return func(p Pricing, _ *stackdoc.Resource) {
		p.Paid(key, 1)
		p.ByUse(use...)
	}
}

// paysUse names what is paid by use alone.
func paysUse(keys ...string) func(Pricing, *stackdoc.Resource) {
	return func(p Pricing, _ *stackdoc.Resource) { p.ByUse(keys...) }
}

// count reads a number, and names a property that has none.
func count(p Pricing, what string, v any) (float64, bool) {
	n, ok := property.Number(v)
	switch {
	case ok:
	case stackdoc.IsUnknown(v):
		p.Missing("%s is known only after up", what)
	default:
		p.Missing("%s is not set, and what the service makes of that is not known here", what)
	}
	return n, ok
}

// length counts a list: how many elements it has is known even where they are not.
func length(p Pricing, what string, v any) float64 {
	if stackdoc.IsUnknown(v) {
		p.Missing("%s are known only after up", what)
	}
	return float64(len(property.List(v)))
}

// ended reports whether a version has left standard support; its last day still counts.
func ended(r versions.Release, on time.Time) bool {
	return !r.Standard.IsZero() && on.After(r.Standard.Add(24*time.Hour-1))
}
