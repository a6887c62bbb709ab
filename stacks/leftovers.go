package stacks

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/components/cluster"
	"github.com/bpa-on-aws/platform/components/observability"
)

// lookUpLogGroups finds the log groups whose names a service dictates: a destroyed stack of this name may have left them, and to
// create one that exists fails. What cannot be asked decides nothing, and is a warning.
func (p *platform) lookUpLogGroups(ctx *pulumi.Context, opt pulumi.InvokeOption) error {
	name := p.names.Cluster()
	groups := []string{cluster.LogGroup(name)}
	if p.config.Observability.Enabled {
		groups = append(groups, observability.LogGroup(name))
	}
	for _, group := range groups {
		found, err := cloudwatch.GetLogGroups(ctx, &cloudwatch.GetLogGroupsArgs{LogGroupNamePrefix: &group}, opt)
		if err != nil {
			return ctx.Log.Warn(fmt.Sprintf("whether log group %s exists already is not known: %s", group, err), nil)
		}
		if slices.Contains(found.LogGroupNames, group) {
			p.logGroups = append(p.logGroups, group)
		}
	}
	return nil
}

// logOptions take over a log group that exists. For one that is in the state already they change nothing: the engine imports what
// has another id, or is not there (pulumi v3.259.0, resource/deploy/step_generator.go, isImport).
func (p *platform) logOptions(group string) []pulumi.ResourceOption {
	if !slices.Contains(p.logGroups, group) {
		return nil
	}
	options := []pulumi.ResourceOption{pulumi.Import(pulumi.ID(group))}
	if exists, err := p.clusterExists(); err != nil || !exists {
		// An import fails where the group differs from what is asked for. The next `up` sets what a service has made otherwise.
		options = append(options, pulumi.IgnoreChanges([]string{"retentionInDays", "tags", "tagsAll"}))
	}
	return options
}
