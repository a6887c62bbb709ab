package rehearsal

import (
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"go.yaml.in/yaml/v3"
)

// copyStackFile writes a stack file without what only its owner can read: the settings of its secrets provider, and
// every encrypted value. It returns stand-ins for those values by configuration path, to be set as secrets.
func copyStackFile(from, to string) (auto.ConfigMap, error) {
	b, err := os.ReadFile(from)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("rehearsal: %s: %w", from, err)
	}
	for _, key := range []string{"secretsprovider", "encryptedkey", "encryptionsalt"} {
		delete(file, key)
	}
	secrets := auto.ConfigMap{}
	if config, ok := file["config"].(map[string]any); ok {
		for key, value := range config {
			if file, kept := withoutSecrets(key, value, secrets); kept {
				config[key] = file
			} else {
				delete(config, key)
			}
		}
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %s: %w", from, err)
	}
	return secrets, os.WriteFile(to, out, 0o600)
}

// withoutSecrets returns a value without the encrypted values inside it, and whether anything is left. Each of those
// gets a stand-in in secrets.
func withoutSecrets(path string, value any, secrets auto.ConfigMap) (any, bool) {
	switch v := value.(type) {
	case map[string]any:
		if _, sealed := v["secure"]; sealed && len(v) == 1 {
			secrets[path] = auto.ConfigValue{Value: standIn(path), Secret: true}
			return nil, false
		}
		for key, inner := range v {
			kept, ok := withoutSecrets(path+"."+key, inner, secrets)
			if !ok {
				delete(v, key)
				continue
			}
			v[key] = kept
		}
	case []any:
		for i, inner := range v {
			if kept, ok := withoutSecrets(fmt.Sprintf("%s[%d]", path, i), inner, secrets); ok {
				v[i] = kept
			}
		}
	}
	return value, true
}

// standIn is a value that any rule for passwords accepts.
func standIn(path string) string {
	name := path[strings.LastIndexAny(path, ".:")+1:]
	return "Rehearsal-" + name + "-" + randomHex()
}
