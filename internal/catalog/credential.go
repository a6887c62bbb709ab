package catalog

// Credential is what of a resource is a password, key or certificate as a whole.
type Credential struct {
	// Generated says what its replacement means, where it is generated, or "".
	Generated string
	// Certificate are the inputs that make up a certificate.
	Certificate []string
}

// certificate is made up of these inputs, imported or asked for.
var certificate = []string{"certificateBody", "certificateChain", "privateKey", "domainName", "subjectAlternativeNames"}
