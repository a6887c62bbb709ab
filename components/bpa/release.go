package bpa

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ProviderVersion is the release of pulumi-kubernetes in go.mod; a test compares them.
const ProviderVersion = "4.23.0"

// Release is a Helm release, `kubernetes:helm.sh/v3:Release`. It is declared here because the SDK package that holds it
// costs 428 CPU seconds to compile: docs/decisions/0005.
type Release struct {
	pulumi.CustomResourceState

	// Status is what Helm reports: name, namespace, revision, status, chart, version.
	Status pulumi.MapOutput `pulumi:"status"`
}

// ReleaseArgs are the inputs of a release that the program uses.
type ReleaseArgs struct {
	// Chart is a path or an OCI reference, Version the version of the latter.
	Chart           pulumi.StringInput
	Version         pulumi.StringPtrInput
	Name, Namespace pulumi.StringPtrInput
	Values          pulumi.MapInput
	// Atomic rolls a failed upgrade back and removes a failed first installation; CleanupOnFail removes what a failed upgrade
	// has added.
	Atomic, CleanupOnFail, WaitForJobs pulumi.BoolPtrInput
	// Timeout in seconds.
	Timeout, MaxHistory pulumi.IntPtrInput
	// Compat is set by NewRelease: the provider wants it from Go programs.
	Compat pulumi.StringPtrInput
}

// releaseArgs are the names of the inputs, as the SDK needs them.
type releaseArgs struct {
	Chart         string         `pulumi:"chart"`
	Version       *string        `pulumi:"version"`
	Name          *string        `pulumi:"name"`
	Namespace     *string        `pulumi:"namespace"`
	Values        map[string]any `pulumi:"values"`
	Atomic        *bool          `pulumi:"atomic"`
	CleanupOnFail *bool          `pulumi:"cleanupOnFail"`
	WaitForJobs   *bool          `pulumi:"waitForJobs"`
	Timeout       *int           `pulumi:"timeout"`
	MaxHistory    *int           `pulumi:"maxHistory"`
	Compat        *string        `pulumi:"compat"`
}

// ElementType implements pulumi.Input.
func (ReleaseArgs) ElementType() reflect.Type { return reflect.TypeOf((*releaseArgs)(nil)).Elem() }

// State is Helm's word for the state of the release, such as deployed.
func (r *Release) State() pulumi.StringOutput {
	return r.Status.ApplyT(func(status map[string]any) string {
		text, _ := status["status"].(string)
		return text
	}).(pulumi.StringOutput)
}

// NewRelease registers a Helm release.
func NewRelease(ctx *pulumi.Context, name string, args *ReleaseArgs, opts ...pulumi.ResourceOption) (*Release, error) {
	release := &Release{}
	args.Compat = pulumi.String("true")
	err := ctx.RegisterResource("kubernetes:helm.sh/v3:Release", name, args, release,
		append([]pulumi.ResourceOption{pulumi.Version(ProviderVersion)}, opts...)...)
	return release, err
}
