// Package main is what `bench` measures against: a program that imports the Pulumi SDK alone, and deploys nothing.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(func(*pulumi.Context) error { return nil }) }
