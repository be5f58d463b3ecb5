"""HAProxy's configuration for a desired proxy: the same proxy gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from kingtide.controllers.ingress.desired import Backend, Desired, Server
from kingtide.controllers.ingress.directive import Directive, PatternsOf, quoted
from kingtide.controllers.ingress.free_place import free_place
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.rendering.maps import ANY, HOSTS, map_lines, map_text
from kingtide.controllers.ingress.routing.paths import LOOKS

RESOLVERS = "kingtide"
RESOLVED = ("resolvers", RESOLVERS, "init-addr", "last,libc,none")
"""Of a server with a name: HAProxy must start even while it cannot be resolved."""
NO_RULE = "kingtide_no_rule"
"""The backend of what no rule takes: it answers 404."""


def files(desired: Desired, layout: Layout) -> Mapping[str, str]:
    """Return every file by its path, the configuration last: what it names must be there."""
    found = {layout.map(name): map_text(lines) for name, lines in map_lines(desired).items()}
    for backend in desired.backends.values():
        for one in backend.files:
            found[layout.patterns(backend.name, one.name)] = "".join(
                f"{line}\n" for line in one.lines
            )
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
    return configuration(replace(desired, backends=bare), layout) + "".join(patterns)


def _fixed(it: Backend) -> tuple[Server, ...]:
    if it.needs_slots:
        return tuple(free_place(server.name) for server in it.servers)
    return tuple(server for server in it.servers if server.is_named)


def configuration(desired: Desired, layout: Layout) -> str:
    """Return the configuration's text."""
    sections = [_global(layout), _defaults(), _resolvers(), _http(desired, layout), _stats(layout)]
    sections += [_backend(it, layout) for it in desired.backends.values()]
    sections.append(_no_rule())
    return "\n".join("\n".join(section) + "\n" for section in sections)


def _global(layout: Layout) -> list[str]:
    return [
        "global",
        f"  nbthread {layout.threads}",
        f"  stats socket {quoted(layout.admin_socket)} mode 600 level admin expose-fd listeners",
        "  stats timeout 30s",
        f"  server-state-file {quoted(layout.server_state)}",
        "  hard-stop-after 30m",
    ]


def _defaults() -> list[str]:
    return [
        "defaults",
        "  mode http",
        "  timeout connect 5s",
        "  timeout client 50s",
        "  timeout server 50s",
        "  timeout http-request 5s",
        "  timeout http-keep-alive 1m",
        "  timeout queue 5s",
        "  timeout tunnel 1h",
        "  option idle-close-on-response",
        "  option redispatch 1",
        "  retries 3",
        "  retry-on conn-failure empty-response",
        "  load-server-state-from-file global",
    ]


def _resolvers() -> list[str]:
    return [f"resolvers {RESOLVERS}", "  parse-resolv-conf", "  hold valid 10s"]


def _http(desired: Desired, layout: Layout) -> list[str]:
    """Return the frontend: the looks of `routing`, in HAProxy's words."""
    host, path, key, to = (f"txn.kingtide_{it}" for it in ("host", "path", "key", "backend"))
    hosts = quoted(layout.map(HOSTS))
    unknown = f"if !{{ var({key}) -m found }}"
    lines = [
        "frontend http",
        f"  bind {layout.http}",
        f"  http-request set-var({path}) path",
        f"  http-request set-var({host}) req.hdr(host),host_only,lower,rtrim(.)",
        f"  http-request set-var({key}) var({host}),map_str({hosts})",
        f"  http-request set-var({key}) var({host}),regsub(^[^.]+,*,),map_str({hosts}) {unknown}",
        f"  http-request set-var({key}) str({ANY}) {unknown}",
    ]
    for look in LOOKS:
        how = "map_beg" if look == "prefix" else "map_str"
        lines.append(
            f"  http-request set-var({to}) var({key}),concat(,{path}),"
            f"{how}({quoted(layout.map(look))}) if !{{ var({to}) -m found }}"
        )
    lines += [f"  {_directive(it, None, layout)}" for it in desired.frontend]
    lines.append(f"  use_backend %[var({to})] if {{ var({to}) -m found }}")
    lines.append(f"  default_backend {quoted(desired.default_backend or NO_RULE)}")
    return lines


def _stats(layout: Layout) -> list[str]:
    return [
        "frontend kingtide_stats",
        f"  bind {layout.stats}",
        "  http-request use-service prometheus-exporter if { path /metrics }",
        "  http-request return status 200 content-type text/plain string ok if { path /healthz }",
    ]


def _backend(it: Backend, layout: Layout) -> list[str]:
    lines = [f"backend {quoted(it.name)}", f"  mode {it.mode}"]
    lines += [f"  {_directive(one, it, layout)}" for one in it.directives]
    lines += [f"  server {server_line(server, it.server_words)}" for server in it.servers]
    return lines


def server_line(it: Server, words: Iterable[str]) -> str:
    """Return a server's name, address and options, as a configuration and `add server` take them.

    Options stand on every line: servers that are added at run time take no default-server.
    """
    address = f"[{it.address}]" if ":" in it.address else it.address
    apart = ("disabled",) if it.is_free else RESOLVED if it.is_named else ()
    weight = str(it.weight_in_force)
    return _line((it.name, f"{address}:{it.port}", "weight", weight, *words, *apart))


def _no_rule() -> list[str]:
    text = "no rule of an Ingress takes this request"
    return [
        f"backend {NO_RULE}",
        f"  http-request return status 404 content-type text/plain string {quoted(text)}",
    ]


def _directive(it: Directive, backend: Backend | None, layout: Layout) -> str:
    """Return a directive's line, with the paths of pattern files where they stand for."""
    owner = "" if backend is None else backend.name
    return _line(
        layout.patterns(owner, word.name) if isinstance(word, PatternsOf) else word
        for word in it.words
    )


def _line(words: Iterable[str]) -> str:
    return " ".join(quoted(word) for word in words)
