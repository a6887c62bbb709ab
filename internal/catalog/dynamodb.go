package catalog

// The types of dynamodb.
const (
	DynamoDBTable = "aws:dynamodb/table:Table"
)

var dynamodbTypes = []Type{
	{
		Token: DynamoDBTable,
		Loss: Loss{
			Stateful: true,
			Lost:     "every item in the table",
			Downtime: "what uses the table fails",
		},
	},
}
