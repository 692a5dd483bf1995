{{- define "tm.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "tm.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "tm.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "tm.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tm.operator" -}}
{{ include "tm.fullname" . }}-operator
{{- end -}}

{{/* What selects the operator's pods; may never change. */}}
{{- define "tm.operator.selector" -}}
app.kubernetes.io/name: traffic-monitor-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Labels of everything in the release that belongs to no component. */}}
{{- define "tm.labels" -}}
app.kubernetes.io/name: traffic-monitor-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: traffic-control
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tm.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "tm.operator" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* Of the Jobs that make and delete the groups. */}}
{{- define "tm.groupsAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ include "tm.fullname" . }}-groups
{{- else -}}
{{ include "tm.serviceAccount" . }}
{{- end -}}
{{- end -}}

{{- define "tm.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "tm.trafficOpsSecret" -}}
{{- .Values.trafficOps.existingSecret | default (printf "%s-traffic-ops" (include "tm.fullname" .)) -}}
{{- end -}}

{{- define "tm.caConfigMap" -}}
{{- with .Values.trafficOps -}}
{{- if .existingCaConfigMap -}}
{{- .existingCaConfigMap -}}
{{- else if .ca -}}
{{- printf "%s-traffic-ops-ca" (include "tm.fullname" $) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Name of the Service for routers, as the operator makes it of the CDN's name: operator/resources/names.ts. */}}
{{- define "tm.routerService" -}}
{{- $cdn := .Values.cdn -}}
{{- if and (le (len $cdn) 47) (regexMatch "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" $cdn) -}}
traffic-monitor-{{ $cdn }}
{{- else -}}
{{- $kept := regexReplaceAll "[^a-z0-9]+" (lower $cdn) "-" | trimAll "-" | trunc 38 -}}
traffic-monitor-{{ regexReplaceAll "[^A-Za-z0-9]+$" $kept "" }}-{{ sha256sum $cdn | trunc 8 }}
{{- end -}}
{{- end -}}

{{/* Pod Security "restricted". */}}
{{- define "tm.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "tm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "tm.imagePullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* The groups as operator/release/ reads them. */}}
{{- define "tm.groups" -}}
{{- $groups := list -}}
{{- range $name, $spec := .Values.groups -}}
{{- $merged := mergeOverwrite (deepCopy $.Values.groupDefaults) (deepCopy ($spec | default dict)) -}}
{{- $groups = append $groups (dict "name" $name "spec" $merged) -}}
{{- end -}}
{{- $groups | toPrettyJson -}}
{{- end -}}

{{/* A pod of a Job or test that runs operator/release/. Argument: root, command, env (list), account (or none). */}}
{{- define "tm.releasePod" -}}
restartPolicy: Never
serviceAccountName: {{ .account | default "default" }}
automountServiceAccountToken: {{ ne (.account | default "") "" }}
enableServiceLinks: false
securityContext:
  {{- include "tm.podSecurity" .root | nindent 2 }}
{{- include "tm.imagePullSecrets" .root }}
{{- with .root.Values.operator.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.operator.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: {{ .command }}
    image: {{ include "tm.image" .root }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: [operator/release/main.ts, {{ .command }}]
    env:
      {{- toYaml .env | nindent 6 }}
    resources:
      {{- toYaml .root.Values.hooks.resources | nindent 6 }}
    # What went wrong stands in the status of the pod too.
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      {{- include "tm.containerSecurity" .root | nindent 6 }}
    {{- if .mountGroups }}
    volumeMounts:
      - name: groups
        mountPath: /etc/groups-of-release
        readOnly: true
    {{- end }}
{{- if .mountGroups }}
volumes:
  - name: groups
    configMap:
      name: {{ include "tm.fullname" .root }}-groups
{{- end }}
{{- end -}}
