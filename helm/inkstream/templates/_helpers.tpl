{{/* Names, labels, and what every pod has. */}}

{{- define "inkstream.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* Selectors of a component: dict "root" $ "component" "posts" */}}
{{- define "inkstream.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "inkstream.labels" -}}
{{ include "inkstream.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* What holds for a component, as YAML: the defaults, and what it says otherwise. dict "root" $ "component" "posts" */}}
{{- define "inkstream.settings" -}}
{{- mergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .component | default dict)) | toYaml -}}
{{- end -}}

{{/* An image's reference: dict "root" $ "image" "services" */}}
{{- define "inkstream.image" -}}
{{- $digest := index .root.Values.image.digests .image -}}
{{- if $digest -}}
{{ printf "%s/%s@%s" .root.Values.image.repository .image $digest }}
{{- else -}}
{{ printf "%s/%s:%s" .root.Values.image.repository .image (.root.Values.image.tag | default .root.Chart.AppVersion) }}
{{- end -}}
{{- end -}}

{{- define "inkstream.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "inkstream.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{/* Whether an object is for trying out alone: no backups, one copy, secrets that Helm made. */}}
{{- define "inkstream.warnings" -}}
{{- if eq .Values.secrets.mode "generate" }}
- The keys that everything is sealed with were made by Helm and lie in the Secret {{ include "inkstream.fullname" . }}-keys. Whoever deletes it loses everything.
{{- end }}
{{- if eq .Values.kafka.mode "dev" }}
- Kafka is one broker{{ if not .Values.kafka.dev.storage }} that keeps nothing when its pod ends{{ end }}: a lost disk is a lost log.
{{- end }}
{{- if eq .Values.mongodb.mode "dev" }}
- MongoDB is one server{{ if not .Values.mongodb.dev.storage }} that keeps nothing when its pod ends{{ end }}.
{{- end }}
{{- end -}}
