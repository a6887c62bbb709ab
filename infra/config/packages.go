package config

// Packages describes the BPA package.
type Packages struct {
	Source string `json:"source" doc:"Directory or .tar.gz of the package, relative to the stack file. Default: the reference package."`
}
