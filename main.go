// Package main is the Pulumi program that deploys Cisco BPA on AWS.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/stacks"
)

func main() { pulumi.Run(stacks.Platform) }
