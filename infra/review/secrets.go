package review

import (
	"strings"
)

// credentials returns which secrets and certificates change. Their values are never shown.
func credentials(changes []*Change) []Finding {
	var findings []Finding
	for _, c := range changes {
		if !c.real() || c.Kind != Update && c.Kind != Replace {
			continue
		}
		if text := renewed(c); text != "" {
			f := newFinding(c, Credential)
			f.Text = text
			findings = append(findings, f)
			continue
		}
		var paths []string
		for _, cause := range c.Causes {
			if cause.Secret {
				paths = append(paths, "`"+cause.Path+"`")
			}
		}
		if len(paths) > 0 {
			f := newFinding(c, Credential)
			f.Text = "another secret value: " + some(paths)
			findings = append(findings, f)
		}
	}
	return findings
}

// renewed names what is a credential as a whole.
func renewed(c *Change) string {
	switch c.Type() {
	case "random:index/randomPassword:RandomPassword":
		if c.Kind == Replace {
			return "a new password is generated"
		}
	case "aws:acm/certificate:Certificate":
		return "another certificate"
	case "aws:iam/serverCertificate:ServerCertificate", "kubernetes:certificates.k8s.io/v1:CertificateSigningRequest":
		return "another certificate"
	}
	if strings.HasPrefix(c.Type(), "tls:index/") && c.Kind == Replace {
		return "a new key or certificate is generated"
	}
	return ""
}
