package aws

import _ "embed" // schema.json

// schemaFile holds every property of the simulated types. `go test ./internal/sim/aws -run Golden -update` writes it.
//
//go:embed schema.json
var schemaFile []byte

// notInSchema are types that the extract of the provider's schema lacks, with the properties whose change makes a new
// resource. Source: the documentation of terraform-provider-aws 5.45.
var notInSchema = map[string]map[string]bool{
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"bucket": true},
	"aws:cloudwatch/dashboard:Dashboard":                     {"dashboardName": true},
	eventRuleType:                                            {"name": true, "namePrefix": true, "eventBusName": true},
	"aws:cloudwatch/eventTarget:EventTarget":                 {"rule": true, "eventBusName": true, "targetId": true},
	topicType:                                                {"name": true, "namePrefix": true, "fifoTopic": true},
	"aws:sns/topicPolicy:TopicPolicy":                        {"arn": true},
	"aws:sns/topicSubscription:TopicSubscription":            {"endpoint": true, "protocol": true, "topic": true},
}

// knownDifferences are facts of the extract that have no place in the SDK.
var knownDifferences = []string{
	"aws:s3/bucketV2:BucketV2.serverSideEncryptionConfigurations.rule: in the schema, not in the SDK",
}
