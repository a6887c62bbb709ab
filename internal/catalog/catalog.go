// Package catalog is the one place for what is known of a resource type: how it is identified, what is lost and felt when
// it goes, what a change of it means, what keeps it safe, what it waits for and for how long, what it costs, what its
// deployer may do, and how it is simulated.
//
// A service has a file, and a type a descriptor in it. Review, cost, recovery, deployer, explain, the simulated clouds and
// the timeline read the descriptors, so that no two of them can say different things of a type. A test holds every type of
// the golden graphs to every aspect, or to a reason why it has none.
//
// The package knows nothing of its readers: it imports neither the simulated clouds nor the reviews.
package catalog

import (
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/versions"
)

// Type describes one resource type.
type Type struct {
	// Token is the type's, such as aws:ec2/vpc:Vpc.
	Token string
	// Identity says by which ids and names providers and clouds know it.
	Identity Identity
	// Loss is what a replacement or deletion means.
	Loss Loss
	// Effects are what changes in place mean, by property.
	Effects []Effect
	// Guards are the properties that keep its data or its access safe, or those of another resource.
	Guards []Guard
	// Refusals are the properties by which its service refuses a deletion.
	Refusals []Refusal
	// Exposes reads whom it lets in or out by its inputs, and at which target; the URN stands for the resource itself.
	Exposes func(urn string, inputs map[string]any) []Opening
	// Rights are the permissions that it gives.
	Rights Rights
	// Credential is what of it is a password or certificate as a whole.
	Credential Credential
	// Runs reads the products that it runs, and in which versions.
	Runs func(inputs map[string]any) versions.Stack
	// Waits are true dependencies that no input carries.
	Waits []Wait
	// Duration is how long its creation and deletion take. The zero value is that of a call that waits for nothing.
	Duration Duration
	// Price is how it is paid for.
	Price Price
	// Permissions are what whoever deploys it needs.
	Permissions Permissions
	// Simulation is what the simulated cloud knows of it, beside the rules in internal/sim.
	Simulation Simulation
	// Failures are the ways in which it fails half-way.
	Failures []Failure
	// None says why an aspect is missing.
	None None
}

// services lists the types of each service; a new service is added here.
var services = [][]Type{
	acmTypes, atlasTypes, autoscalingTypes, backupTypes, cloudwatchTypes, dlmTypes, dynamodbTypes, ebsTypes, ec2Types,
	ecrTypes, efsTypes, eksTypes, iamTypes, kmsTypes, kubernetesTypes, lambdaTypes, lbTypes, pulumiTypes, randomTypes,
	rdsTypes, route53Types, s3Types, secretsmanagerTypes, snsTypes, ssmTypes, tlsTypes, vpcTypes,
}

var byToken = index(slices.Concat(services...))

func index(all []Type) map[string]*Type {
	types := make(map[string]*Type, len(all))
	for i := range all {
		types[all[i].Token] = &all[i]
	}
	return types
}

// Find returns the descriptor of a type, and false where the catalog has none.
func Find(token string) (*Type, bool) {
	t, ok := byToken[token]
	return t, ok
}

// Of returns the descriptor of a type, or one without any aspect where the catalog has none.
func Of(token string) *Type {
	if t, ok := byToken[token]; ok {
		return t
	}
	return &Type{Token: token}
}

// All returns every descriptor, sorted by token.
func All() []*Type {
	var all []*Type
	for _, t := range byToken {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *Type) int { return strings.Compare(a.Token, b.Token) })
	return all
}

// Package is the provider that a type belongs to, such as aws.
func (t *Type) Package() string {
	name, _, _ := strings.Cut(t.Token, ":")
	return name
}
