// Package aws is the simulated AWS of the rehearsal: tables of what each service computes, requires and refuses.
//
// The ids, ARNs and computed outputs have each service's own form. What is not in the tables is refused by name.
package aws

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// version is the release of pulumi-aws that the tables were made for.
const version = "6.83.4"

// services are what of the types is code, a file a service; the catalog has the rest.
var services = []provider.Code{
	addons, autoScaling, balancing, cloudWatch, dlm, ec2, ecr, eks, endpoints, entries, iam, kms, rds, route53, s3, secrets,
	securityGroups, sns, ssm, vpc,
}

// Package returns the simulated provider.
func Package() *provider.Package {
	schemas := provider.MustSchemas(schemaFile)
	cloud := provider.Description{
		Package: "aws", Schemas: schemas, Naming: provider.AutoName{Separator: "-", Digits: 7}, Code: services,
		Terms: func(r *provider.Request) map[string]string {
			return map[string]string{
				"region": region(r), "account": account(r), "partition": partition(region(r)), "dnsSuffix": dnsSuffix(region(r)),
			}
		},
	}
	types := cloud.Types()
	for token, t := range types {
		tagged(t)
		t.Rules = append(t.Rules, tagRules(token)...)
	}
	return &provider.Package{
		Name:             "aws",
		Version:          version,
		Types:            types,
		Invokes:          invokes(),
		InvokeArgs:       invokeArgs,
		Schemas:          schemas,
		Refer:            references,
		Settings:         settings,
		Adds:             addsTags(schemas),
		ReplacesProvider: replacesProvider,
	}
}

// addsTags gives a resource that has tags the input tagsAll: its own and those of the provider. So another tag of the provider
// changes every resource that has tags. Source: pulumi/pulumi-aws provider/tags.go applyTags, which runs before Check.
func addsTags(schemas *provider.Schemas) *provider.Added {
	return &provider.Added{Key: "tagsAll", Value: func(
		config provider.Config, token string, inputs resource.PropertyMap,
	) resource.PropertyValue {
		property, own := schemas.Types[token]["tags"], inputs["tags"]
		switch {
		case property == nil || property.Kind != "map:string":
			return resource.NewNullProperty()
		case own.ContainsUnknowns():
			return resource.MakeComputed(resource.NewObjectProperty(resource.PropertyMap{}))
		}
		r := &provider.Request{Config: config, Inputs: map[string]any{}}
		if own.IsObject() {
			r.Inputs["tags"] = own.Mappable()
		}
		if all := tagsAll(r); len(all) > 0 {
			return resource.NewPropertyValue(all)
		}
		return resource.NewNullProperty()
	}}
}

// tagged adds what is the same for every type: the tags that the provider adds.
func tagged(t *provider.Type) {
	compute := t.Outputs
	t.Outputs = func(r *provider.Request) map[string]any {
		out := map[string]any{}
		if compute != nil {
			out = compute(r)
		}
		out["tagsAll"] = tagsAll(r)
		return out
	}
}

// tagsAll joins the resource's tags with the provider's default tags.
func tagsAll(r *provider.Request) map[string]any {
	all := map[string]any{}
	defaults, _ := r.Config["defaultTags"].(map[string]any)
	if tags, ok := defaults["tags"].(map[string]any); ok {
		for k, v := range tags {
			all[k] = v
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
				if k != "tags" && k != "tagsAll" {
					walk(e)
				}
			}
		}
	}
	walk(inputs)
	return found
}
