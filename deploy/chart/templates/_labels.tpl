{{/*
Selectors cannot be changed: the webhook's is that of the original CoreDog's chart. Takes [root, component].
*/}}
{{- define "coredog.selector" -}}
app.kubernetes.io/name: coredog
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "coredog.labels" -}}
app.kubernetes.io/name: coredog
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/part-of: coredog
{{ include "coredog.helmLabels" . }}
{{- end }}

{{- define "coredog.componentLabels" -}}
{{ include "coredog.selector" . }}
app.kubernetes.io/part-of: coredog
{{ include "coredog.helmLabels" (index . 0) }}
{{- end }}

{{/* With those by which a Prometheus finds what is meant for it. */}}
{{- define "coredog.monitoringLabels" -}}
{{ include "coredog.labels" . }}
{{- with .Values.monitoring.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/*
Labels that `kubectl apply -k deploy` does not have. Never in the template of a pod: a new chart alone must
restart no pod.
*/}}
{{- define "coredog.helmLabels" -}}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- end }}
