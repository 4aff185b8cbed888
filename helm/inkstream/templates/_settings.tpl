{{/* What the services are told. In all of these: dict "root" $ "component" "posts" "kafka" (its user: name, Secret). */}}

{{- define "inkstream.kafkaEnv" -}}
{{- $values := .root.Values.kafka -}}
{{- $name := include "inkstream.fullname" .root -}}
- {name: INKSTREAM_TOPIC_PREFIX, value: {{ $values.topicPrefix | quote }}}
- {name: INKSTREAM_COMPRESSION, value: {{ $values.compression | quote }}}
{{- if eq $values.mode "dev" }}
- {name: INKSTREAM_KAFKA, value: {{ printf "%s-kafka:9092" $name | quote }}}
{{- else if eq $values.mode "strimzi" }}
- {name: INKSTREAM_KAFKA, value: {{ printf "%s-kafka-bootstrap:9093" $name | quote }}}
- {name: INKSTREAM_KAFKA_TLS, value: "true"}
- {name: INKSTREAM_KAFKA_CA, value: /etc/inkstream/kafka/ca.crt}
- {name: INKSTREAM_KAFKA_SASL, value: SCRAM-SHA-512}
- {name: INKSTREAM_KAFKA_USER, value: {{ printf "%s-%s" $name .component | quote }}}
- name: INKSTREAM_KAFKA_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ printf "%s-%s" $name .component }}, key: password}}
{{- else }}
- {name: INKSTREAM_KAFKA, value: {{ $values.external.bootstrap | quote }}}
{{- if $values.external.tls.enabled }}
- {name: INKSTREAM_KAFKA_TLS, value: "true"}
{{- if $values.external.tls.caSecret }}
- {name: INKSTREAM_KAFKA_CA, value: {{ printf "/etc/inkstream/kafka/%s" $values.external.tls.caKey | quote }}}
{{- end }}
{{- end }}
{{- with $values.external.sasl.mechanism }}
- {name: INKSTREAM_KAFKA_SASL, value: {{ . | quote }}}
{{- if ne . "OAUTHBEARER" }}
- {name: INKSTREAM_KAFKA_USER, value: {{ required (printf "%s needs a user of Kafka: kafka.user" $.component) $.kafka.user | quote }}}
- name: INKSTREAM_KAFKA_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ required (printf "%s needs a password of Kafka: kafka.existingSecret" $.component) $.kafka.existingSecret }}, key: {{ $.kafka.passwordKey }}}}
{{- else if eq $values.external.sasl.token "google" }}
- {name: INKSTREAM_KAFKA_TOKEN, value: google}
{{- else }}
- {name: INKSTREAM_KAFKA_TOKEN, value: /var/run/secrets/inkstream/token}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "inkstream.kafkaMounts" -}}
{{- if include "inkstream.kafkaCa" . }}
- {name: kafka-ca, mountPath: /etc/inkstream/kafka, readOnly: true}
{{- end }}
{{- if include "inkstream.kafkaToken" . }}
- {name: kafka-token, mountPath: /var/run/secrets/inkstream, readOnly: true}
{{- end }}
{{- end -}}

{{- define "inkstream.kafkaVolumes" -}}
{{- with include "inkstream.kafkaCa" . }}
- {name: kafka-ca, secret: {secretName: {{ . }}}}
{{- end }}
{{- if include "inkstream.kafkaToken" . }}
- name: kafka-token
  projected:
    sources:
      - serviceAccountToken: {path: token, audience: {{ .root.Values.kafka.external.sasl.audience | quote }}, expirationSeconds: 3600}
{{- end }}
{{- end -}}

{{/* The Secret with the authority that signs Kafka's certificates. */}}
{{- define "inkstream.kafkaCa" -}}
{{- $values := .root.Values.kafka -}}
{{- if eq $values.mode "strimzi" -}}
{{ include "inkstream.fullname" .root }}-cluster-ca-cert
{{- else if and (eq $values.mode "external") $values.external.tls.enabled -}}
{{ $values.external.tls.caSecret }}
{{- end -}}
{{- end -}}

{{/* Whether Kafka is told who comes by a token of Kubernetes' own. */}}
{{- define "inkstream.kafkaToken" -}}
{{- $sasl := .root.Values.kafka.external.sasl -}}
{{- if and (eq .root.Values.kafka.mode "external") (eq $sasl.mechanism "OAUTHBEARER") (eq $sasl.token "serviceAccount") -}}true{{- end -}}
{{- end -}}

{{- define "inkstream.mongodbEnv" -}}
{{- $values := .root.Values.mongodb -}}
{{- $name := include "inkstream.fullname" .root -}}
- {name: INKSTREAM_DATABASE_PREFIX, value: {{ $values.databasePrefix | quote }}}
{{- if eq $values.mode "dev" }}
- {name: INKSTREAM_MONGO, value: {{ printf "mongodb://%s-mongodb-0.%s-mongodb:27017/?replicaSet=inkstream" $name $name | quote }}}
{{- else if eq $values.mode "operator" }}
- name: INKSTREAM_MONGO
  valueFrom: {secretKeyRef: {name: {{ printf "%s-mongodb-%s" $name .component }}, key: connectionString.standard}}
{{- else }}
- name: INKSTREAM_MONGO
  valueFrom: {secretKeyRef: {name: {{ required (printf "services.%s.mongodb.existingSecret is missing: a Secret with the connection string" .component) .settings.mongodb.existingSecret }}, key: {{ .settings.mongodb.key }}}}
{{- end }}
{{- end -}}

{{- define "inkstream.sharedSecret" -}}
{{- if eq .Values.secrets.mode "existing" -}}
{{ required "secrets.existing.shared is missing: a Secret with INKSTREAM_KEK and INKSTREAM_LOOKUP_KEY" .Values.secrets.existing.shared }}
{{- else -}}
{{ include "inkstream.fullname" . }}-keys
{{- end -}}
{{- end -}}

{{- define "inkstream.credentialsSecret" -}}
{{- if eq .Values.secrets.mode "existing" -}}
{{ required "secrets.existing.credentials is missing: a Secret with INKSTREAM_CREDENTIALS_KEK" .Values.secrets.existing.credentials }}
{{- else -}}
{{ include "inkstream.fullname" . }}-credentials-key
{{- end -}}
{{- end -}}

{{- define "inkstream.googleRanges" -}}
[130.211.0.0/22, 35.191.0.0/16]
{{- end -}}

{{/* Everything that a service is told. */}}
{{- define "inkstream.serviceEnv" -}}
{{- $root := .root -}}
{{- $gke := and (eq $root.Values.expose "gateway") $root.Values.gateway.gke.enabled -}}
- {name: INKSTREAM_HOST, value: "0.0.0.0"}
- {name: INKSTREAM_PORT, value: "8000"}
- {name: INKSTREAM_PUBLIC_URL, value: {{ $root.Values.publicUrl | quote }}}
- name: INKSTREAM_REPLICA
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
# Longer than it takes until a load balancer knows that the pod ends.
- {name: INKSTREAM_DRAIN_MS, value: "10000"}
- {name: INKSTREAM_TOPICS_PATIENCE_MS, value: "240000"}
{{- $trusted := $root.Values.trustedProxies | default (ternary (include "inkstream.googleRanges" . | fromYamlArray) list $gke) }}
{{- if $trusted }}
- {name: INKSTREAM_TRUSTED_PROXIES, value: {{ join " " $trusted | quote }}}
{{- end }}
- {name: INKSTREAM_TRUSTED_HOPS, value: {{ $root.Values.trustedHops | default (ternary 2 1 $gke) | quote }}}
- name: INKSTREAM_KEK
  valueFrom: {secretKeyRef: {name: {{ include "inkstream.sharedSecret" $root }}, key: INKSTREAM_KEK}}
- name: INKSTREAM_LOOKUP_KEY
  valueFrom: {secretKeyRef: {name: {{ include "inkstream.sharedSecret" $root }}, key: INKSTREAM_LOOKUP_KEY}}
{{- if eq .component "auth" }}
- name: INKSTREAM_CREDENTIALS_KEK
  valueFrom: {secretKeyRef: {name: {{ include "inkstream.credentialsSecret" $root }}, key: INKSTREAM_CREDENTIALS_KEK}}
{{- end }}
{{ include "inkstream.kafkaEnv" . }}
{{ include "inkstream.mongodbEnv" . }}
{{- end -}}

{{- define "inkstream.webEnv" -}}
{{- $name := include "inkstream.fullname" .root -}}
- {name: INKSTREAM_LISTEN, value: ":8000"}
{{- range list "auth" "posts" "comments" "query" }}
- {name: {{ printf "INKSTREAM_%s" (upper .) }}, value: {{ printf "%s-%s:8000" $name . | quote }}}
{{- end }}
{{- end -}}
