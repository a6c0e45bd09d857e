{{/* Names. */}}
{{- define "expressions.name" -}}
{{ .Chart.Name }}-{{ .Values.text | lower | replace " " "-" }}
{{- end }}
{{ define "expressions.block" }}
a: 1
b:
  - {{ .Values.one }}
{{ end }}
