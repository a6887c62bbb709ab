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
			StateID: form("{name}"),
		},
		Simulation: Simulation{
			ID: AsRead, Name: Naming{"name", 2048, nil}, Outputs: map[string]any{"version": 1.0}, Secrets: []string{"value"},
			Taken: "ParameterAlreadyExists",
		},
	},
}
