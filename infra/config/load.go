package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"go.yaml.in/yaml/v3"
)

// Project is the Pulumi project, and so the namespace of the keys in a stack file.
const Project = "bpa"

// Result is a checked configuration.
type Result struct {
	Config *Config
	// Origins says for each path that has a value where the value came from.
	Origins map[string]string
}

// Option changes how a configuration is loaded.
type Option func(*loader)

// On checks versions as on the given day instead of today.
func On(day time.Time) Option { return func(l *loader) { l.now = day } }

type loader struct {
	decoder
	stack   string
	now     time.Time
	config  *Config
	origins map[string]string
	// creatable says that the Kubernetes version is one: for another, missing pins are no problem of their own.
	creatable bool
}

func newLoader(stack string, options []Option) *loader {
	l := &loader{stack: stack, now: time.Now().UTC(), config: &Config{}, origins: map[string]string{}}
	l.given = map[string]bool{}
	for _, o := range options {
		o(l)
	}
	return l
}

// StackOf returns the stack that a stack file is named after: dev for Pulumi.dev.yaml, or "" for another name.
func StackOf(path string) string {
	name := filepath.Base(path)
	if !strings.HasPrefix(name, "Pulumi.") || !strings.HasSuffix(name, ".yaml") || name == "Pulumi.yaml" {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "Pulumi."), ".yaml")
}

// LoadFile reads and checks a stack file. Encrypted values stay sealed. The error holds every problem, one a line.
func LoadFile(path, stack string, options ...Option) (*Result, error) {
	config, err := readFile(path)
	if err != nil {
		return nil, err
	}
	l := newLoader(stack, options)
	values := map[string]any{}
	for key, value := range config {
		namespace, name, found := strings.Cut(key, ":")
		switch {
		case !found:
			values[key] = value
		case namespace == Project:
			values[name] = value
		}
	}
	for _, key := range sortedKeys(values) {
		if isSealed(values[key]) {
			l.problems.Add(key, SealedSecret(), "only a single value can be a secret, not a whole section")
			delete(values, key)
		}
	}
	return l.load(values)
}

// isSealed reports whether a value is encrypted: {secure: …}.
func isSealed(value any) bool {
	m, ok := value.(map[string]any)
	_, sealed := m["secure"]
	return ok && sealed && len(m) == 1
}

func readFile(path string) (map[string]any, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file.Config, nil
}

// LoadContext reads and checks the configuration of the running program. Secrets are decrypted by the engine.
//
// The SDK returns values by key and cannot list the keys. To find unknown ones, the keys (not the values) are read from
// the stack file, where the engine runs beside one.
func LoadContext(ctx *pulumi.Context, options ...Option) (*Result, error) {
	l := newLoader(ctx.Stack(), options)
	l.clearSecrets = true
	values := map[string]any{}
	for _, key := range keysOf(reflect.TypeOf(Config{})) {
		if text, ok := ctx.GetConfig(Project + ":" + key); ok {
			values[key] = parse(text)
		}
	}
	file := filepath.Join(ctx.RootDirectory(), "Pulumi."+ctx.Stack()+".yaml")
	keys, err := readFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for key := range keys {
		name, own := strings.CutPrefix(key, Project+":")
		if _, known := values[name]; own && !known {
			values[name] = nil
		}
	}
	return l.load(values)
}

// parse reads a value as the engine hands it over: objects and lists as JSON, all else as text.
func parse(text string) any {
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err == nil {
			return value
		}
	}
	return text
}

// load decodes, fills in defaults and checks.
func (l *loader) load(values map[string]any) (*Result, error) {
	l.object("", values, reflect.ValueOf(l.config).Elem())
	for path := range l.given {
		l.origins[path] = fromFile
	}
	l.defaults()
	l.check()
	if err := l.problems.Err(""); err != nil {
		return nil, err
	}
	return &Result{Config: l.config, Origins: l.origins}, nil
}

// Problems splits the error of a load into its lines.
func Problems(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}
