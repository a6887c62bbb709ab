package review

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"time"

	"github.com/bpa-on-aws/platform/internal/catalog"
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
				paths = append(paths, code(cause.Path))
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
	credential := catalog.Of(c.Type()).Credential
	if credential.Generated != "" && c.Kind == Replace {
		return credential.Generated
	}
	if len(credential.Certificate) > 0 {
		if text, changed := certificate(c, credential.Certificate); changed {
			return "another certificate" + text
		}
	}
	return ""
}

// certificate reports whether a certificate, which is made up of parts, becomes another one, and says what is public of the new one.
func certificate(c *Change, parts []string) (text string, becomes bool) {
	becomes = c.Kind == Replace || slices.ContainsFunc(c.Causes, func(cause Cause) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return cause.Path == p || inside(cause.Path, p) })
	})
	body, _ := c.after()["certificateBody"].(string)
	block, _ := pem.Decode([]byte(body))
	if block == nil {
		return "", becomes
	}
	read, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", becomes
	}
	var names []string
	for _, name := range read.DNSNames {
		names = append(names, code(name))
	}
	return ", for " + some(names) + ", until " + read.NotAfter.UTC().Format(time.DateOnly), becomes
}
