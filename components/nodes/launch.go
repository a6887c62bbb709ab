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

// withoutRefresh takes the instance refresh out of the group, which pulumi-eks 3.9.1 always asks for: the AWS provider would start
// one for every new version of the launch template, tags included, in all groups at once, and wait for none. Without it a new
// version is for the next instance, and NewRoll says when that comes: docs/decisions/0019. The provider starts none where the
// block is removed either: internal/service/autoscaling/group.go, resourceGroupUpdate.
func withoutRefresh(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
	if args.Type != "aws:autoscaling/group:Group" {
		return nil
	}
	props := maps.Clone(args.Props)
	delete(props, "instanceRefresh")
	return &pulumi.ResourceTransformResult{Props: props, Opts: args.Opts}
}

// encryptRoot names the key of the root volume, for which pulumi-eks 3.9.1 takes no argument either. What is known of the volume
// without the key stays known, as its size in a preview.
func encryptRoot(key pulumi.StringOutput) pulumi.ResourceTransform {
	return func(_ context.Context, args *pulumi.ResourceTransformArgs) *pulumi.ResourceTransformResult {
		if args.Type != launchTemplate {
			return nil
		}
		props := maps.Clone(args.Props)
		props["blockDeviceMappings"] = withKey(props["blockDeviceMappings"], key)
		return &pulumi.ResourceTransformResult{Props: props, Opts: args.Opts}
	}
}

// withKey is the one block device that pulumi-eks gives, the root volume, with a key.
func withKey(mappings pulumi.Input, key pulumi.StringOutput) pulumi.Input {
	list, _ := mappings.(pulumi.Array)
	if len(list) == 1 {
		mapping, _ := list[0].(pulumi.Map)
		if ebs, ok := mapping["ebs"].(pulumi.Map); ok {
			mapping, ebs = maps.Clone(mapping), maps.Clone(ebs)
			ebs["kmsKeyId"], mapping["ebs"] = key, ebs
			return pulumi.Array{mapping}
		}
	}
	return key.ApplyT(func(string) (any, error) {
		return nil, fmt.Errorf("nodes: pulumi-eks gives the block devices %v, where one, the root volume, is known", mappings)
	})
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
