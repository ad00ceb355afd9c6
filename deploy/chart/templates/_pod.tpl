{{- define "coredog.podLabels" -}}
{{ include "coredog.selector" . }}
app.kubernetes.io/part-of: coredog
{{- end }}

{{/* Where pods go, and with which secrets for the registry. Takes [root, values of the component]. */}}
{{- define "coredog.placement" -}}
{{- $component := index . 1 -}}
nodeSelector:
  {{- toYaml $component.nodeSelector | nindent 2 }}
{{- with $component.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with (index . 0).Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Takes [root, mode of the secret's files]. */}}
{{- define "coredog.configurationVolumes" -}}
- name: config
  configMap:
    name: coredog-config
- name: secrets
  secret:
    secretName: {{ (index . 0).Values.existingSecret | default "coredog-secrets" }}
    optional: true
    defaultMode: {{ index . 1 }}
{{- end }}
