package stackfile

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/infra/problem"
)

// StackOf returns the stack that a stack file is named after: dev for Pulumi.dev.yaml, or "" for another name.
func StackOf(path string) string {
	name := filepath.Base(path)
	if !strings.HasPrefix(name, "Pulumi.") || !strings.HasSuffix(name, ".yaml") || name == "Pulumi.yaml" {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(name, "Pulumi."), ".yaml")
}

// FileOf returns the name of a stack's file, Pulumi.dev.yaml for dev.
func FileOf(stack string) string { return "Pulumi." + stack + ".yaml" }

// source is a stack file as it is written: the values under `bpa:` by key. A key may be a path such as
// aws.accountId, as `pulumi config set` without --path and `pulumi new` write it.
type source struct {
	path    string
	label   string
	entries map[string]any
	// foreign are keys that the engine files under another project's name, though they are meant for this one.
	foreign []string
}

// readSource reads a stack file of a project.
func readSource(path, label, project string) (*source, error) {
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
	s := &source{path: path, label: label, entries: map[string]any{}}
	for key, value := range file.Config {
		namespace, name, found := strings.Cut(key, ":")
		if !found {
			namespace, name = project, key // as the engine has it
		}
		switch namespace {
		case Project:
			s.entries[name] = value
		case project:
			s.foreign = append(s.foreign, name)
		}
	}
	return s, nil
}

// projectIn returns the name of the Pulumi project in a folder: the namespace of keys without one. `pulumi new` gives a
// copy of this project another name; its keys are `bpa:` all the same.
func projectIn(dir string) string {
	var file struct{ Name string }
	b, err := os.ReadFile(filepath.Join(dir, "Pulumi.yaml"))
	if err != nil || yaml.Unmarshal(b, &file) != nil || file.Name == "" {
		return Project
	}
	return file.Name
}

// tree turns the entries of a file into nested values. A key that is a path comes after whole sections, and so wins.
func tree(entries map[string]any, problems *problem.List) map[string]any {
	root := map[string]any{}
	for _, key := range sortedKeys(entries) {
		if !strings.ContainsAny(key, ".[") {
			root[key] = clone(entries[key])
		}
	}
	for _, key := range sortedKeys(entries) {
		if !strings.ContainsAny(key, ".[") {
			continue
		}
		path, err := resource.ParsePropertyPath(key)
		if err == nil {
			_, err = put(root, path, clone(entries[key]))
		}
		if err != nil {
			problems.Add(key, unknownKey{}, "must be a key or a path such as aws.region: %s", err)
		}
	}
	return root
}

// put stores a value below another, at a path of keys and list positions, and returns what holds it.
func put(at any, path resource.PropertyPath, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	switch step := path[0].(type) {
	case string:
		m, ok := at.(map[string]any)
		if at == nil {
			m, ok = map[string]any{}, true
		}
		if !ok {
			return at, fmt.Errorf("%s stands in something that is no object", step)
		}
		inner, err := put(m[step], path[1:], value)
		if err == nil {
			m[step] = inner
		}
		return m, err
	case int:
		list, ok := at.([]any)
		if at != nil && !ok || step < 0 || step > len(list) {
			return at, fmt.Errorf("there is no item %d", step)
		}
		var inner any
		if step < len(list) {
			inner = list[step]
		}
		inner, err := put(inner, path[1:], value)
		if err != nil {
			return at, err
		}
		return append(list[:step:step], append([]any{inner}, list[min(step+1, len(list)):]...)...), nil
	}
	return at, fmt.Errorf("%v is no key", path[0])
}

// clone copies plain data, so that merging changes no file.
func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for key := range out {
			out[key] = clone(out[key])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = clone(v[i])
		}
		return out
	}
	return value
}

// Files returns the path of a stack file, and then those of the files that it extends, nearest first.
func Files(path string) ([]string, error) {
	dir := filepath.Dir(path)
	own, err := readSource(path, fromFile, projectIn(dir))
	if err != nil {
		return nil, err
	}
	bases, err := own.bases(dir)
	files := []string{path}
	for _, b := range bases {
		files = append(files, b.path)
	}
	return files, err
}

// bases reads the files that a stack file extends, nearest first. They lie in dir.
func (s *source) bases(dir string) ([]*source, error) {
	var found []*source
	seen := []string{absolute(s.path)}
	project := projectIn(dir)
	for at := s; ; {
		base, err := at.extends()
		if err != nil || base == "" {
			return found, at.explain(s, err)
		}
		path := filepath.Join(dir, FileOf(base))
		for i, earlier := range seen {
			if earlier == absolute(path) {
				chain := append(names(seen[i:]), FileOf(base))
				return nil, at.explain(s, fmt.Errorf("extends: %q: must not lead back: %s", base, strings.Join(chain, " extends ")))
			}
		}
		next, err := readSource(path, FileOf(base), project)
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("extends: %q: must be a stack file beside this one; there is no %s", base, path)
		}
		if err != nil {
			return nil, at.explain(s, err)
		}
		found, seen, at = append(found, next), append(seen, absolute(path)), next
	}
}

// extends returns the stack that a file extends, or "".
func (s *source) extends() (string, error) {
	value, given := s.entries["extends"]
	if !given || value == nil || value == "" {
		return "", nil
	}
	base, _ := value.(string)
	if wrong := config.WrongStack(base); wrong != "" {
		return "", fmt.Errorf("extends: %q: %s", fmt.Sprint(value), wrong)
	}
	return base, nil
}

// explain names the base that an error is about, where it is not about the stack file itself.
func (s *source) explain(own *source, err error) error {
	if err == nil || s == own {
		return err
	}
	return fmt.Errorf("%s: %w", s.label, err)
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

func names(paths []string) []string {
	var out []string
	for _, path := range paths {
		out = append(out, filepath.Base(path))
	}
	return out
}
