{{/*
The values of the original CoreDog name its image, which has none of our programs: ours is used instead.
*/}}
{{- define "coredog.isOriginalImage" -}}
{{- if hasSuffix "coderflyfyf/coredog" .Values.image.repository }}yes{{ end -}}
{{- end }}

{{- define "coredog.image" -}}
{{- if include "coredog.isOriginalImage" . -}}
ghcr.io/coredog/coredog:{{ .Chart.AppVersion }}
{{- else if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}
