package preflight

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Open makes the clients' configuration, guard and all.
func Open(ctx context.Context, o Options) (aws.Config, error) {
	c, err := open(ctx, o)
	if err != nil {
		return aws.Config{}, err
	}
	return c.config, nil
}

// QuotaOf names the vCPU quota of an instance type.
func QuotaOf(instanceType string) string { return quotaOf(instanceType).name }

// Covers reports whether a certificate's name is good for a host.
func Covers(name, host string) bool { return covers(name, host) }

// RunChecks runs functions as checks named by their index.
func RunChecks(ctx context.Context, jobs int, timeout time.Duration, names []string,
	run func(ctx context.Context, name string) ([]Finding, error),
) []Finding {
	var checks []check
	for _, n := range names {
		checks = append(checks, check{name: n, run: func(ctx context.Context) ([]Finding, error) { return run(ctx, n) }})
	}
	return runner{jobs: jobs, timeout: timeout}.all(ctx, checks)
}

// IAMAction names the IAM action of an operation.
func IAMAction(serviceID, operation string) string { return iamAction(serviceID, operation) }

// PinnedAtlas is the release that the table of Atlas's versions was read for.
const PinnedAtlas = pinnedAtlas
