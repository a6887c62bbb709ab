package aws

import "github.com/bpa-on-aws/platform/internal/catalog"

import _ "embed" // schema.json

// schemaFile holds every property of the simulated types. `go test ./internal/sim/aws -run Golden -update` writes it.
//
//go:embed schema.json
var schemaFile []byte

// notInSchema are types that the extract of the provider's schema lacks, with the properties whose change makes a new
// resource. Source: the documentation of terraform-provider-aws 5.45.
var notInSchema = map[string]map[string]bool{
	catalog.S3BucketOwnershipControls: {"bucket": true},
	catalog.CloudWatchDashboard:       {"dashboardName": true},
	eventRuleType:                     {"name": true, "namePrefix": true, "eventBusName": true},
	catalog.CloudWatchEventTarget:     {"rule": true, "eventBusName": true, "targetId": true},
	topicType:                         {"name": true, "namePrefix": true, "fifoTopic": true},
	catalog.SNSTopicPolicy:            {"arn": true},
	catalog.SNSTopicSubscription:      {"endpoint": true, "protocol": true, "topic": true},
}

// knownDifferences are facts of the extract that have no place in the SDK.
var knownDifferences = []string{
	catalog.S3BucketV2 + ".serverSideEncryptionConfigurations.rule: in the schema, not in the SDK",
}
