package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newNotices sends a message on fixed days before a version leaves support. There is no metric of that, and the days are
// known: a schedule of a single day needs nothing that runs, and is the same at every preview. A day that has passed is a
// schedule that never comes; EventBridge takes it, as it takes any year from 1970 on.
func (o *Observability) newNotices(ctx *pulumi.Context) error {
	for _, v := range o.args.Versions {
		for _, days := range o.args.NoticeDays {
			name := fmt.Sprintf("%s-%s-%d", o.name, v.Name, days)
			on := v.Ends.AddDate(0, 0, -days)
			about := fmt.Sprintf("%s of %s %s %s, in %d days.", v.Text, o.args.ClusterName, v.What, v.Ends.Format("2006-01-02"), days)
			rule, err := cloudwatch.NewEventRule(ctx, name, &cloudwatch.EventRuleArgs{
				Description:        pulumi.String(about),
				ScheduleExpression: pulumi.String(fmt.Sprintf("cron(0 8 %d %d ? %d)", on.Day(), on.Month(), on.Year())),
			}, pulumi.Parent(o))
			if err != nil {
				return fmt.Errorf("%s: %w", v.Text, err)
			}
			if _, err := cloudwatch.NewEventTarget(ctx, name, &cloudwatch.EventTargetArgs{
				Rule: rule.Name, TargetId: pulumi.String("topic"), Arn: o.topic.Arn,
				Input: pulumi.String(fmt.Sprintf("%q", about+" `bpactl versions --stack` names the version to go to.")),
			}, pulumi.Parent(o)); err != nil {
				return fmt.Errorf("%s: %w", v.Text, err)
			}
		}
	}
	return nil
}
