package sdkdoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/bpa-on-aws/platform/internal/sim/provider"
)

// ModuleDir is where the source of a module lies that this project requires.
func ModuleDir(module string) (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	dir := strings.TrimSpace(string(out))
	if err != nil || dir == "" {
		return "", fmt.Errorf("%s: its source is not here: %w", module, err)
	}
	return dir, nil
}

// Encode writes schemas as the file that a package embeds: sorted, a property a line.
func Encode(s *provider.Schemas) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(s)
	return out.Bytes(), err
}

// Extract is what of a provider's own schema the SDK does not say: which properties replace, conflict or are computed.
type Extract struct {
	// Source says which provider it comes from and how it is made.
	Source string
	Types  map[string]ExtractType
}

// ReadExtract reads the extract that lies beside a provider's tables.
func ReadExtract(path string) (*Extract, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	e := &Extract{}
	if err := json.Unmarshal(b, e); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// ExtractType is one type of the extract; Unmatched are the SDK's properties that it does not know.
type ExtractType struct {
	Unmatched  []string                   `json:"unmatched,omitempty"`
	Properties map[string]ExtractProperty `json:"properties"`
}

// ExtractProperty is one property of the extract.
type ExtractProperty struct {
	Type     string `json:"type,omitempty"`
	Required bool   `json:"required,omitempty"`
	ForceNew bool   `json:"forceNew,omitempty"`
	Computed bool   `json:"computed,omitempty"`
	// ReadOnly: the service computes it, and it cannot be given.
	ReadOnly      bool     `json:"readOnly,omitempty"`
	ConflictsWith []string `json:"conflictsWith,omitempty"`
	ExactlyOneOf  []string `json:"exactlyOneOf,omitempty"`
	AtLeastOneOf  []string `json:"atLeastOneOf,omitempty"`
	RequiredWith  []string `json:"requiredWith,omitempty"`
	MinItems      int      `json:"minItems,omitempty"`
	MaxItems      int      `json:"maxItems,omitempty"`
	Default       any      `json:"default,omitempty"`
	// Block are the members of a block.
	Block map[string]ExtractProperty `json:"block,omitempty"`
}
