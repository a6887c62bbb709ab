package nodes

import (
	"context"
	"fmt"
	"maps"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const launchTemplate = "aws:ec2/launchTemplate:LaunchTemplate"

// requireMetadataTokens completes the launch template, for which pulumi-eks 3.9.1 takes no metadata options from Go: without
// them an image or an account decides whether version 1 of the metadata service answers, which needs no token. Two hops are
// one more than the node itself needs: without the second the CloudWatch agent, a pod, does not learn on which instance it
// runs, and the metrics of its node are missing (docs/facts.md §4).
func requireMetadataTokens(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != launchTemplate {
		return nil
	}
	props := maps.Clone(args.Props)
	props["metadataOptions"] = pulumi.Map{
		"httpEndpoint": pulumi.String("enabled"), "httpTokens": pulumi.String("required"), "httpPutResponseHopLimit": pulumi.Int(2),
	}
	return &pulumi.ResourceTransformResult{Props: props, Opts: args.Opts}
}

// encryptRoot names the key of the root volume, for which pulumi-eks 3.9.1 takes no argument either.
func encryptRoot(key pulumi.StringOutput) pulumi.ResourceTransform {
	return func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
		if args.Type != launchTemplate {
			return nil
		}
		props := maps.Clone(args.Props)
		props["blockDeviceMappings"] = pulumi.All(props["blockDeviceMappings"], key).ApplyT(func(v []any) (any, error) {
			mappings, _ := v[0].([]any)
			if len(mappings) != 1 {
				return nil, fmt.Errorf("nodes: pulumi-eks gives %d block devices, where one, the root volume, is known", len(mappings))
			}
			mapping, _ := mappings[0].(map[string]any)
			ebs, ok := mapping["ebs"].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("nodes: the root volume of the launch template is none of EBS")
			}
			mapping, ebs = maps.Clone(mapping), maps.Clone(ebs)
			ebs["kmsKeyId"], mapping["ebs"] = v[1], ebs
			return []any{mapping}, nil
		})
		return &pulumi.ResourceTransformResult{Props: props, Opts: args.Opts}
	}
}

// tagSpecifications are the tags of what an instance starts with.
func tagSpecifications(tags map[string]string) ec2.LaunchTemplateTagSpecificationArray {
	if len(tags) == 0 {
		return nil
	}
	var specifications ec2.LaunchTemplateTagSpecificationArray
	for _, kind := range []string{"instance", "volume", "network-interface"} {
		specifications = append(specifications, ec2.LaunchTemplateTagSpecificationArgs{
			ResourceType: pulumi.String(kind), Tags: pulumi.ToStringMap(tags),
		})
	}
	return specifications
}
