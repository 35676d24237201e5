{{/* What each process is told: deploy/README.md has the table of it. */}}

{{/* (list root role): the secrets of a role, by their keys in existingSecret. */}}
{{- define "muster.secrets" -}}
{{- $root := index . 0 -}}{{- $role := index . 1 -}}
{{- $keys := list "redis-url" -}}
{{- if eq $role "tools" -}}
{{- $keys = list "secret-key" "redis-url" "ingest-database-url" "report-database-url" "notify-database-url" "smtp-url" -}}
{{- else if ne $role "scheduler" -}}
{{- $keys = list "secret-key" "redis-url" (printf "%s-database-url" $role) -}}
{{- end -}}
{{- if eq $role "notify" }}{{ $keys = append $keys "smtp-url" }}{{ end -}}
{{- if and (eq $role "ingest") $root.Values.oidc.issuer }}{{ $keys = append $keys "oidc-client-secret" }}{{ end -}}
{{ toJson $keys }}
{{- end }}

{{/* (list root role): the environment of a process. */}}
{{- define "muster.environment" -}}
{{- $root := index . 0 -}}{{- $role := index . 1 -}}
{{- range include "muster.secrets" . | fromJsonArray }}
- {name: MUSTER_{{ . | upper | replace "-" "_" }}_FILE, value: /run/secrets/muster/{{ . }}}
{{- end }}
{{- if and (eq $role "tools") $root.Values.origin.enabled }}
- {name: MUSTER_PUBLIC_URL, value: "http://{{ include "muster.name" $root }}-origin:8000"}
{{- else if ne $role "scheduler" }}
- {name: MUSTER_PUBLIC_URL, value: {{ $root.Values.publicUrl | quote }}}
{{- end }}
{{- if ne $role "scheduler" }}
- {name: MUSTER_OBJECT_STORE_URL, value: {{ $root.Values.objectStore.url | quote }}}
- {name: MUSTER_INGEST_URL, value: "http://{{ include "muster.name" $root }}-ingest:8000"}
- {name: MUSTER_PROXIES, value: {{ add (ternary 1 0 $root.Values.origin.enabled) (ternary $root.Values.ingress.proxies 0 $root.Values.ingress.enabled) | quote }}}
{{- with $root.Values.objectStore.region }}
- {name: AWS_REGION, value: {{ . | quote }}}
{{- end }}
{{- with $root.Values.objectStore.endpoint }}
- {name: AWS_ENDPOINT_URL, value: {{ . | quote }}}
- {name: AWS_ALLOW_HTTP, value: {{ hasPrefix "http:" . | quote }}}
{{- end }}
{{- end }}
{{- if has $role (list "notify" "tools") }}
- {name: MUSTER_MAIL_FROM, value: {{ $root.Values.mailFrom | quote }}}
{{- end }}
{{- if and (eq $role "ingest") $root.Values.oidc.issuer }}
- {name: MUSTER_OIDC_ISSUER, value: {{ $root.Values.oidc.issuer | quote }}}
- {name: MUSTER_OIDC_CLIENT_ID, value: {{ $root.Values.oidc.clientId | quote }}}
{{- end }}
{{- range $name, $value := merge (dict) $root.Values.settings $root.Values.environment }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* (list root): S3's own keys, where the service account has no role. */}}
{{- define "muster.environmentFrom" -}}
{{- with (index . 0).Values.objectStore.existingSecret }}
envFrom:
  - secretRef: {name: {{ . }}}
{{- end }}
{{- end }}

{{- define "muster.mounts" -}}
volumeMounts:
  - {name: secrets, mountPath: /run/secrets/muster, readOnly: true}
  - {name: tmp, mountPath: /tmp}
{{- end }}

{{/* (list root role) */}}
{{- define "muster.volumes" -}}
volumes:
  - name: secrets
    secret:
      secretName: {{ (index . 0).Values.existingSecret }}
      defaultMode: 0440
      items:
      {{- range include "muster.secrets" . | fromJsonArray }}
        - {key: {{ . }}, path: {{ . }}}
      {{- end }}
  - {name: tmp, emptyDir: {sizeLimit: 2Gi}}
{{- end }}
