package catalog

// The types of lambda.
const (
	LambdaFunctionURL = "aws:lambda/functionUrl:FunctionUrl"
	LambdaPermission  = "aws:lambda/permission:Permission"
)

var lambdaTypes = []Type{
	{
		Token: LambdaFunctionURL,
		Exposes: func(urn string, in map[string]any) []Opening {
			if in["authorizationType"] == "AWS_IAM" {
				return nil
			}
			return opens(urn, "the function's URL", 443, everybody)
		},
	},
	{
		Token: LambdaPermission,
		Rights: Rights{Verb: "gives", Given: func(in map[string]any) []Phrase {
			return each(in, "action", func(action any) Phrase { return phrase("%s to %s", action, in["principal"]) })
		}},
	},
}
