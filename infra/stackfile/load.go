// Package stackfile reads the stack files of a project: layer over layer where one extends another, strictly, and with the
// origin of each value. It knows how values are written; what they mean, what they are by default and what is wrong with them
// is said by package config alone.
//
// The program and `bpactl config` share this package, so a file that passes `bpactl config check` is a file that the program
// accepts. Nothing here talks to a cloud.
package stackfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/bpa-on-aws/platform/infra/config"
)

// Project is the Pulumi project, and so the namespace of the keys in a stack file.
const Project = "bpa"

// Result is a checked configuration.
type Result struct {
	Config *config.Config
	// Origins says for each path that has a value where the value came from.
	Origins map[string]string
}

// Settings lists every value that is set, in the order of the types.
func (r *Result) Settings() []config.Setting { return r.Config.Settings(r.Origins) }

// Option changes how a configuration is loaded.
type Option func(*loader)

// On checks versions as on the given day instead of today.
func On(day time.Time) Option { return func(l *loader) { l.Now = day } }

// Running accepts versions that can no longer be created, as a stack that is there may run them.
func Running() Option { return func(l *loader) { l.Running = true } }

// In tells LoadContext where the stack file lies, and where the files that it extends. Default: the project's root.
func In(stackFile, bases string) Option {
	return func(l *loader) { l.dir, l.baseDir = stackFile, bases }
}

type loader struct {
	decoder
	config.Reading
	dir, baseDir string
	config       *config.Config
}

func newLoader(stack string, options []Option) *loader {
	l := &loader{config: &config.Config{}}
	l.given = map[string]bool{}
	l.Reading = config.Reading{Stack: stack, Now: time.Now().UTC(), Given: l.given, Origins: map[string]string{}}
	for _, o := range options {
		o(l)
	}
	return l
}

// LoadFile reads and checks a stack file, and the files that it extends. Encrypted values stay sealed. The error holds
// every problem, one a line.
func LoadFile(path, stack string, options ...Option) (*Result, error) {
	l := newLoader(stack, options)
	all, err := l.fileLayers(path)
	if err != nil {
		return nil, err
	}
	return l.load(all)
}

// fileLayers reads a stack file and what it extends.
func (l *loader) fileLayers(path string) (layers, error) {
	dir := filepath.Dir(path)
	own, err := readSource(path, fromFile, projectIn(dir))
	if err != nil {
		return nil, err
	}
	values := tree(own.entries, &l.problems)
	for _, key := range sortedKeys(values) {
		if isSealed(values[key]) {
			l.problems.Add(key, config.SealedSecret(), "only a single value can be a secret, not a whole section")
			delete(values, key)
		}
	}
	return l.above(own, dir, values)
}

// above puts the values of a stack file above those of the files that it extends.
func (l *loader) above(own *source, dir string, values map[string]any) (layers, error) {
	for _, key := range own.foreign {
		l.problems.Add(key, unknownKey{}, "must begin with %s:, whatever the project is called", Project)
	}
	all := layers{{fromFile, values}}
	bases, err := own.bases(dir)
	if err != nil {
		return nil, err
	}
	for _, base := range bases {
		values := tree(base.entries, &l.problems)
		refuseSealed(&l.problems, base.label, "", values)
		all = append(all, layer{base.label, values})
	}
	return all, nil
}

// LoadContext reads and checks the configuration of the running program. Secrets are decrypted by the engine.
//
// The SDK returns values by key and cannot list the keys, and the engine puts the defaults of Pulumi.yaml among what the
// stack file gives. So the keys (not the values) are read from the stack file, where the engine runs beside one: what it
// does not name is a default, and weaker than the files that it extends, which the engine knows nothing of.
func LoadContext(ctx *pulumi.Context, options ...Option) (*Result, error) {
	l := newLoader(ctx.Stack(), options)
	l.clearSecrets = true
	if l.dir == "" {
		l.dir = ctx.RootDirectory()
	}
	if l.baseDir == "" {
		l.baseDir = l.dir
	}
	all, err := l.contextLayers(ctx)
	if err != nil {
		return nil, err
	}
	return l.load(all)
}

func (l *loader) contextLayers(ctx *pulumi.Context) (layers, error) {
	path := filepath.Join(l.dir, FileOf(ctx.Stack()))
	own, err := readSource(path, fromFile, ctx.Project())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	handedOver := func(key string) any {
		if text, ok := ctx.GetConfig(Project + ":" + key); ok {
			return parse(text)
		}
		return nil
	}
	rest := map[string]any{}
	for _, key := range keysOf(reflect.TypeOf(config.Config{})) {
		if value := handedOver(key); value != nil && value != "" {
			rest[key] = value
		}
	}
	if own == nil {
		if base, extends := rest["extends"]; extends {
			return nil, fmt.Errorf("extends: %q: needs the stack file, and there is no %s", base, path)
		}
		return layers{{fromFile, rest}}, nil
	}
	given := map[string]any{}
	for key, value := range own.entries {
		if delete(rest, key); value != nil {
			value = handedOver(key)
		}
		given[key] = value
	}
	all, err := l.above(own, l.baseDir, tree(given, &l.problems))
	return append(all, layer{config.FromDefault, rest}), err
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
func (l *loader) load(all layers) (*Result, error) {
	l.decodeLayers(all)
	l.config.Complete(l.Reading)
	l.problems.Append(l.config.Check(l.Reading))
	if err := l.problems.Err(""); err != nil {
		return nil, err
	}
	return &Result{Config: l.config, Origins: l.Origins}, nil
}

func (l *loader) decodeLayers(all layers) {
	values, origins := all.merged()
	l.inherited = func(path string) bool { return originIn(origins, path) != fromFile }
	l.object("", values, reflect.ValueOf(l.config).Elem())
	for path := range l.given {
		l.Origins[path] = originIn(origins, path)
	}
}

// Problems splits the error of a load into its lines.
func Problems(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}
