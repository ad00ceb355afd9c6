{{/*
coredog.yaml as the user wrote it, never rewritten: `toYaml` would make 1.073741824e+10 of 10737418240. The
original's value for the directory of cores is added where the text does not say it.
*/}}
{{- define "coredog.configuration" -}}
{{- $text := .Values.config.coredog | trimSuffix "\n" -}}
{{- $parsed := fromYaml $text -}}
{{- $path := .Values.corefileVolume.hostPath.path -}}
{{- if or (eq $path "/data/coredog-system/dumps") (hasKey $parsed "Error") (include "coredog.saysDumpsDir" $parsed) -}}
{{ $text }}
{{- else -}}
{{- $longer := printf "%s\nfallback:\n  dumpsDir: %s\n" $text (quote $path) -}}
{{- if or (hasKey $parsed "fallback") (ne (include "coredog.saysDumpsDir" (fromYaml $longer)) $path) -}}
{{- fail (printf "Cannot put corefileVolume.hostPath.path into config.coredog: write it there yourself, as fallback.dumpsDir: %s" (quote $path)) -}}
{{- end -}}
{{ $longer | trimSuffix "\n" }}
{{- end -}}
{{- end }}

{{- define "coredog.saysDumpsDir" -}}
{{- $fallback := index . "fallback" -}}
{{- if kindIs "map" $fallback }}{{ index $fallback "dumpsDir" | default "" }}{{ end -}}
{{- end }}

{{/*
The first key of config.coredog that holds a secret; nothing where there is none. An access key id is none,
nor is an address of CoreSight. A text that cannot be parsed may hold one.
*/}}
{{- define "coredog.secretKey" -}}
{{- $parsed := fromYaml .Values.config.coredog -}}
{{- $found := list -}}
{{- if hasKey $parsed "Error" }}{{ $found = list "a text that is no YAML" }}{{ end -}}
{{- $kept := dict "StorageConfig" (list "s3SecretAccessKey" "sessionToken") "CoreSight" (list "token") "network" (list "proxy") -}}
{{- range $section, $keys := $kept -}}
{{- $inner := index $parsed $section -}}
{{- range $key := $keys -}}
{{- if kindIs "map" $inner }}{{ if index $inner $key }}{{ $found = append $found (printf "%s.%s" $section $key) }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- $channels := index $parsed "NoticeChannel" -}}
{{- if kindIs "slice" $channels -}}
{{- range $at, $channel := $channels -}}
{{- range $key := list "webhookurl" "secret" -}}
{{- if kindIs "map" $channel }}{{ if index $channel $key }}{{ $found = append $found (printf "NoticeChannel[%d].%s" $at $key) }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $destinations := index $parsed "destinations" -}}
{{- if kindIs "map" $destinations -}}
{{- range $kind, $all := $destinations -}}
{{- range $at, $one := kindIs "slice" $all | ternary $all (list $all) -}}
{{- range $key := list "url" "secret" "token" "dsn" "headers" -}}
{{- if kindIs "map" $one }}{{ if index $one $key }}{{ $found = append $found (printf "destinations.%s[%d].%s" $kind $at $key) }}{{ end }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $found }}{{ first . }}{{ end -}}
{{- end }}

{{/*
The text of the Secret: that of `secrets`, or all of config.coredog where that holds one; nothing: the chart
makes no Secret.
*/}}
{{- define "coredog.secretText" -}}
{{- $key := include "coredog.secretKey" . -}}
{{- if and .Values.secrets .Values.existingSecret -}}
{{- fail "secrets and existingSecret: set one of the two" -}}
{{- else if and $key (or .Values.secrets .Values.existingSecret) -}}
{{- fail (printf "config.coredog holds a secret (%s): move it to where the others are, in %s" $key (ternary "secrets" "the Secret that existingSecret names" (not (empty .Values.secrets)))) -}}
{{- end -}}
{{- if $key }}{{ include "coredog.configuration" . }}{{ else }}{{ .Values.secrets }}{{ end -}}
{{- end }}

{{/* Whether the kernel hands cores to the handler, and writes no files. */}}
{{- define "coredog.hasPipe" -}}
{{- if not (include "coredog.isOn" (list . "corePattern")) }}yes{{ end -}}
{{- end }}

{{/* Whether there is something to mount into pods, and the webhook is to do it. */}}
{{- define "coredog.hasWebhook" -}}
{{- if and .Values.webhook.enabled (or (include "coredog.isOn" (list . "hostPath")) (include "coredog.isOn" (list . "corePattern"))) }}yes{{ end -}}
{{- end }}

{{/*
Whether config.coredog sets this key of `fallback` to what CoreDog takes for true. Takes [root, key].
*/}}
{{- define "coredog.isOn" -}}
{{- $fallback := index (fromYaml (index . 0).Values.config.coredog) "fallback" -}}
{{- if kindIs "map" $fallback -}}
{{- if has (index $fallback (index . 1) | toString | trim | lower) (list "true" "yes" "y" "on") }}yes{{ end -}}
{{- end -}}
{{- end }}

{{/* Whether cores are a resource of the cluster. */}}
{{- define "coredog.hasApi" -}}
{{- if .Values.api.enabled }}yes{{ else if .Values.api.detectorPaths }}{{ fail "api.detectorPaths: needs api.enabled" }}{{ end -}}
{{- end }}
