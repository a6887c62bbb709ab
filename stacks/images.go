package stacks

import (
	"context"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// showEveryImage widens the look-up by which pulumi-eks 3.9.1 asks a node's image for its first device: among the images of the
// account itself and of Amazon, without deprecated ones. So neither an image that another account shares would be found, nor, two
// years after it came out, a pinned release of Amazon's: every preview would fail from that day on (docs/facts.md §11).
func showEveryImage(ctx *pulumi.Context) error {
	return ctx.RegisterInvokeTransform(func(_ context.Context, args *pulumi.InvokeTransformArgs) *pulumi.InvokeTransformResult {
		if args.Token != "aws:ec2/getAmi:getAmi" {
			return nil
		}
		wide := maps.Clone(args.Args)
		delete(wide, "owners")
		wide["includeDeprecated"] = pulumi.Bool(true)
		return &pulumi.InvokeTransformResult{Args: wide, Opts: args.Opts}
	})
}
