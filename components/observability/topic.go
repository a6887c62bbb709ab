package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/policy"
)

// The services that publish: alarms, and the rules of version notices.
const (
	alarms  = "cloudwatch.amazonaws.com"
	notices = "events.amazonaws.com"
)

// newTopic makes the topic, encrypted with a key of its own: with AWS's own key for SNS, alarms could not publish to it,
// and nobody would hear of that.
func (o *Observability) newTopic(ctx *pulumi.Context) error {
	key, err := kms.NewKey(ctx, o.name+"-key", &kms.KeyArgs{
		Description: pulumi.String("Encrypts the alarms of " + o.args.ClusterName), EnableKeyRotation: pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(30), Policy: o.keyPolicy(),
	}, pulumi.Parent(o), pulumi.Protect(o.args.Protect))
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	o.topic, err = sns.NewTopic(ctx, o.name+"-topic", &sns.TopicArgs{
		DisplayName: pulumi.String(o.args.ClusterName), KmsMasterKeyId: key.Arn,
	}, pulumi.Parent(o))
	if err != nil {
		return err
	}
	o.TopicARN = o.topic.Arn
	if _, err := sns.NewTopicPolicy(ctx, o.name+"-topic", &sns.TopicPolicyArgs{
		Arn: o.topic.Arn, Policy: o.topicPolicy(),
	}, pulumi.Parent(o)); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	for _, target := range o.args.Notify {
		if _, err := sns.NewTopicSubscription(ctx, o.name+"-"+target, &sns.TopicSubscriptionArgs{
			Topic: o.topic.Arn, Protocol: pulumi.String(config.Protocol(target)), Endpoint: pulumi.String(target),
		}, pulumi.Parent(o)); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return nil
}

// keyPolicy leaves the key to the account's own policies, and lets the publishing services encrypt. They call KMS themselves,
// and neither is documented to tell it the account that it does so for: a condition would silence them, and nobody would
// hear of that (https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger).
func (o *Observability) keyPolicy() pulumi.StringOutput {
	use := func(sid, service string) policy.Statement {
		return policy.Statement{
			Sid: sid, Principals: policy.Principals{Services: []string{service}},
			Actions: []string{"kms:GenerateDataKey*", "kms:Decrypt"}, Resources: []pulumi.StringInput{pulumi.String("*")},
		}
	}
	return policy.Document(
		policy.Statement{
			Sid: "Account", Principals: policy.Principals{AWS: []pulumi.StringInput{pulumi.String(o.args.Account.Root())}},
			Actions: []string{"kms:*"}, Resources: []pulumi.StringInput{pulumi.String("*")},
		},
		use("Alarms", alarms), use("Notices", notices),
	)
}

// topicPolicy: the alarms of this cluster publish, and EventBridge. Of the latter nothing more can be asked: it sends nothing
// that a condition could look at, so that a statement with one never allows ("You can't use Condition blocks in Amazon SNS
// topic policies for EventBridge", EventBridge user guide).
func (o *Observability) topicPolicy() pulumi.StringOutput {
	publish := func(sid, service string) policy.Statement {
		return policy.Statement{
			Sid: sid, Principals: policy.Principals{Services: []string{service}}, Actions: []string{"sns:Publish"},
			Resources: []pulumi.StringInput{o.topic.Arn},
		}
	}
	fromAlarms := publish("Alarms", alarms)
	fromAlarms.Conditions = map[string]map[string]pulumi.StringInput{
		"ArnLike": {"aws:SourceArn": pulumi.String(o.args.Account.ARN("cloudwatch", "alarm:"+o.args.ClusterName+"-*"))},
	}
	return policy.Document(fromAlarms, publish("Notices", notices))
}
