package config

// Redacted is what a Secret shows of itself.
const Redacted = "[secret]"

// Secret is a configuration value that must never be shown. Its zero value means "not set".
//
// In a stack file a secret is an encrypted value, `{secure: …}`. The engine hands the program the decrypted text; a
// reader of the file alone (`bpactl config check`) only learns that there is one, which Known reports as false.
type Secret struct {
	value string
	set   bool
	known bool
}

// NewSecret returns a secret whose text is known.
func NewSecret(text string) Secret { return Secret{value: text, set: true, known: true} }

// SealedSecret returns a secret that is set but cannot be read here.
func SealedSecret() Secret { return Secret{set: true} }

// Set reports whether the configuration gives the secret at all.
func (s Secret) Set() bool { return s.set }

// Known reports whether Reveal returns the secret's text.
func (s Secret) Known() bool { return s.known }

// Reveal returns the text. Hand it on with pulumi.ToSecret, and to nothing else.
func (s Secret) Reveal() string { return s.value }

// String implements fmt.Stringer, so that no format verb shows the text.
func (s Secret) String() string {
	if !s.set {
		return ""
	}
	return Redacted
}

// GoString implements fmt.GoStringer for %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText implements encoding.TextMarshaler: a secret is written as Redacted.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
