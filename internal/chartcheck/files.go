package chartcheck

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bpa-on-aws/platform/infra/config"
	"github.com/bpa-on-aws/platform/internal/chart"
)

// idle are the private keys and large files of the copy that no object changes without: Helm decides, where the text of the
// templates does not tell.
func (s *subject) idle(base []chart.Object) []string {
	const large = 64 << 10
	var list []string
	for _, f := range s.copied.Files() {
		key := strings.Contains(string(f.Data), "PRIVATE KEY-----")
		if !key && len(f.Data) < large {
			continue
		}
		without := s.rendered(s.copied.Without(f.Name), s.values(s.sample))
		if without == nil || len(changed(base, without)) > 0 {
			continue
		}
		what := fmt.Sprintf("%d KiB", len(f.Data)>>10)
		if key {
			what = "a private key"
		}
		list = append(list, f.Name+" ("+what+")")
	}
	return list
}

// own are the keys of environment.txt that keep the chart's value.
func (s *subject) own() []string {
	app := s.config.Application
	if app.EnvironmentFile == config.None {
		return nil
	}
	var list []string
	for _, f := range s.copied.Files() {
		if f.Name != app.EnvironmentFile {
			continue
		}
		for _, line := range strings.Split(string(f.Data), "\n") {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export "))
			key, _, assigned := strings.Cut(line, "=")
			if _, given := app.Environment[strings.TrimSpace(key)]; assigned && !given && !strings.HasPrefix(line, "#") {
				list = append(list, strings.TrimSpace(key))
			}
		}
	}
	return list
}

// images are those of all containers, sorted, each with the first place that names it.
func images(objects []chart.Object) []Image {
	var list []Image
	for _, o := range objects {
		walk("", o.Manifest, func(path, image string) {
			if !slices.ContainsFunc(list, func(i Image) bool { return i.Name == image }) {
				list = append(list, Image{Name: image, File: o.File, Line: o.Line(path)})
			}
		})
	}
	slices.SortFunc(list, func(a, b Image) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// walk calls back for the image of each container.
func walk(path string, value any, image func(path, name string)) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			at := strings.TrimPrefix(path+"."+key, ".")
			containers, _ := inner.([]any)
			for i, c := range containers {
				container, _ := c.(map[string]any)
				if name, ok := container["image"].(string); ok && (key == "containers" || key == "initContainers") {
					image(fmt.Sprintf("%s[%d].image", at, i), name)
				}
			}
			walk(at, inner, image)
		}
	case []any:
		for i, inner := range v {
			walk(fmt.Sprintf("%s[%d]", path, i), inner, image)
		}
	}
}
