package config

import (
	"fmt"
	"io"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Redacted is what a Secret shows of itself.
const Redacted = "[secret]"

// Secret is a configuration value that must never be shown. Its zero value means "not set".
//
// In a stack file a secret is an encrypted value, `{secure: …}`. The engine hands the program the decrypted text; a
// reader of the file alone (`bpactl config check`) only learns that there is one, which Known reports as false.
type Secret struct {
	// text is behind a pointer, so that even a print of an enclosing, unexported field shows an address at most.
	text *string
	set  bool
}

var secretType = reflect.TypeOf(Secret{})

// NewSecret returns a secret whose text is known.
func NewSecret(text string) Secret { return Secret{text: &text, set: true} }

// SealedSecret returns a secret that is set but cannot be read here.
func SealedSecret() Secret { return Secret{set: true} }

// Set reports whether the configuration gives the secret at all.
func (s Secret) Set() bool { return s.set }

// Known reports whether Reveal returns the secret's text.
func (s Secret) Known() bool { return s.text != nil }

// Input marks the secret as secret for the engine, or returns nil where it is not set, so that a component generates one.
func (s Secret) Input() pulumi.StringInput {
	if !s.set {
		return nil
	}
	return pulumi.ToSecret(pulumi.String(s.Reveal())).(pulumi.StringOutput)
}

// Reveal returns the text. Input hands it to the engine; hand it to nothing else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String implements fmt.Stringer.
func (s Secret) String() string {
	if !s.set {
		return ""
	}
	return Redacted
}

// Format implements fmt.Formatter, so that no verb shows the text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText implements encoding.TextMarshaler: a secret is written as Redacted.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
