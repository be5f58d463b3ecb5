"""The frontends: where requests and connections come in, and how their backend is found."""

from __future__ import annotations

from kingtide.controllers.ingress.desired import Desired, Listening
from kingtide.controllers.ingress.directive import quoted
from kingtide.controllers.ingress.rendering.conditional import (
    AS_WILDCARD,
    HOST,
    conditional_rules,
)
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.lines import FRONTEND, directive_line, line
from kingtide.controllers.ingress.rendering.maps import ANY, HOSTS, PATHS, SNI, WHOLE
from kingtide.controllers.ingress.rendering.server_names import OFFLOAD
from kingtide.controllers.ingress.rendering.splits import split_rules
from kingtide.controllers.ingress.rendering.tls import bind_options

NO_RULE = "kingtide-no-rule"
"""The backend of what no rule takes: it answers 404."""
PROXIES = "proxies"
"""The file of networks that begin with the PROXY protocol."""
CLIENT_HEADERS = (
    ("X-SSL-Client-Verify", "%[ssl_c_verify]"),
    ("X-SSL-Client-DN", "%[ssl_c_s_dn]"),
    ("X-SSL-Client-CN", "%[ssl_c_s_dn(cn)]"),
)
"""What pods are told of a client's certificate; clients cannot tell it themselves."""
SENT_ONCE = "http-request disable-l7-retry unless { method GET HEAD OPTIONS }"
"""A pod that dies after it took a request may have done what it asks for: only what changes nothing
is sent again to another. RFC 9110 (section 9.2.2) forbids a proxy to repeat POST and PATCH; PUT and
DELETE could be repeated, but a second DELETE answers that there is nothing. A connection that
nobody took is tried again for any, as nothing was sent. Source:
https://docs.haproxy.org/2.6/configuration.html#4.2-http-request%20disable-l7-retry
"""


def frontends(desired: Desired, layout: Layout) -> list[list[str]]:
    """Return the frontends of traffic, and the backend that leads from one to the other."""
    found = [_requests(desired, layout)]
    if desired.passthrough:
        found.append(_connections(desired, layout))
    if desired.passthrough and desired.certificates:
        found.append(_offload(layout))
    return found


def _requests(desired: Desired, layout: Layout) -> list[str]:
    """Return the frontend of requests: the looks of `routing`, in HAProxy's words."""
    to = "txn.kingtide_backend"
    after = split_rules(desired, to, layout)
    after += [f"  {directive_line(it, FRONTEND, layout)}" for it in desired.frontend]
    lines = [
        "frontend http",
        *_binds(desired, layout),
        *_expected(desired.listening, layout),
        *(f"  declare capture request len {length}" for length in desired.captures),
        f"  {SENT_ONCE}",
        *_of_tls(desired),
        *conditional_rules(desired, to, layout),
        *_looks(
            to,
            layout,
            is_conditional=bool(desired.conditional),
            is_last=not any(it.startswith("  http-request ") for it in after),
        ),
        *after,
    ]
    lines.append(f"  use_backend %[var({to})]")  # none found: the default below
    lines.append(f"  default_backend {quoted(desired.default_backend or NO_RULE)}")
    return lines


def _looks(to: str, layout: Layout, *, is_conditional: bool, is_last: bool) -> list[str]:
    """Return the rules that find a request's backend.

    Nearly all requests say their host as the map has it and are found by the first; it is left out
    where a host has a slash, as host and path could not be told apart, or a comma, before which
    `base` ends. Each rule costs every request some tenths of a microsecond, of the dozen that
    HAProxy takes: where the frontend has none after these (`is_last`), what is found passes by the
    rest of them. The backend's rules are looked at all the same. Source:
    https://docs.haproxy.org/2.6/configuration.html#4.2-http-request%20allow
    """
    host, path, key = (f"txn.kingtide_{it}" for it in ("host", "path", "key"))
    hosts, paths = quoted(layout.map(HOSTS)), quoted(layout.map(PATHS))
    open_yet = f"if !{{ var({to}) -m found }}"
    plain = f"{open_yet if is_conditional else 'if'} !{{ req.fhdr(host) -m sub / , }}"
    unknown = f"{open_yet} !{{ var({key}) -m found }}"
    rules = (
        f"set-var({to}) base,concat({WHOLE}),map_beg({paths}) {plain}",
        *((f"allow if {{ var({to}) -m found }}",) if is_last else ()),
        f"set-var({path}) path,concat({WHOLE}) {open_yet}",
        f"set-var({host}) {HOST} {open_yet}",
        f"set-var({key}) var({host}),map_str({hosts}) {open_yet}",
        f"set-var({key}) var({host}),{AS_WILDCARD},map_str({hosts}) {unknown}",
        f"set-var({key}) str({ANY}) {unknown}",
        f"set-var({to}) var({key}),concat(,{path}),map_beg({paths}) {open_yet}",
    )
    return [f"  http-request {it}" for it in rules]


def _binds(desired: Desired, layout: Layout) -> list[str]:
    binds = [f"  bind {layout.http}"]
    if desired.certificates:
        address = layout.https
        if desired.passthrough:
            address = f"unix@{layout.offload_socket} mode 600 accept-proxy"
        binds.append(f"  bind {address} {line(bind_options(desired, layout))}")
    return binds


def _expected(listening: Listening, layout: Layout) -> list[str]:
    if not listening.proxies:
        return []
    file = quoted(layout.patterns(FRONTEND, PROXIES))
    return [f"  tcp-request connection expect-proxy layer4 if {{ src -f {file} }}"]


def _of_tls(desired: Desired) -> list[str]:
    if not desired.certificates:
        return []
    lines = ["  http-request set-header X-Forwarded-Proto https if { ssl_fc }"]
    if desired.listening.is_closed:
        lines.append("  http-request deny deny_status 503 if { ssl_fc }")
    if desired.listening.client_authorities is not None:
        for name, value in CLIENT_HEADERS:
            lines.append(f"  http-request del-header {name}")
            lines.append(f"  http-request set-header {name} {value} if {{ ssl_c_used }}")
    return lines


def _connections(desired: Desired, layout: Layout) -> list[str]:
    """Return the frontend that looks at the server name alone, and passes TLS on as it is."""
    name, to = "sess.kingtide_sni", "sess.kingtide_to"
    names = quoted(layout.map(SNI))
    unknown = f"if !{{ var({to}) -m found }}"
    wildcard = f"var({name}),{AS_WILDCARD}"
    lines = [
        "frontend tls",
        "  mode tcp",
        *(["  option tcplog"] if any(it.words[0] == "log" for it in desired.process) else []),
        f"  bind {layout.https}",
        *_expected(desired.listening, layout),
        "  tcp-request inspect-delay 5s",
        "  tcp-request content reject unless { req.ssl_hello_type 1 }",
        f"  tcp-request content set-var({name}) req.ssl_sni,lower",
        f"  tcp-request content set-var({to}) var({name}),map_str({names})",
        f"  tcp-request content set-var({to}) {wildcard},map_str({names}) {unknown}",
        f"  use_backend %[var({to})] if {{ var({to}) -m found }}",
    ]
    if desired.certificates:
        lines.append(f"  default_backend {OFFLOAD}")
    return lines


def _offload(layout: Layout) -> list[str]:
    socket = quoted(f"unix@{layout.offload_socket}")
    return [f"backend {OFFLOAD}", "  mode tcp", f"  server offload {socket} send-proxy-v2"]
