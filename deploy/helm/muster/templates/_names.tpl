{{/* What things are called, and the labels by which they are found. */}}

{{- define "muster.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* (list root component): what selects the pods of a component; it never changes. */}}
{{- define "muster.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: muster
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* (list root component) */}}
{{- define "muster.labels" -}}
{{- $root := index . 0 -}}
{{ include "muster.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{/* (list root role) */}}
{{- define "muster.image" -}}
{{- $root := index . 0 -}}{{- $role := index . 1 -}}
{{- $digest := get $root.Values.image.digests $role -}}
{{- if $digest -}}
{{ printf "%s/%s@%s" $root.Values.image.registry $role $digest }}
{{- else -}}
{{ printf "%s/%s:%s" $root.Values.image.registry $role ($root.Values.image.tag | default $root.Chart.AppVersion) }}
{{- end -}}
{{- end }}

{{/* (list root name components): the beginning of a network policy for the pods of some components. */}}
{{- define "muster.policy" -}}
{{- $root := index . 0 -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "muster.name" $root }}-{{ index . 1 }}
  labels: {{- include "muster.labels" (list $root "network") | nindent 4 }}
spec:
  podSelector:
    {{- include "muster.some" (list $root (index . 2)) | nindent 4 }}
{{- end }}

{{/* (list root components): what selects the pods of several components. */}}
{{- define "muster.some" -}}
matchLabels: {app.kubernetes.io/name: muster, app.kubernetes.io/instance: {{ (index . 0).Release.Name }}}
matchExpressions: [{key: app.kubernetes.io/component, operator: In, values: {{ toJson (index . 1) }}}]
{{- end }}

{{/* (list root components): the same as peers. */}}
{{- define "muster.peers" -}}
- podSelector:
    {{- include "muster.some" . | nindent 4 }}
{{- end }}
