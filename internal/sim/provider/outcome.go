package provider

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// Outcome says how an operation ends in the cloud. A middleware decides on it before the operation begins.
type Outcome string

// The outcomes.
const (
	// Done: what was asked for is there.
	Done Outcome = ""
	// Unready: it is there, and does not become ready.
	Unready Outcome = "unready"
	// Killed: the process that did the work has died in the middle of it.
	Killed Outcome = "killed"
	// Stale: the provider has read it too early, and lacks what comes later.
	Stale Outcome = "stale"
)

// Incomplete is the failure of an operation whose result the engine keeps all the same, with the error: the provider answers
// ErrorResourceInitFailed.
type Incomplete struct{ Err error }

// Error is what failed.
func (i *Incomplete) Error() string { return i.Err.Error() }

// Unwrap is what failed.
func (i *Incomplete) Unwrap() error { return i.Err }

// answer is how a provider says of an error that the engine is to keep the resource: where the error is Incomplete, and there
// are outputs to keep.
func answer(err error, id string, outputs resource.PropertyMap) error {
	var incomplete *Incomplete
	if !errors.As(err, &incomplete) || outputs == nil {
		return err
	}
	state, marshal := plugin.MarshalProperties(outputs, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true})
	if marshal != nil {
		return errors.Join(err, marshal)
	}
	return rpcerror.WithDetails(rpcerror.New(codes.Unknown, err.Error()), &pulumirpc.ErrorResourceInitFailed{
		Id: id, Properties: state, Reasons: []string{err.Error()},
	})
}
