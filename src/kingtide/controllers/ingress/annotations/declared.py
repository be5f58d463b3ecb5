"""Every annotation that is read here: where it may stand, and how it compares with haproxytech's.

Families read no other, so this list is the whole of what users can write; the reference page is
made of it. Source: https://github.com/haproxytech/kubernetes-ingress/blob/v3.2.12/documentation/annotations.md
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

ON_ALL = ("service", "ingress", "values")
ON_INGRESS = ("ingress", "values")
ON_SERVICE = ("service", "values")
ON_VALUES = ("values",)
"""Where an annotation may stand, nearest first; elsewhere nobody looks, as in haproxytech's."""


class Annotation(msgspec.Struct, frozen=True, gc=False):
    """One annotation: its name without a prefix, where it may stand, what holds without it.

    `differs` says in which way it is not haproxytech's, empty where it is the same; `is_own` where
    haproxytech has none of this name.
    """

    name: str
    on: tuple[str, ...]
    default: str = ""
    differs: str = ""
    is_own: bool = False


_LIST = "no `patterns/` files; an allow-list that cannot be read lets nobody in"
_DENIED = "no `patterns/` files; of one with a mistake the rest is turned away, theirs lets all in"
_PLAIN = "a value stands for itself: no format"
_IDLE = "the default, so that an ALB, which closes idle connections after 60 s, is the first to"
_CLOSED = "what cannot be had sends nobody to the pod"
_SECRET = "a Secret of another namespace only from the ConfigMap, or if the policy allows it"
_REGEX = "expressions are a part of PCRE's: no look-around, no repetition within a repetition"
_SNIPPET = "off unless the policy allows it; only directives of a list, none that reach beyond"

_DECLARED = (
    Annotation("allow-list", ON_INGRESS, differs=_LIST),
    Annotation("whitelist", ON_INGRESS, differs=_LIST),
    Annotation("deny-list", ON_INGRESS, differs=_DENIED),
    Annotation("blacklist", ON_INGRESS, differs=_DENIED),
    Annotation("load-balance", ON_ALL, "roundrobin"),
    Annotation(
        "pod-maxconn", ON_ALL, differs="the number itself: it is not divided by HAProxy's instances"
    ),
    Annotation("check", ON_ALL, "true"),
    Annotation("check-http", ON_ALL),
    Annotation("check-interval", ON_ALL, "2s"),
    Annotation("timeout-check", ON_ALL),
    Annotation(
        "cookie-persistence",
        ON_SERVICE,
        differs="made with a key of its own: who has a cookie of theirs is given a pod anew, once",
    ),
    Annotation(
        "request-set-header",
        ON_INGRESS,
        differs=f"{_PLAIN}; set once the Service is found: a route-acl sees what the client sent",
    ),
    Annotation("response-set-header", ON_INGRESS, differs=_PLAIN),
    Annotation("set-host", ON_INGRESS, differs=_PLAIN),
    Annotation("src-ip-header", ON_INGRESS),
    Annotation("forwarded-for", ON_ALL, "true"),
    Annotation(
        "rate-limit-requests",
        ON_INGRESS,
        differs="each backend counts by itself, in each HAProxy; looked at before passwords",
    ),
    Annotation("rate-limit-period", ON_INGRESS, "1s"),
    Annotation("rate-limit-size", ON_INGRESS, "100k", "at most 1m"),
    Annotation(
        "rate-limit-status-code",
        ON_INGRESS,
        "403",
        "one that HAProxy has an answer for, such as 429",
    ),
    Annotation("rate-limit-whitelist", ON_INGRESS, differs="no `patterns/` files"),
    Annotation("timeout-server", ON_ALL, "50s"),
    Annotation("timeout-connect", ON_VALUES, "5s"),
    Annotation("timeout-queue", ON_VALUES, "5s"),
    Annotation("timeout-tunnel", ON_VALUES, "1h"),
    Annotation("timeout-server-fin", ON_VALUES),
    Annotation("timeout-client", ON_VALUES, "75s", _IDLE),
    Annotation("timeout-client-fin", ON_VALUES),
    Annotation("timeout-http-request", ON_VALUES, "5s"),
    Annotation("timeout-http-keep-alive", ON_VALUES, "75s", _IDLE),
    Annotation(
        "path-rewrite",
        ON_INGRESS,
        differs=f"{_PLAIN}; {_REGEX}; three that repeat more than once, at most",
    ),
    Annotation(
        "request-redirect",
        ON_INGRESS,
        differs="a request that is for this host already is not redirected again; by the request's"
        " scheme, where none is written",
    ),
    Annotation("request-redirect-code", ON_INGRESS, "302"),
    Annotation("auth-type", ON_INGRESS, differs="what cannot be had lets nobody in (503)"),
    Annotation(
        "auth-secret", ON_INGRESS, differs=f"{_SECRET}; its key `auth` may be an htpasswd file"
    ),
    Annotation("auth-realm", ON_INGRESS, "Protected Content", "spaces stay; theirs become dashes"),
    Annotation("cors-enable", ON_INGRESS, "false"),
    Annotation(
        "cors-allow-origin",
        ON_INGRESS,
        "*",
        f"an expression has to match the whole origin; {_REGEX}",
    ),
    Annotation("cors-allow-methods", ON_INGRESS, "*"),
    Annotation("cors-allow-headers", ON_INGRESS, "*"),
    Annotation(
        "cors-allow-credentials", ON_INGRESS, "false", "told where any origin may: browsers refuse"
    ),
    Annotation("cors-max-age", ON_INGRESS, "5s"),
    Annotation(
        "cors-respond-to-options",
        ON_INGRESS,
        "false",
        "only for an origin that is allowed, and before passwords are asked for",
    ),
    Annotation("send-proxy-protocol", ON_ALL),
    Annotation("server-ssl", ON_ALL, "false"),
    Annotation("server-proto", ON_ALL),
    Annotation("server-ca", ON_ALL, differs=f"{_CLOSED}; {_SECRET}"),
    Annotation("server-crt", ON_ALL, differs=f"{_CLOSED}; {_SECRET}"),
    Annotation(
        "scale-server-slots",
        ON_ALL,
        "42",
        "only with cookies: other servers are added and deleted while HAProxy runs",
    ),
    Annotation("standalone-backend", ("service", "ingress"), "false"),
    Annotation("request-capture", ON_INGRESS, differs="samples of requests from a list"),
    Annotation("request-capture-len", ON_INGRESS, "128"),
    Annotation("backend-config-snippet", ON_ALL, differs=_SNIPPET),
    Annotation("frontend-config-snippet", ON_VALUES, differs=_SNIPPET),
    Annotation("global-config-snippet", ON_VALUES, differs=_SNIPPET),
    Annotation("stats-config-snippet", ON_VALUES, differs=_SNIPPET),
    Annotation(
        "ssl-passthrough",
        ON_ALL,
        "false",
        "requests without TLS are sent to it",
    ),
    Annotation(
        "ssl-redirect",
        ON_INGRESS,
        "true for an Ingress with TLS",
        "before a password is asked for; X-Forwarded-Proto: https counts as TLS, so that a load"
        " balancer may end it; no redirect by itself while no certificate can be had",
    ),
    Annotation("ssl-redirect-code", ON_INGRESS, "302"),
    Annotation("ssl-redirect-port", ON_INGRESS, "443", "theirs is 8443 without it"),
    Annotation("ssl-certificate", ON_VALUES, differs="only tls.crt and tls.key"),
    Annotation("tls-alpn", ON_VALUES, "h2,http/1.1"),
    Annotation("client-ca", ON_VALUES, differs="what cannot be had answers nobody over TLS"),
    Annotation("client-crt-optional", ON_VALUES, "false", "what is shown must be good"),
    Annotation("client-strict-sni", ON_VALUES, "false", "true where there is no ssl-certificate"),
    Annotation("proxy-protocol", ON_VALUES),
    Annotation("maxconn", ON_VALUES, differs="without it about 20,000 connections of clients"),
    Annotation("nbthread", ON_VALUES, differs="without it as many as `run` was given"),
    Annotation("hard-stop-after", ON_VALUES, "30m"),
    Annotation("http-connection-mode", ON_VALUES, "http-keep-alive"),
    Annotation("syslog-server", ON_VALUES, differs="nothing is logged without it"),
    Annotation(
        "log-format",
        ON_VALUES,
        differs="known variables, and of samples `var(txn.base)` and those that HAProxy has when it"
        " logs",
    ),
    Annotation("dontlognull", ON_VALUES, "true"),
    Annotation("logasap", ON_VALUES, "false"),
    Annotation(
        "route-acl",
        ("service",),
        differs="texts of headers, cookies and the URL; only the condition's own rule waits for it;"
        " no host of an older Ingress of another namespace",
    ),
    Annotation("auth-url", ("ingress",), is_own=True),
    Annotation("auth-method", ("ingress",), "GET", is_own=True),
    Annotation("auth-signin", ("ingress",), is_own=True),
    Annotation("auth-response-headers", ("ingress",), is_own=True),
    Annotation("canary", ("ingress",), "false", is_own=True),
    Annotation("canary-weight", ("ingress",), "0", is_own=True),
    Annotation("canary-weight-total", ("ingress",), "100", is_own=True),
    Annotation("canary-by-header", ("ingress",), is_own=True),
    Annotation("canary-by-header-value", ("ingress",), is_own=True),
    Annotation("canary-by-header-pattern", ("ingress",), is_own=True),
    Annotation("canary-by-cookie", ("ingress",), is_own=True),
)

DECLARED: Mapping[str, Annotation] = {it.name: it for it in _DECLARED}
"""By name."""

NOT_SUPPORTED: Mapping[str, str] = {
    "clean-certs": "nobody else keeps certificates in our folder, so they are always cleaned up",
    "cookie-persistence-no-dynamic": (
        "a server's place would be its cookie, and each HAProxy has places of its own: the next"
        " replica would lead to another pod; use cookie-persistence"
    ),
    "generate-certificates-signer": "no key of an authority in a proxy that faces the Internet",
    "http-keep-alive": "deprecated: use http-connection-mode",
    "http-server-close": "deprecated: use http-connection-mode",
    "log-format-tcp": "there are no TCP services beside Ingresses",
    "servers-increment": "an old name: use scale-server-slots",
    "server-slots": "an old name: use scale-server-slots",
    "quic-alt-svc-max-age": "HAProxy 2.6 as Debian builds it has no QUIC",
}
"""Annotations of haproxytech's controller that nobody here reads, and why."""
