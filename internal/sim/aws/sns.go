package aws

import (
	"regexp"

	"github.com/bpa-on-aws/platform/internal/catalog"
	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// sns are topics and who hears of them.
var sns = provider.Code{
	catalog.SNSTopic: {
		Values: []provider.Value{{Property: "name", Source: snsAPI + "API_CreateTopic.html", Pattern: regexp.MustCompile(`^[\w-]{1,256}$`),
			Text: "may only contain letters, digits, underscores and hyphens"}},
	},
	catalog.SNSTopicPolicy: {
		Values: []provider.Value{jsonOf("policy")},
		Rules: append(policyRules("policy", "InvalidParameter"), provider.Rule{
			Code: "NotFound", Source: snsAPI + "API_Subscribe.html", Fails: topicExists("arn"),
		}),
	},
	catalog.SNSTopicSubscription: {
		Values: []provider.Value{oneOf("protocol", "application email email-json firehose http https lambda sms sqs")},
		Rules: []provider.Rule{
			{Code: "NotFound", Source: snsAPI + "API_Subscribe.html", OnCreate: true, Fails: topicExists("topic")},
		},
	},
}

const snsAPI = "docs.aws.amazon.com/sns/latest/api/"

func topicExists(property string) func(*provider.Request) string {
	return func(r *provider.Request) string {
		if topic := r.Str(property); r.Store.Get(catalog.SNSTopic, topic) == nil && !r.Store.External(topic) {
			return "Topic does not exist"
		}
		return ""
	}
}
