package sdkdoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// SharedSchema reads the extract of the AWS provider's own schema that lies beside the project, or in the folder that
// BPA_SHARED names. It returns nil where there is none.
func SharedSchema(root string) (map[string]SharedType, error) {
	folder := os.Getenv("BPA_SHARED")
	if folder == "" {
		folder = filepath.Join(root, "..", "shared")
	}
	b, err := os.ReadFile(filepath.Join(folder, "aws-schema.json"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var types map[string]SharedType
	return types, json.Unmarshal(b, &types)
}

// SharedType is one type of the extract; Unmatched are the SDK's properties that it does not know.
type SharedType struct {
	Properties map[string]SharedProperty
	Unmatched  []string
}

// SharedProperty is one property of the extract.
type SharedProperty struct {
	Type, Elem                                string
	Required, ForceNew, Computed              bool
	ConflictsWith, ExactlyOneOf, RequiredWith []string
	NestedRequired, NestedForceNew            []string
	MaxItems                                  int
	Default                                   any
}
