{{- define "bpa.environment" -}}
{{ tpl ($.Files.Get "config/environment.txt") $ }}
{{- end }}
