package observability

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

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
		by, err := protocol(target)
		if err != nil {
			return err
		}
		if _, err := sns.NewTopicSubscription(ctx, o.name+"-"+target, &sns.TopicSubscriptionArgs{
			Topic: o.topic.Arn, Protocol: pulumi.String(by), Endpoint: pulumi.String(target),
		}, pulumi.Parent(o)); err != nil {
			return fmt.Errorf("%s: %w", target, err)
		}
	}
	return nil
}

// keyPolicy leaves the key to the account's own policies, and lets the publishing services encrypt. EventBridge sends no
// source account to KMS, so the condition is the alarms' alone.
func (o *Observability) keyPolicy() pulumi.StringOutput {
	use := func(sid, service string) policy.Statement {
		return policy.Statement{
			Sid: sid, Principals: policy.Principals{Services: []string{service}},
			Actions: []string{"kms:GenerateDataKey*", "kms:Decrypt"}, Resources: []pulumi.StringInput{pulumi.String("*")},
		}
	}
	fromAlarms := use("Alarms", alarms)
	fromAlarms.Conditions = o.ownAccount()
	return policy.Document(
		policy.Statement{
			Sid: "Account", Principals: policy.Principals{AWS: []pulumi.StringInput{pulumi.String(o.args.Account.Root())}},
			Actions: []string{"kms:*"}, Resources: []pulumi.StringInput{pulumi.String("*")},
		},
		fromAlarms, use("Notices", notices),
	)
}

// topicPolicy: alarms and rules of this account publish, and nobody else.
func (o *Observability) topicPolicy() pulumi.StringOutput {
	publish := func(sid, service, source string) policy.Statement {
		return policy.Statement{
			Sid: sid, Principals: policy.Principals{Services: []string{service}}, Actions: []string{"sns:Publish"},
			Resources: []pulumi.StringInput{o.topic.Arn},
			Conditions: map[string]map[string]pulumi.StringInput{
				"ArnLike": {"aws:SourceArn": pulumi.String(source)},
			},
		}
	}
	a := o.args.Account
	return policy.Document(
		publish("Alarms", alarms, a.ARN("cloudwatch", "alarm:"+o.args.ClusterName+"-*")),
		publish("Notices", notices, a.ARN("events", "rule/"+o.name+"-*")),
	)
}

func (o *Observability) ownAccount() map[string]map[string]pulumi.StringInput {
	return map[string]map[string]pulumi.StringInput{"StringEquals": {"aws:SourceAccount": pulumi.String(o.args.Account.ID)}}
}
