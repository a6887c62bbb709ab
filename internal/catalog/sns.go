package catalog

// The types of sns.
const (
	SNSTopic             = "aws:sns/topic:Topic"
	SNSTopicPolicy       = "aws:sns/topicPolicy:TopicPolicy"
	SNSTopicSubscription = "aws:sns/topicSubscription:TopicSubscription"
)

var snsTypes = []Type{
	{
		Token: SNSTopic,
		Identity: Identity{
			StateID: form("{arn}"),
			ARN:     "arn:{partition}:sns:{region}:{account}:{name}",
		},
		Loss: Loss{
			Lost:     "its subscriptions, which people have confirmed",
			Downtime: "alarms reach nobody in between",
		},
		Price: Price{Rule: paysUse("sns.messages")},
		Permissions: Permissions{
			Create: []Grant{onTopic.allow("sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource")},
			Read:   []Grant{onTopic.allow("sns:GetTopicAttributes", "sns:ListTagsForResource")},
			Update: []Grant{onTopic.allow("sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource")},
			Delete: []Grant{onTopic.allow("sns:DeleteTopic")},
		},
		Simulation: Simulation{
			ID: "arn:{partition}:sns:{region}:{account}:{name}", Name: Naming{"name", 256, []string{"namePrefix"}},
			Outputs: map[string]any{"arn": "{id}", "owner": "{account}"}, Replaces: []string{"name", "namePrefix", "fifoTopic"},
			Taken: "InvalidParameter",
		},
		Failures: idBeforeWait("sns/topic.go resourceTopicCreate"),
		None:     none(quiet, closed, plain, instant),
	},
	{
		Token: SNSTopicPolicy,
		Identity: Identity{
			ImportID: form("{arn}"),
			StateID:  form("{arn}"),
		},
		Loss: Loss{
			Downtime: "alarms reach nobody in between",
		},
		Price:       Price{Free: "a setting of the topic"},
		Permissions: setting(onTopic, "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:SetTopicAttributes"),
		Simulation:  Simulation{ID: AsRead, Outputs: map[string]any{"owner": "{account}"}, Replaces: []string{"arn"}},
		Failures:    idBeforeWait("sns/topic_policy.go resourceTopicPolicyUpsert"),
		None:        none(quiet, closed, plain, instant, None{Exposes: byDocument, Rights: byDocument}),
	},
	{
		// A subscription is judged by its topic.
		Token: SNSTopicSubscription,
		Identity: Identity{
			Listing: Listing{"aws sns list-subscriptions-by-topic --topic-arn {topic}", "Subscriptions"},
		},
		Loss: Loss{
			Downtime: "alarms do not reach the subscriber until the new subscription is confirmed",
		},
		Price: Price{Free: "messages are paid for, not who gets them"},
		Permissions: Permissions{
			Create: []Grant{onTopic.allow("sns:SetSubscriptionAttributes", "sns:Subscribe")},
			Read:   []Grant{onTopic.allow("sns:GetSubscriptionAttributes")},
			Update: []Grant{onTopic.allow("sns:SetSubscriptionAttributes")},
			Delete: []Grant{onTopic.allow("sns:Unsubscribe")},
		},
		Simulation: Simulation{
			ID: "{topic}:{uuid}",
			Outputs: map[string]any{
				"arn": "{id}", "ownerId": "{account}", "pendingConfirmation": true, "confirmationWasAuthenticated": false,
			},
			Replaces: []string{"endpoint", "protocol", "topic"},
		},
		Failures: idBeforeWait("sns/topic_subscription.go resourceTopicSubscriptionCreate"),
		None:     none(quiet, closed, plain, instant),
	},
}
