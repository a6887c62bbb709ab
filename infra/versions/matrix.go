package versions

// Combination is a set of versions that belong together: a row of the matrix.
type Combination struct {
	// BPA is the release of Cisco's application, Profile the name of the versions in a stack file.
	BPA     string `json:"bpa"`
	Profile string `json:"profile"`
	// EKS, PostgreSQL and MongoDB are what it runs on.
	EKS        string `json:"eks"`
	PostgreSQL string `json:"postgresql"`
	MongoDB    string `json:"mongodb"`
	// Basis says who vouches for it, Source where that is written.
	Basis  string `json:"basis"`
	Source string `json:"source"`
}

// BPARelease is the release of Cisco's white paper, and the default of a stack file.
const BPARelease = "4.0.3-6"

// Matrix lists the combinations that are known. Cisco's statement for other versions than the paper's is not public, and was
// not seen; no row is made up for one.
func Matrix() []Combination {
	row := func(profile, basis, source string) Combination {
		p := Profiles[profile]
		return Combination{
			BPA: BPARelease, Profile: profile, EKS: p.EKS, PostgreSQL: p.PostgreSQL, MongoDB: p.MongoDB, Basis: basis, Source: source,
		}
	}
	return []Combination{
		row("whitepaper", "Cisco's white paper", "Deploying and managing BPA on Amazon EKS"),
		row("supported", "this project's rehearsals; Cisco's word not verified", "infra/versions/versions.go"),
	}
}
