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
		Loss: Loss{
			Lost:     "its subscriptions, which people have confirmed",
			Downtime: "alarms reach nobody in between",
		},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"sns:CreateTopic", "sns:SetTopicAttributes", "sns:TagResource"}, On: OnTopic},
			},
			Read: []Grant{
				{Actions: []string{"sns:GetTopicAttributes", "sns:ListTagsForResource"}, On: OnTopic},
			},
			Update: []Grant{
				{Actions: []string{"sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"}, On: OnTopic},
			},
			Delete: []Grant{
				{Actions: []string{"sns:DeleteTopic"}, On: OnTopic},
			},
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
			ImportID: "{arn}",
			StateID:  "{arn}",
		},
		Loss: Loss{
			Downtime: "alarms reach nobody in between",
		},
		Price: Price{Free: "a setting of the topic"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"sns:SetTopicAttributes"}, On: OnTopic},
			},
			Read: []Grant{
				{Actions: []string{"sns:GetTopicAttributes"}, On: OnTopic},
			},
			Update: []Grant{
				{Actions: []string{"sns:SetTopicAttributes"}, On: OnTopic},
			},
			Delete: []Grant{
				{Actions: []string{"sns:SetTopicAttributes"}, On: OnTopic},
			},
		},
		Simulation: Simulation{ID: AsRead, Outputs: map[string]any{"owner": "{account}"}, Replaces: []string{"arn"}},
		Failures:   inOneCall,
		None:       none(quiet, closed, plain, instant, None{Exposes: byDocument, Rights: byDocument}),
	},
	{
		Token: SNSTopicSubscription,
		Loss: Loss{
			Downtime: "alarms do not reach the subscriber until the new subscription is confirmed",
		},
		Price: Price{Free: "messages are paid for, not who gets them"},
		Permissions: Permissions{
			Create: []Grant{
				{Actions: []string{"sns:SetSubscriptionAttributes", "sns:Subscribe"}, On: OnTopic},
			},
			Read: []Grant{
				{Actions: []string{"sns:GetSubscriptionAttributes"}, On: OnTopic},
			},
			Update: []Grant{
				{Actions: []string{"sns:SetSubscriptionAttributes"}, On: OnTopic},
			},
			Delete: []Grant{
				{Actions: []string{"sns:Unsubscribe"}, On: OnTopic},
			},
		},
		Simulation: Simulation{
			ID: "{topic}:{uuid}",
			Outputs: map[string]any{
				"arn": "{id}", "ownerId": "{account}", "pendingConfirmation": true, "confirmationWasAuthenticated": false,
			},
			Replaces: []string{"endpoint", "protocol", "topic"},
		},
		Failures: inOneCall,
		None:     none(quiet, closed, plain, instant),
	},
}
