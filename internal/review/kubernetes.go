package review

import (
	"fmt"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"go.yaml.in/yaml/v3"

	"github.com/bpa-on-aws/platform/internal/catalog"
)

// Manifest is how a Kubernetes object changes, as a unified diff of YAML with secrets masked.
type Manifest struct {
	URN  string `json:"urn"`
	Name string `json:"name"`
	Diff string `json:"diff"`
}

// manifests returns the changes of Kubernetes objects and Helm releases, and of what the releases render where their charts
// are here.
func manifests(changes []*Change, charts Charts) ([]Manifest, error) {
	var list []Manifest
	for _, c := range changes {
		if catalog.Of(c.Type()).Package() != "kubernetes" || !c.real() {
			continue
		}
		switch c.Kind {
		case Update, Replace, Create, Delete:
		default:
			continue
		}
		before, err := manifest(c, c.before())
		if err != nil {
			return nil, err
		}
		after, err := manifest(c, c.after())
		if err != nil {
			return nil, err
		}
		diff := unified(before, after)
		if hidden := hiddenChanges(c); len(hidden) > 0 {
			diff += "# changed, and not shown: " + strings.Join(hidden, ", ") + "\n"
		}
		rendered, err := charts.rendered(c)
		if err != nil {
			diff += "# what it renders is not shown: " + oneLine(err.Error()) + "\n"
		}
		if diff != "" {
			list = append(list, Manifest{URN: string(c.URN), Name: kindOf(c) + " " + c.Name(), Diff: diff})
		}
		list = append(list, rendered...)
	}
	return list, nil
}

// unified is the diff of two texts without its file header.
func unified(before, after string) string {
	diff := udiff.Unified("before", "after", before, after)
	if _, body, ok := strings.Cut(diff, "+++ after\n"); ok {
		return body
	}
	return diff
}

func kindOf(c *Change) string {
	return c.Type()[strings.LastIndex(c.Type(), ":")+1:]
}

// hiddenChanges are the secret properties that change.
func hiddenChanges(c *Change) []string {
	var paths []string
	for _, cause := range c.Causes {
		if cause.Secret && c.Kind != Create && c.Kind != Delete {
			paths = append(paths, oneLine(cause.Path))
		}
	}
	return paths
}

// manifest writes an object as YAML.
func manifest(c *Change, in map[string]any) (string, error) {
	if in == nil {
		return "", nil
	}
	b, err := yaml.Marshal(masked(in, kindOf(c) == "Secret"))
	if err != nil {
		return "", fmt.Errorf("review: %s: %w", c.URN, err)
	}
	return string(b), nil
}
