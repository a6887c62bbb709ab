package review

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/bpa-on-aws/platform/internal/property"
	"github.com/bpa-on-aws/platform/internal/stackdoc"
)

// confidentialNames are parts of the names of properties that hold secrets, masked here whoever forgot to mark them.
var confidentialNames = []string{
	"password", "passwd", "passphrase", "privatekey", "secretkey", "apikey", "clientsecret", "authtoken", "accesstoken", "secretstring",
	"secretbinary", "stringdata",
}

var notLetters = regexp.MustCompile(`[^a-z]+`)

// confidentialName reports whether a name, such as a property's or an environment variable's, is that of a secret.
func confidentialName(name string) bool {
	name = notLetters.ReplaceAllString(strings.ToLower(name), "")
	name = strings.ReplaceAll(name, "passwordencryption", "") // a setting (R09)
	if name == "token" {
		return true
	}
	for _, part := range confidentialNames {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// confidential reports whether a path leads to or through a secret: by a name on the way, or by the name beside a value,
// as in an environment variable: {name: DB_PASSWORD, value: …}.
func confidential(path string, objects ...map[string]any) bool {
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(`.[]"`, r) }) {
		if confidentialName(part) {
			return true
		}
	}
	entry, isValue := strings.CutSuffix(path, ".value")
	for _, o := range objects {
		if name, ok := property.At(o, entry+".name"); ok && isValue {
			if text, ok := name.(string); ok && confidentialName(text) {
				return true
			}
		}
	}
	return false
}

var (
	// userinfo is the password in an address such as mongodb://user:password@host.
	userinfo = regexp.MustCompile(`(://[^/\s:@"]*:)[^/\s@"]+@`)
	// keyBlock is a private key in PEM, to its end or to that of the text.
	keyBlock = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)`)
)

// scrub hides what is a secret by its own form, wherever it stands.
func scrub(text string) string {
	if strings.Contains(text, "://") {
		text = userinfo.ReplaceAllString(text, "${1}"+stackdoc.Masked+"@")
	}
	if strings.Contains(text, "PRIVATE KEY") {
		text = keyBlock.ReplaceAllString(text, stackdoc.Masked)
	}
	return text
}

// masked copies a value without its secrets, and names what is unknown.
func masked(v any, secret bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		beside, _ := v["name"].(string)
		for k, e := range v {
			switch {
			case strings.HasPrefix(k, "__"): // the provider's own
			case secret && (k == "data" || k == "stringData"):
				out[k] = maskAll(e)
			case confidentialName(k) || k == "value" && confidentialName(beside):
				out[k] = hidden(e)
			default:
				out[k] = masked(e, false)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = masked(e, false)
		}
		return out
	case string:
		return scrub(v)
	case stackdoc.Unknown, stackdoc.Secret:
		return fmt.Sprint(v)
	}
	return v
}

// hidden masks the texts below a name that is a secret's. Switches and numbers, as in passwordRequired: true, are none.
func hidden(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return maskAll(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = hidden(e)
		}
		return out
	case string:
		if v != "" {
			return stackdoc.Masked
		}
	case stackdoc.Unknown, stackdoc.Secret:
		return fmt.Sprint(v)
	}
	return v
}

// maskAll keeps the keys of a secret's data.
func maskAll(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return stackdoc.Masked
	}
	out := make(map[string]any, len(m))
	for k := range m {
		out[k] = stackdoc.Masked
	}
	return out
}
