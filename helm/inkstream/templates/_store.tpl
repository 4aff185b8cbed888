{{/* One server for trying out: dict "root" $ "component" "kafka" "port" 9092 "path" "/var/lib/kafka/data" "uid" 1000 "container" (YAML of what differs) */}}
{{- define "inkstream.store" -}}
{{- $values := (index .root.Values .component).dev -}}
{{- $name := printf "%s-%s" (include "inkstream.fullname" .root) .component -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "inkstream.labels" . | nindent 4 }}
spec:
  clusterIP: None
  # It has to find itself before it is ready.
  publishNotReadyAddresses: true
  selector: {{- include "inkstream.selector" . | nindent 4 }}
  ports:
    - {name: {{ .component }}, port: {{ .port }}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ $name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{- include "inkstream.labels" . | nindent 4 }}
spec:
  serviceName: {{ $name }}
  replicas: 1
  selector:
    matchLabels: {{- include "inkstream.selector" . | nindent 6 }}
  template:
    metadata:
      labels: {{- include "inkstream.labels" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      # Variables of services would be read as settings.
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext: {{- include "inkstream.podSecurity" .uid | nindent 8 }}
      containers:
        - name: {{ .component }}
          image: {{ $values.image }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          securityContext:
            allowPrivilegeEscalation: false
            # The images write their configuration beside their programs.
            readOnlyRootFilesystem: {{ .readOnly }}
            capabilities: {drop: [ALL]}
          ports:
            - {name: {{ .component }}, containerPort: {{ .port }}}
          {{- .container | nindent 10 }}
          startupProbe:
            tcpSocket: {port: {{ .component }}}
            periodSeconds: 2
            failureThreshold: 90
          livenessProbe:
            tcpSocket: {port: {{ .component }}}
            periodSeconds: 10
            failureThreshold: 6
          readinessProbe:
            tcpSocket: {port: {{ .component }}}
            periodSeconds: 5
          resources: {{- toYaml $values.resources | nindent 12 }}
          volumeMounts:
            - {name: data, mountPath: {{ .path }}}
            - {name: tmp, mountPath: /tmp}
            {{- with .mounts }}{{ . | nindent 12 }}{{ end }}
      volumes:
        - {name: tmp, emptyDir: {sizeLimit: 200Mi}}
        {{- with .volumes }}{{ . | nindent 8 }}{{ end }}
        {{- if not $values.storage }}
        - {name: data, emptyDir: {}}
        {{- end }}
  {{- if $values.storage }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: data}
      spec:
        accessModes: [ReadWriteOnce]
        resources: {requests: {storage: {{ $values.storage }}}}
  {{- end }}
{{- end -}}

{{- define "inkstream.kafkaContainer" -}}
{{- $name := printf "%s-kafka" (include "inkstream.fullname" .) -}}
env:
  - {name: CLUSTER_ID, value: 5L6g3nShT-eMCtK--X86sw}
  - {name: KAFKA_NODE_ID, value: "1"}
  - {name: KAFKA_PROCESS_ROLES, value: "broker,controller"}
  - {name: KAFKA_LISTENERS, value: "CLIENT://:9092,CONTROLLER://:9093"}
  - {name: KAFKA_ADVERTISED_LISTENERS, value: "CLIENT://{{ $name }}-0.{{ $name }}:9092"}
  - {name: KAFKA_LISTENER_SECURITY_PROTOCOL_MAP, value: "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT"}
  - {name: KAFKA_INTER_BROKER_LISTENER_NAME, value: CLIENT}
  - {name: KAFKA_CONTROLLER_LISTENER_NAMES, value: CONTROLLER}
  - {name: KAFKA_CONTROLLER_QUORUM_VOTERS, value: "1@localhost:9093"}
  - {name: KAFKA_LOG_DIRS, value: /var/lib/kafka/data/log}
  - {name: KAFKA_AUTO_CREATE_TOPICS_ENABLE, value: "false"}
  - {name: KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR, value: "1"}
  - {name: KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR, value: "1"}
  - {name: KAFKA_TRANSACTION_STATE_LOG_MIN_ISR, value: "1"}
  - {name: KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR, value: "1"}
  - {name: KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR, value: "1"}
{{- end -}}

{{- define "inkstream.mongodbContainer" -}}
args: [mongod, --replSet, inkstream, --bind_ip_all, --wiredTigerCacheSizeGB, "0.25"]
{{- end -}}
