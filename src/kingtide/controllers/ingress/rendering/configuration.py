"""HAProxy's configuration for a desired proxy: the same proxy gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.directive import quoted
from kingtide.controllers.ingress.free_place import free_place
from kingtide.controllers.ingress.rendering.external_auth import (
    agent_backend,
    auth_files,
    buffers,
    engine_text,
    filter_line,
    is_used,
)
from kingtide.controllers.ingress.rendering.frontends import NO_RULE, PROXIES, frontends
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.lines import FRONTEND, directive_line, line, merged
from kingtide.controllers.ingress.rendering.maps import map_lines, map_text
from kingtide.controllers.ingress.rendering.tls import fixed, tls_files

RESOLVERS = "kingtide"
RESOLVED = ("resolvers", RESOLVERS, "init-addr", "last,libc,none")
"""Of a server with a name: HAProxy must start even while it cannot be resolved."""


WORKERS = 8
"""Reloads that an old process outlives at most, beside `hard-stop-after`. Each that still has a
connection takes as much memory as the one that serves (50 MB with 2,000 Ingresses), and reloads may
be 5 s apart: without a bound a night of many reloads with WebSockets ends by being out of memory,
which cuts off everybody. Source:
https://docs.haproxy.org/2.6/configuration.html#3.1-mworker-max-reloads
"""
FILES = 50_000
"""File descriptors at most, which is 20,000 to 25,000 connections of clients with one of a pod
each. Without it HAProxy takes what the container may have: a million, or 2^30, for which it is out
of memory before it serves (https://github.com/docker-library/haproxy/issues/194). A request under
way takes 21 kB, an idle connection 3 kB (measured on 2.6.12)."""


def files(desired: Desired, layout: Layout) -> Mapping[str, str]:
    """Return every file by its path, the configuration last: what it names must be there."""
    found = {layout.map(name): map_text(lines) for name, lines in map_lines(desired).items()}
    for backend in desired.backends.values():
        for one in backend.files:
            found[layout.patterns(backend.name, one.name)] = "".join(
                f"{line}\n" for line in one.lines
            )
    if desired.listening.proxies:
        file = layout.patterns(FRONTEND, PROXIES)
        found[file] = "".join(f"{network}\n" for network in desired.listening.proxies)
    found.update(tls_files(desired, layout))
    found.update(auth_files(desired, layout))
    found[layout.configuration] = configuration(desired, layout)
    return found


def structure(desired: Desired, layout: Layout) -> str:
    """Return the configuration without what changes while HAProxy runs.

    Servers that cannot be added at run time stay: those in slots, without what is in them, and
    those that are resolved by name. Pattern files are read once, so they are part of it.
    """
    bare = {name: replace(it, servers=_fixed(it)) for name, it in desired.backends.items()}
    patterns = [
        f"# {name} {one.name} {line}\n"
        for name, it in desired.backends.items()
        for one in it.files
        for line in one.lines
    ]
    patterns += [f"# {network}\n" for network in desired.listening.proxies]
    if is_used(desired):
        patterns += [f"# {it}\n" for it in engine_text(desired).splitlines()]
    text = configuration(replace(desired, backends=bare), layout)
    return text + fixed(desired) + "".join(patterns)


def _fixed(it: Backend) -> tuple[Server, ...]:
    if it.needs_slots:
        return tuple(free_place(server.name) for server in it.servers)
    return tuple(server for server in it.servers if server.is_named)


def configuration(desired: Desired, layout: Layout) -> str:
    """Return the configuration's text."""
    sections = [_global(desired, layout), _defaults(desired), _resolvers()]
    sections += _user_lists(desired)
    sections += frontends(desired, layout)
    sections.append(_stats(desired, layout))
    sections += [_backend(it, layout) for it in desired.backends.values()]
    sections += agent_backend(desired, layout)
    sections.append(_no_rule())
    return "\n".join("\n".join(section) + "\n" for section in sections)


def _global(desired: Desired, layout: Layout) -> list[str]:
    admin = ("mode", "600", "level", "admin", "expose-fd", "listeners")
    ours: tuple[tuple[str, ...], ...] = (
        ("nbthread", str(layout.threads)),
        ("hard-stop-after", "30m"),
        *buffers(desired),
        ("mworker-max-reloads", str(WORKERS)),
    )
    if not any(it.words[0] == "maxconn" for it in desired.process):  # who asks has counted
        ours = (*ours, ("fd-hard-limit", str(FILES)))
    return [
        "global",
        f"  {line(('stats', 'socket', layout.admin_socket, *admin))}",
        "  stats timeout 30s",
        f"  {line(('server-state-file', layout.server_state))}",
        f"  {line(('ca-base', layout.certificates))}",
        f"  {line(('crt-base', layout.certificates))}",
        "  ssl-default-bind-options ssl-min-ver TLSv1.2",
        *(f"  {line(words)}" for words in merged(ours, desired.process)),
    ]


# A load balancer has to be the one that closes idle connections: what it sends while we do is
# answered 502 by it. An ALB does after 60 s. Source:
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
_DEFAULTS = (
    "mode http",
    "timeout connect 5s",
    "timeout client 75s",  # the shorter of the two ends an idle connection (seen on 2.6.12)
    "timeout server 50s",
    "timeout http-request 5s",
    "timeout http-keep-alive 75s",
    "timeout queue 5s",
    "timeout tunnel 1h",
    "option idle-close-on-response",
    "option redispatch 1",
    "retries 3",
    "retry-on conn-failure empty-response",
    "load-server-state-from-file global",
)


def _defaults(desired: Desired) -> list[str]:
    ours = (tuple(text.split()) for text in _DEFAULTS)
    return ["defaults", *(f"  {line(words)}" for words in merged(ours, desired.defaults))]


def _user_lists(desired: Desired) -> list[list[str]]:
    return [
        [
            f"userlist {it.name}",
            *(f"  {line(('user', user, 'password', hashed))}" for user, hashed in it.users),
        ]
        for it in desired.user_lists
    ]


def _resolvers() -> list[str]:
    return [f"resolvers {RESOLVERS}", "  parse-resolv-conf", "  hold valid 10s"]


def _stats(desired: Desired, layout: Layout) -> list[str]:
    return [
        "frontend kingtide_stats",
        f"  bind {layout.stats}",
        "  http-request use-service prometheus-exporter if { path /metrics }",
        "  http-request return status 200 content-type text/plain string ok if { path /healthz }",
        *(f"  {directive_line(it, FRONTEND, layout)}" for it in desired.stats),
    ]


def _backend(it: Backend, layout: Layout) -> list[str]:
    lines = [f"backend {quoted(it.name)}", f"  mode {it.mode}"]
    if it.external_auth is not None:
        lines.append(f"  {filter_line(layout)}")
    lines += [f"  {directive_line(one, it.name, layout)}" for one in it.directives]
    lines += [f"  server {server_line(server, it.server_words)}" for server in it.servers]
    return lines


def server_line(it: Server, words: Iterable[str]) -> str:
    """Return a server's name, address and options, as a configuration and `add server` take them.

    Options stand on every line: servers that are added at run time take no default-server.
    """
    address = f"[{it.address}]" if ":" in it.address else it.address
    apart = ("disabled",) if it.is_free else RESOLVED if it.is_named else ()
    weight = str(it.weight_in_force)
    return line((it.name, f"{address}:{it.port}", "weight", weight, *words, *apart))


def _no_rule() -> list[str]:
    text = "no rule of an Ingress takes this request"
    return [
        f"backend {NO_RULE}",
        f"  http-request return status 404 content-type text/plain string {quoted(text)}",
    ]
