package catalog

// The types of ssm.
const (
	SSMAssociation = "aws:ssm/association:Association"
	SSMParameter   = "aws:ssm/parameter:Parameter"
)

var ssmTypes = []Type{
	{
		Token: SSMAssociation,
		Loss: Loss{
			Unfelt: Always,
		},
	},
	{
		Token: SSMParameter,
		Identity: Identity{
			StateID: "{name}",
		},
		Simulation: Simulation{Taken: "ParameterAlreadyExists"},
	},
}
