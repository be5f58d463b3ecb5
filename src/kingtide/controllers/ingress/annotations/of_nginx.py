"""The annotations of ingress-nginx, which is retired, and what does the same here.

Source: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
"""

from __future__ import annotations

from typing import Literal

import msgspec

How = Literal["same", "different", "not supported"]


class Theirs(msgspec.Struct, frozen=True, gc=False):
    """One of their annotations (or several that go together), ours for it, and what to mind."""

    names: tuple[str, ...]
    how: How
    ours: tuple[str, ...] = ()
    note: str = ""


def _same(name: str, ours: str, note: str = "") -> Theirs:
    return Theirs((name,), "same", (ours,), note)


def _other(names: str, ours: str, note: str) -> Theirs:
    return Theirs(tuple(names.split()), "different", tuple(ours.split()), note)


def _none(names: str, note: str) -> Theirs:
    return Theirs(tuple(names.split()), "not supported", (), note)


OF_NGINX = (
    _same("canary", "canary"),
    _same("canary-weight", "canary-weight", "another weight needs no reload"),
    _same("canary-weight-total", "canary-weight-total"),
    _same("canary-by-header", "canary-by-header"),
    _same("canary-by-header-value", "canary-by-header-value"),
    _same("canary-by-cookie", "canary-by-cookie"),
    _same(
        "canary-by-header-pattern",
        "canary-by-header-pattern",
        "a part of PCRE's expressions; another one needs a reload",
    ),
    _same("auth-realm", "auth-realm"),
    _other("auth-type", "auth-type", "`basic` is `basic-auth`; there is no digest"),
    _other(
        "auth-secret auth-secret-type",
        "auth-secret",
        "both forms of Secret are read: a file under `auth`, or a hash a key; hashes of `$apr1$`"
        " are none of crypt(3): make them anew with `openssl passwd -6`",
    ),
    _other(
        "auth-url",
        "auth-url",
        "a Service of the Ingress' namespace (`http://auth.shop.svc:4180/oauth2/auth`) or a host of"
        " `externalAuthHosts`, not `$host`; what is no answer is 503, theirs 500",
    ),
    _other(
        "auth-signin",
        "auth-signin",
        "`$host`, `$http_host`, `$scheme` and `$escaped_request_uri` are known; `rd` is added",
    ),
    _same("auth-method", "auth-method"),
    _other(
        "auth-response-headers",
        "auth-response-headers",
        "up to 20; what a pod could take for one of them is taken out of the request first",
    ),
    _none(
        "auth-signin-redirect-param auth-request-redirect auth-cache-key auth-cache-duration"
        " auth-keepalive auth-keepalive-requests auth-keepalive-timeout"
        " auth-keepalive-share-vars auth-proxy-set-headers auth-snippet",
        "every request is asked about, over connections that are kept; the parameter is `rd`",
    ),
    _none(
        "auth-always-set-cookie", "cookies of 2xx, 401 and 403 always go on, whoever else answers"
    ),
    _none("enable-global-auth", "each Ingress names who is asked"),
    _other(
        "auth-tls-secret auth-tls-verify-client auth-tls-verify-depth auth-tls-error-page"
        " auth-tls-pass-certificate-to-upstream auth-tls-match-cn",
        "client-ca client-crt-optional",
        "for the whole controller, in its ConfigMap; who is refused gets no TLS, theirs answers"
        " 400; pods are told the name by X-SSL-Client-CN",
    ),
    _other(
        "rewrite-target use-regex",
        "path-rewrite",
        "the expression stands in the annotation instead of the path: `/foo/(.*) /\\1`; paths of"
        " rules are no expressions",
    ),
    _other("x-forwarded-prefix", "request-set-header", "`X-Forwarded-Prefix /path`"),
    _other("app-root", "request-redirect", "redirects hosts; a path alone needs a snippet"),
    _other(
        "permanent-redirect temporal-redirect permanent-redirect-code temporal-redirect-code",
        "request-redirect request-redirect-code",
        "to another host, with the path of the request; 302 unless told 301",
    ),
    _none("from-to-www-redirect", "an Ingress of the other host with request-redirect"),
    _none(
        "relative-redirects use-port-in-redirects",
        "redirects name the host, and a port where request-redirect or ssl-redirect-port has one",
    ),
    _none("preserve-trailing-slash", "paths are never changed without path-rewrite"),
    _same("ssl-redirect", "ssl-redirect", "their code is 308, ours 302: ssl-redirect-code"),
    _other("force-ssl-redirect", "ssl-redirect", "the same `true`: TLS may end before us"),
    _same("ssl-passthrough", "ssl-passthrough", "on, without a flag"),
    _none("ssl-ciphers ssl-prefer-server-ciphers", "global-config-snippet, for all hosts"),
    _other("enable-cors", "cors-enable", "off and on in the same words"),
    _other(
        "cors-allow-origin",
        "cors-allow-origin",
        "one, or an expression instead of commas and stars: `https://.+\\.example\\.com`",
    ),
    _same("cors-allow-methods", "cors-allow-methods", "`*` without it"),
    _same("cors-allow-headers", "cors-allow-headers", "`*` without it"),
    _other("cors-allow-credentials", "cors-allow-credentials", "`false` without it"),
    _other("cors-max-age", "cors-max-age", "a time with its unit: `1728000s`"),
    _other(
        "cors-expose-headers",
        "response-set-header",
        "`Access-Control-Expose-Headers X-One`",
    ),
    _other(
        "whitelist-source-range allowlist-source-range",
        "allow-list",
        "the same list; the ConfigMap's holds besides",
    ),
    _other("denylist-source-range", "deny-list", "the same list; the ConfigMap's holds besides"),
    _other(
        "limit-rps limit-rpm limit-burst-multiplier limit-whitelist limit-allowlist",
        "rate-limit-requests rate-limit-period rate-limit-whitelist",
        "requests of an address within a period, without bursts; 403 unless told 429",
    ),
    _other("limit-connections", "pod-maxconn", "of a pod, not of a client: more wait in a queue"),
    _none("limit-rate limit-rate-after", "no bandwidth is limited"),
    _none(
        "global-rate-limit global-rate-limit-window global-rate-limit-key"
        " global-rate-limit-ignored-cidrs",
        "each HAProxy counts by itself",
    ),
    _other(
        "backend-protocol",
        "server-ssl server-proto",
        "HTTPS: server-ssl (HTTP/2 where the pod speaks it, not with server-proto `h1`); GRPC:"
        " server-proto `h2`; GRPCS: server-ssl; FCGI and AJP: none",
    ),
    _none("fastcgi-index fastcgi-params-configmap", "pods are spoken to in HTTP alone"),
    _other(
        "proxy-ssl-secret proxy-ssl-verify proxy-ssl-verify-depth proxy-ssl-name"
        " proxy-ssl-server-name proxy-ssl-ciphers proxy-ssl-protocols",
        "server-ca server-crt",
        "the authority and our certificate in a Secret each; naming an authority turns checks on,"
        " of who signed it: no name is asked for or compared",
    ),
    _other(
        "affinity affinity-mode session-cookie-name",
        "cookie-persistence",
        "on the Service or in the ConfigMap; the value is the cookie's name",
    ),
    _none(
        "affinity-canary-behavior session-cookie-path session-cookie-domain session-cookie-expires"
        " session-cookie-max-age session-cookie-change-on-failure session-cookie-samesite"
        " session-cookie-secure session-cookie-partitioned"
        " session-cookie-conditional-samesite-none",
        "the cookie is a session's, of the whole host",
    ),
    _other("load-balance", "load-balance", "HAProxy's words: `leastconn` instead of `ewma`"),
    _other(
        "upstream-hash-by upstream-hash-by-subset upstream-hash-by-subset-size",
        "load-balance",
        "`uri`, `hdr(X-User)`, `source`, `url_param id`; more pods move most keys, unless a snippet"
        " says `hash-type consistent`; no subsets",
    ),
    _other("upstream-vhost", "set-host", "the same value"),
    _other("custom-headers", "response-set-header", "the headers themselves, no ConfigMap"),
    _other("proxy-connect-timeout", "timeout-connect", "in the ConfigMap; a time with its unit"),
    _other(
        "proxy-read-timeout proxy-send-timeout",
        "timeout-server",
        "one for both; a time with its unit",
    ),
    _none(
        "proxy-next-upstream proxy-next-upstream-timeout proxy-next-upstream-tries",
        "what no pod took is tried three times more, at other pods; so is what only reads (GET,"
        " HEAD, OPTIONS) and got no answer at all",
    ),
    _none(
        "proxy-body-size client-body-buffer-size proxy-buffering proxy-request-buffering"
        " proxy-buffers-number proxy-buffer-size proxy-busy-buffers-size proxy-max-temp-file-size",
        "bodies pass through without being kept, and have no limit",
    ),
    _none(
        "proxy-http-version connection-proxy-header http2-push-preload",
        "over TLS HTTP/1.1 or HTTP/2 is agreed on with either side; in clear see server-proto",
    ),
    _none(
        "proxy-cookie-domain proxy-cookie-path proxy-redirect-from proxy-redirect-to",
        "answers of pods are not rewritten: pods are told host and scheme",
    ),
    _other("server-alias", "", "a rule for each host"),
    _other(
        "default-backend",
        "",
        "`spec.defaultBackend`: for hosts and paths of no rule; a Service without pods answers 503",
    ),
    _none("custom-http-errors disable-proxy-intercept-errors", "answers of pods pass as they are"),
    _none("service-upstream", "HAProxy speaks to pods, never to a Service's address"),
    _none("satisfy", "all that is asked for has to hold"),
    _other(
        "configuration-snippet server-snippet stream-snippet",
        "backend-config-snippet",
        "lines of HAProxy's, off unless the policy allows them, from a list",
    ),
    _other("enable-access-log", "syslog-server", "for the whole controller"),
    _none(
        "enable-rewrite-log enable-opentracing opentracing-trust-incoming-span"
        " enable-opentelemetry opentelemetry-trust-incoming-span opentelemetry-operation-name",
        "traces are the pods' own",
    ),
    _none(
        "enable-influxdb influxdb-measurement influxdb-port influxdb-host influxdb-server-name",
        "metrics are HAProxy's own, at /metrics",
    ),
    _none(
        "enable-modsecurity enable-owasp-core-rules modsecurity-transaction-id modsecurity-snippet",
        "there is no firewall of requests",
    ),
    _none("mirror-target mirror-request-body mirror-host", "requests are not sent twice"),
)
"""All of them, in groups."""
