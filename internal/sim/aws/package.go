// Package aws is the simulated AWS of the rehearsal: tables of what each service computes, requires and refuses.
//
// The ids, ARNs and computed outputs have each service's own form. What is not in the tables is refused by name.
package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-aws that the tables were made for.
const version = "6.83.4"

// Package returns the simulated provider.
func Package() *provider.Package {
	types := map[string]*provider.Type{}
	values, rules := join(valueTables()), join(ruleTables())
	leaving := leavingRules()
	tables := []map[string]*provider.Type{
		networkTypes(), computeTypes(), identityTypes(), dataTypes(), deliveryTypes(), operationsTypes(),
	}
	for _, table := range tables {
		for token, t := range table {
			t.Values = append(t.Values, values[token]...)
			t.Rules = append(t.Rules, rules[token]...)
			t.Leaving = append(t.Leaving, leaving[token]...)
			t.Taken = taken[token]
			types[token] = complete(t)
		}
	}
	return &provider.Package{
		Name:             "aws",
		Version:          version,
		Types:            types,
		Invokes:          invokes(),
		InvokeArgs:       invokeArgs,
		Schemas:          provider.MustSchemas(schemaFile),
		Refer:            references,
		Settings:         settings,
		ReplacesProvider: replacesProvider,
	}
}

// join makes one table of several.
func join[T any](tables []map[string][]T) map[string][]T {
	all := map[string][]T{}
	for _, table := range tables {
		for token, list := range table {
			all[token] = append(all[token], list...)
		}
	}
	return all
}

// complete adds what is the same for every type: the tags that the provider adds.
func complete(t *provider.Type) *provider.Type {
	compute := t.Outputs
	t.Outputs = func(r *provider.Request) map[string]any {
		out := map[string]any{}
		if compute != nil {
			out = compute(r)
		}
		out["tagsAll"] = tagsAll(r)
		return out
	}
	return t
}

// tagsAll joins the resource's tags with the provider's default tags.
func tagsAll(r *provider.Request) map[string]any {
	all := map[string]any{}
	if defaults, ok := r.Config["defaultTags"].(map[string]any); ok {
		if tags, ok := defaults["tags"].(map[string]any); ok {
			for k, v := range tags {
				all[k] = v
			}
		}
	}
	if own, ok := r.Inputs["tags"].(map[string]any); ok {
		for k, v := range own {
			all[k] = v
		}
	}
	return all
}

func replacesProvider(before, after map[string]any) []string {
	if before["region"] != after["region"] {
		return []string{"region"}
	}
	return nil
}

// region and account are those of the provider instance that makes the call.
func region(r *provider.Request) string { return r.Config.String("region", "us-west-2") }

func account(r *provider.Request) string {
	if ids, ok := r.Config["allowedAccountIds"].([]any); ok && len(ids) > 0 {
		if id, ok := ids[0].(string); ok {
			return id
		}
	}
	return "111122223333"
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func dnsSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// arn returns the ARN of a regional resource.
func arn(r *provider.Request, service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", partition(region(r)), service, region(r), account(r), resource)
}

// globalARN returns the ARN of a resource of IAM, which has no region.
func globalARN(r *provider.Request, resource string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s", partition(region(r)), account(r), resource)
}

// id makes ids such as vpc-0123456789abcdef0: a prefix and 17 hexadecimal digits.
func id(prefix string) func(*provider.Request) string {
	return func(r *provider.Request) string { return prefix + "-" + hexID(r, 17) }
}

// hexID returns hexadecimal digits that no other resource of the run has.
func hexID(r *provider.Request, digits int) string {
	const scramble = 0x9E3779B97F4A7C15 // spreads serial numbers, so that ids do not look like a count
	return fmt.Sprintf("%0*x", digits, uint64(r.Store.Serial())*scramble)[:digits]
}

// property makes ids that are an input.
func property(name string) func(*provider.Request) string {
	return func(r *provider.Request) string { return r.Str(name) }
}

// joined makes ids of several inputs, as the provider joins them.
func joined(separator string, names ...string) func(*provider.Request) string {
	return func(r *provider.Request) string {
		parts := make([]string, len(names))
		for i, n := range names {
			parts[i] = r.Str(n)
		}
		return strings.Join(parts, separator)
	}
}

// named is the auto-naming of the provider: a hyphen and seven digits.
func named(property string, limit int, unless ...string) *provider.AutoName {
	return &provider.AutoName{Property: property, Separator: "-", Digits: 7, Max: limit, Unless: unless}
}

// hasARN computes only an ARN of the form service:kind/<id>.
func hasARN(service, kind string) func(*provider.Request) map[string]any {
	return func(r *provider.Request) map[string]any {
		return map[string]any{"arn": arn(r, service, kind+r.ID)}
	}
}

// idForms are the ids of this cloud, with the error that EC2 gives where one does not exist.
var idForms = regexp.MustCompile(`^(vpc|subnet|sg|igw|nat|rtb|eipalloc|vol|vpce|lt|i|rslvr-out|rslvr-rr|snap)-[0-9a-f]{17}$`)

var notFound = map[string]string{
	"vpc": "InvalidVpcID.NotFound", "subnet": "InvalidSubnetID.NotFound", "sg": "InvalidGroup.NotFound",
	"igw": "InvalidInternetGatewayID.NotFound", "nat": "NatGatewayNotFound", "rtb": "InvalidRouteTableID.NotFound",
	"eipalloc": "InvalidAllocationID.NotFound", "vol": "InvalidVolume.NotFound", "vpce": "InvalidVpcEndpointId.NotFound",
	"lt": "InvalidLaunchTemplateId.NotFound", "i": "InvalidInstanceID.NotFound",
	"snap": "InvalidSnapshot.NotFound", "rslvr-out": "ResourceNotFoundException", "rslvr-rr": "ResourceNotFoundException",
}

// references finds the ids in inputs that must exist. Tags and texts may hold anything.
func references(inputs map[string]any) []provider.Reference {
	var found []provider.Reference
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if m := idForms.FindStringSubmatch(v); m != nil {
				found = append(found, provider.Reference{ID: v, Err: fmt.Errorf("%s: The ID '%s' does not exist", notFound[m[1]], v)})
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for k, e := range v {
				if k != "tags" {
					walk(e)
				}
			}
		}
	}
	walk(inputs)
	return found
}

// inUse refuses a deletion with a service's code.
func inUse(code, what string, except ...string) *provider.Block {
	return &provider.Block{Except: except, Err: func(r *provider.Request, blocker *provider.Resource) error {
		return fmt.Errorf("%s: The %s '%s' has dependencies and cannot be deleted. (%s %s)", code, what, r.ID, blocker.Type, blocker.ID)
	}}
}

// groupInUse is EC2's answer for security groups.
func groupInUse(except ...string) *provider.Block {
	return &provider.Block{Except: except, Err: func(r *provider.Request, blocker *provider.Resource) error {
		return fmt.Errorf("DependencyViolation: resource %s has a dependent object (%s %s)", r.ID, blocker.Type, blocker.ID)
	}}
}

// inUseBy is inUse for resources whose id is a name: only the listed references count.
func inUseBy(code, what string, by ...string) *provider.Block {
	block := inUse(code, what)
	block.By = by
	return block
}
