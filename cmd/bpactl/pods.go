package main

import (
	"context"
	"fmt"
	"io"

	"github.com/bpa-on-aws/platform/internal/recovery"
)

// readableState is the state of a stack with its secrets.
func readableState(ctx context.Context, root, stack string) ([]byte, error) {
	return pulumiIn(root)(ctx, nil, "stack", "export", "--show-secrets", "--stack", stack)
}

// tellUnready says of a release that has failed which pods are not ready, and why. A release that has not failed is not looked at.
func tellUnready(ctx context.Context, out io.Writer, state []byte) {
	pods, err := recovery.Unready(ctx, state)
	if err != nil {
		fmt.Fprintf(out, "the pods of the release that failed cannot be read: %v\n", err)
	}
	for _, pod := range pods {
		fmt.Fprint(out, pod.String())
	}
}

// helmOf is Helm's storage in the cluster of the stack's release. Without a release nothing asks it.
func helmOf(state []byte) recovery.Helm {
	kubeconfig, err := recovery.KubeconfigOf(state)
	if err != nil {
		return unreached{err}
	}
	api, err := recovery.NewAPI(kubeconfig)
	if err != nil {
		return unreached{err}
	}
	return api
}

// unreached is Helm's storage in a cluster that cannot be reached.
type unreached struct{ err error }

// Pending implements recovery.Helm.
func (u unreached) Pending(context.Context) ([]recovery.Revision, error) { return nil, u.err }

// Fail implements recovery.Helm.
func (u unreached) Fail(context.Context, recovery.Revision) error { return u.err }
