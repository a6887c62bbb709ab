package bpa

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// overlayEnvironment makes environment.txt take its values from Helm (R11), and the templates that read it render it.
func overlayEnvironment(files map[string][]byte, file string, keys []string) error {
	content, ok := files[file]
	if !ok {
		return fmt.Errorf("application.environmentFile: %q: the chart has no such file", file)
	}
	reader := newReader(file)
	for _, name := range names(files) {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		text, err := reader.render(string(files[name]))
		if err != nil {
			return fmt.Errorf("application.environmentFile: %q: %s %w", file, name, err)
		}
		files[name] = []byte(text)
	}
	if reader.count == 0 {
		return fmt.Errorf(
			"application.environmentFile: %q: no template of the chart reads it by name with .Files.Get or .Files.Lines, "+
				"or with .Files.Glob and .AsConfig or .AsSecrets",
			file,
		)
	}
	files[file] = []byte(environmentTemplate(string(content), slices.Sorted(slices.Values(keys)), reader.rendered))
	if reader.globs {
		files[helperFile] = []byte(fmt.Sprintf(helper, file))
	}
	return nil
}

// environmentTemplate replaces the values of the given keys, keeps all other lines, and appends keys that are missing.
// A line that the chart does not render itself stays literal.
func environmentTemplate(content string, keys []string, rendered bool) string {
	reference := func(key string) string {
		return fmt.Sprintf("%s={{ index .Values.%s %q }}", key, environmentValue, key)
	}
	var lines []string
	var done []string
	for _, line := range strings.Split(strings.TrimRight(content, "\n"), "\n") {
		name, _, assigned := strings.Cut(strings.TrimSpace(line), "=")
		key := strings.TrimSpace(strings.TrimPrefix(name, "export "))
		switch {
		case assigned && slices.Contains(keys, key):
			line = reference(key)
			if strings.HasPrefix(name, "export ") {
				line = "export " + line
			}
			done = append(done, key)
		case !rendered:
			line = strings.ReplaceAll(line, "{{", "{{ `{{` }}")
		}
		lines = append(lines, line)
	}
	for _, key := range keys {
		if !slices.Contains(done, key) {
			lines = append(lines, reference(key))
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// helperFile holds the helper, in the overlaid copy of a chart that globs environment.txt.
const helperFile = "templates/_bpa-environment.tpl"

// helper does what .AsConfig and .AsSecrets do, and renders environment.txt before it is quoted: rendered afterwards, a
// password could end the YAML string that it stands in. With .tpl, the chart renders its other files, too.
const helper = `{{- define "bpaEnvironment.files" -}}
{{- $files := dict -}}
{{- range $path, $content := .root.Files.Glob .glob -}}
{{- $text := toString $content -}}
{{- if or $.tpl (eq $path %q) }}{{ $text = tpl $text $.root }}{{ end -}}
{{- if $.encode }}{{ $text = b64enc $text }}{{ end -}}
{{- $_ := set $files (base $path) $text -}}
{{- end -}}
{{- if $files }}{{ toYaml $files }}{{ end -}}
{{- end -}}
`

// root is how a template names the chart: `.`, `$`, `$chart`, `.root`.
const root = `((?:\$\w*)?(?:\.\w+)*)\.Files\.`

// reader changes the templates that read environment.txt.
type reader struct {
	file string
	// What templates say: ownTpl and ownGlob pass the file through tpl themselves, unclear does so with something else.
	ownTpl, get, lines, ownGlob, asFiles, unclear *regexp.Regexp
	// count is how often the file is read. Rendered says that the chart passes it through tpl, globs that a pattern
	// names it.
	count           int
	rendered, globs bool
}

func newReader(file string) *reader {
	name := "(?:" + regexp.QuoteMeta(fmt.Sprintf("%q", file)) + "|" + regexp.QuoteMeta("`"+file+"`") + ")"
	glob := `\(\s*` + root + "Glob\\s+[\"`]([^\"`]+)[\"`]\\s*\\)\\.As(Config|Secrets)"
	read := `Files\.(?:Get|Lines)\s+` + name
	return &reader{
		file:    file,
		ownTpl:  regexp.MustCompile(`tpl\s+\(\s*` + root + `Get\s+` + name + `\s*\)\s+[$.][\w.]*`),
		get:     regexp.MustCompile(root + `Get\s+` + name),
		lines:   regexp.MustCompile(root + `Lines\s+` + name),
		ownGlob: regexp.MustCompile(`tpl\s+` + glob + `\s+[$.][\w.]*`),
		asFiles: regexp.MustCompile(glob),
		unclear: regexp.MustCompile(`\btpl\s+\([^{}]*` + read + `|` + read + `[^{}]*\|\s*tpl\b`),
	}
}

// render passes what a template reads of the file through tpl. Exactly once: a password that holds `{{` stays literal.
func (r *reader) render(text string) (string, error) {
	var made []string
	// What is made is kept apart, so that no later expression finds it.
	mark := func(i int) string { return fmt.Sprintf("\x00%d\x00", i) }
	replace := func(expression *regexp.Regexp, with func(m []string) string) {
		text = expression.ReplaceAllStringFunc(text, func(found string) string {
			instead := with(expression.FindStringSubmatch(found))
			if instead == "" {
				return found
			}
			made = append(made, instead)
			return mark(len(made) - 1)
		})
	}
	get := func(m []string) string { return fmt.Sprintf("(tpl (%s.Files.Get %q) %s)", m[1], r.file, whole(m[1])) }
	replace(r.ownTpl, func(m []string) string {
		r.rendered = true
		return get(m)
	})
	if r.unclear.MatchString(text) {
		return "", fmt.Errorf("passes it through tpl in a way that would render a password; write `tpl (.Files.Get %q) .`", r.file)
	}
	replace(r.ownGlob, func(m []string) string { return r.glob(m, true) })
	replace(r.asFiles, func(m []string) string { return r.glob(m, false) })
	replace(r.lines, func(m []string) string { return fmt.Sprintf(`(splitList "\n" (trimSuffix "\n" %s))`, get(m)) })
	replace(r.get, get)
	r.count += len(made)
	for i, instead := range made {
		text = strings.Replace(text, mark(i), instead, 1)
	}
	return text, nil
}

// glob calls the helper instead of .Files.Glob, where the pattern matches the file.
func (r *reader) glob(m []string, rendered bool) string {
	pattern := regexp.QuoteMeta(m[2])
	for _, wildcard := range [][2]string{{`\*\*`, `.*`}, {`\*`, `[^/]*`}, {`\?`, `[^/]`}} {
		pattern = strings.ReplaceAll(pattern, wildcard[0], wildcard[1])
	}
	if matched, err := regexp.MatchString("^"+pattern+"$", r.file); err != nil || !matched {
		return ""
	}
	r.globs = true
	r.rendered = r.rendered || rendered
	return fmt.Sprintf(`(include "bpaEnvironment.files" (dict "root" %s "glob" %q "encode" %t "tpl" %t))`,
		whole(m[1]), m[2], m[3] == "Secrets", rendered)
}

// whole is the chart itself: in `.Files.Get`, what is before `.Files`.
func whole(prefix string) string {
	if prefix == "" {
		return "."
	}
	return prefix
}
