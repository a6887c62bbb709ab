package rehearsal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"go.yaml.in/yaml/v3"
)

// copyStackFile writes a stack file without what only its owner can read: the settings of its secrets provider, and
// every encrypted value. It returns stand-ins for those values by configuration path, to be set as secrets: the known ones,
// or fresh ones. What the engine has written into an earlier copy stays.
func copyStackFile(from, to string, known auto.ConfigMap) (auto.ConfigMap, error) {
	file, err := readYAML(from)
	if err != nil {
		return nil, err
	}
	earlier, err := readYAML(to)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	secrets := auto.ConfigMap{}
	for _, key := range []string{"secretsprovider", "encryptedkey", "encryptionsalt"} {
		delete(file, key)
		if value, ok := earlier[key]; ok {
			file[key] = value
		}
	}
	if config, ok := file["config"].(map[string]any); ok {
		for key, value := range config {
			if file, kept := withoutSecrets(key, value, secrets); kept {
				config[key] = file
			} else {
				delete(config, key)
			}
		}
	}
	for path := range secrets {
		if value, ok := known[path]; ok {
			secrets[path] = value
		}
	}
	out, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %s: %w", from, err)
	}
	return secrets, os.WriteFile(to, out, 0o600)
}

func readYAML(path string) (map[string]any, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	var file map[string]any
	if err := yaml.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("rehearsal: %s: %w", path, err)
	}
	return file, nil
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
