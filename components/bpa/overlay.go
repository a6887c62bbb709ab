package bpa

import (
	"fmt"
	"slices"
	"strings"
)

// overlayEnvironment makes environment.txt take its values from Helm (R11), and the templates that read it render it.
func overlayEnvironment(files map[string][]byte, file string, keys []string) error {
	content, ok := files[file]
	if !ok {
		return fmt.Errorf("application.environmentFile: %q: the chart has no such file; none, where it has none", file)
	}
	all := reader{file: file}
	for _, name := range names(files) {
		if !strings.HasPrefix(name, "templates/") {
			continue
		}
		text, err := all.rewrite(name, string(files[name]))
		if err != nil {
			return fmt.Errorf("application.environmentFile: %q: %w", file, err)
		}
		files[name] = []byte(text)
	}
	if all.count == 0 {
		return fmt.Errorf(
			"application.environmentFile: %q: no template of the chart reads it with .Files.Get, .Files.Lines or .Files.Glob",
			file,
		)
	}
	files[file] = []byte(environmentTemplate(string(content), slices.Sorted(slices.Values(keys)), all.rendered))
	files[helperFile] = []byte(strings.ReplaceAll(helper, "ENVIRONMENT", fmt.Sprintf("%q", file)))
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

// helperFile holds the helpers, in the overlaid copy of a chart.
const helperFile = "templates/_bpa-environment.tpl"

// helper does what .Files does, and renders environment.txt before anything quotes or encodes it: rendered afterwards, a password
// could end the YAML string that it stands in. A helper gets the chart and the name or pattern. Those for tpl, where the chart
// renders what it reads itself, get these as one, and what tpl is to see. Glob leaves its files with the chart, as a helper returns
// text alone.
const helper = `{{- define "bpaFiles.get" -}}
{{- $text := (index . 0).Files.Get (index . 1) -}}
{{- if eq (index . 1) ENVIRONMENT }}{{ tpl $text (index . 0) }}{{ else }}{{ $text }}{{ end -}}
{{- end -}}
{{- define "bpaFiles.tpl" -}}
{{- $of := index . 0 -}}
{{- if eq (index $of 1) ENVIRONMENT }}{{ include "bpaFiles.get" $of }}{{ else -}}
{{ tpl ((index $of 0).Files.Get (index $of 1)) (index . 1) }}{{ end -}}
{{- end -}}
{{- define "bpaFiles.glob" -}}
{{- $root := index . 0 }}{{ $files := dict -}}
{{- range $path, $content := $root.Files.Glob (index . 1) -}}
{{- if eq $path ENVIRONMENT }}{{ $content = include "bpaFiles.get" (list $root $path) }}{{ end -}}
{{- $_ := set $files $path $content -}}
{{- end -}}
{{- $_ := set $root "bpaGlob" $files -}}
{{- end -}}
{{- define "bpaFiles.map" -}}
{{- include "bpaFiles.glob" .of }}{{ $root := index .of 0 }}{{ $files := dict -}}
{{- range $path, $content := $root.bpaGlob -}}
{{- $text := toString $content -}}
{{- if and $.tpl (ne $path ENVIRONMENT) }}{{ $text = tpl $text $root }}{{ end -}}
{{- if $.encode }}{{ $text = b64enc $text }}{{ end -}}
{{- $_ := set $files (base $path) $text -}}
{{- end -}}
{{- if $files }}{{ toYaml $files }}{{ end -}}
{{- end -}}
{{- define "bpaFiles.AsConfig" }}{{ include "bpaFiles.map" (dict "of" . "encode" false "tpl" false) }}{{ end -}}
{{- define "bpaFiles.AsSecrets" }}{{ include "bpaFiles.map" (dict "of" . "encode" true "tpl" false) }}{{ end -}}
{{- define "bpaFiles.tplAsConfig" }}{{ include "bpaFiles.map" (dict "of" (index . 0) "encode" false "tpl" true) }}{{ end -}}
{{- define "bpaFiles.tplAsSecrets" }}{{ include "bpaFiles.map" (dict "of" (index . 0) "encode" true "tpl" true) }}{{ end -}}
`
