package catalog

// The types of lambda.
const (
	LambdaFunctionUrl = "aws:lambda/functionUrl:FunctionUrl"
	LambdaPermission  = "aws:lambda/permission:Permission"
)

var lambdaTypes = []Type{
	{
		Token: LambdaFunctionUrl,
	},
	{
		Token: LambdaPermission,
	},
}
