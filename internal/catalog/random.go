package catalog

// The types of random.
const (
	RandomPassword = "random:index/randomPassword:RandomPassword"
)

var randomTypes = []Type{
	{
		Token: RandomPassword,
		Loss: Loss{
			Lost: "the password; a new one takes its place",
		},
		Credential: Credential{Generated: "a new password is generated"},
		Price:      Price{Free: "a value in the state"},
		Simulation: Simulation{
			ID: "none", Secrets: []string{"result", "bcryptHash"}, Required: []string{"length"},
			Replaces: []string{
				"keepers", "length", "lower", "minLower", "minNumeric", "minSpecial", "minUpper", "number", "numeric", "overrideSpecial",
				"special", "upper",
			},
			Local: true,
		},
		Failures: []Failure{{
			Class:  Atomic,
			Source: "hashicorp/terraform-provider-random internal/provider/resource_password.go Create: it calls nobody",
		}},
		None: none(quiet, closed, instant, None{Rights: noRight, Runs: noVersion}),
	},
}
