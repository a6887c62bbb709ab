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
	},
}
