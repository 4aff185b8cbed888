{{/* Which path is answered by which component; what is named nowhere is query's, which has the pages. The same as the front door's. */}}
{{- define "inkstream.routes" -}}
- {component: auth, prefixes: [/api/auth, /.well-known]}
- {component: posts, prefixes: [/api/posts]}
- {component: comments, prefixes: [/api/comments]}
- {component: web, prefixes: [/assets], exact: [/livez, /readyz, /metrics]}
- {component: query, prefixes: [/]}
{{- end -}}

{{- define "inkstream.host" -}}
{{- (urlParse .Values.publicUrl).hostname -}}
{{- end -}}
