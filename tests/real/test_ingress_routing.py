"""HAProxy's maps answer as the pure table does: of the routing vectors, and of drawn tables."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.rendering.configuration import files
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.routing.table import Route, RouteTable
from kingtide.kube.ingresses import PathType
from kingtide.live.haproxy.proxy import Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.vectors import cases

pytestmark = haproxy.needs_haproxy
GROUPS = cases.read("ingress_paths")["groups"] if "ingress_paths" in cases.file_names() else []


def answering(name: str) -> Backend:
    """Return a backend that answers with its name."""
    words = ("http-request", "return", "status", "200", "content-type", "text/plain")
    return Backend(name, f"default/{name}", directives=(Directive(1, (*words, "string", name)),))


def desired(group: Mapping[str, Any]) -> Desired:
    routes = tuple(
        Route(it["host"] or "", it["path"], it["type"], it["backend"]) for it in group["rules"]
    )
    default = group["default_backend"]
    names = {it.backend for it in routes} | ({default} if default else set())
    backends = {name: answering(name) for name in sorted(names)}
    return Desired(routes, backends, default_backend=default)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group["id"]))
def test_haproxy_answers_as_the_vectors_expect(group: Mapping[str, Any], short_path: Path) -> None:
    http, stats = free_port(), free_port()
    layout = Layout(str(short_path), http=f"127.0.0.1:{http}", stats=f"127.0.0.1:{stats}")
    haproxy.write(files(desired(group), layout))
    with haproxy.running(layout.configuration, http):
        for request in group["requests"]:
            status, body = haproxy.get(http, request["host"], request["path"])
            answer = body if status == 200 else str(status)
            assert answer == request["expect"], msgspec.json.encode(request)


TABLES, ASKED = 4, 250
HOSTS = ("", "a.test", "A.test.", "b.a.test", "*.a.test", "*.test", "test", "*.b.a.test", "x_y-1.c")
TYPES: tuple[PathType, ...] = ("Exact", "Prefix", "ImplementationSpecific")
PARTS = ("a", "b", "ab", "A", "%61", "%2f", "..", ".", "a.b", "~", ";x", "'", '"', "\\", "|", "$a")
HEADERS = (
    *(
        "a.test",
        "A.TEST",
        "a.test:80",
        "a.test.",
        "a.test.:8080",
        "a.test..",
        "b.a.test",
        "c.a.test",
    ),
    *("c.b.a.test", "d.c.b.a.test", "z.test", "test", "x_y-1.c", "other", "a.test,b.a.test"),
    *("a.test/a", "a.test:80:90", "[::1]", "[::1]:80", "[::1", "::1", "*", "*.a.test", ".a.test"),
    *("a..test", "a.test:", ":80", "", None),
)


def drawn_path(chance: random.Random) -> str:
    """Return a path of a few parts, with slashes where one would not look for them."""
    parts = [chance.choice(PARTS) for _ in range(chance.choice((0, 1, 1, 2, 2, 3)))]
    return "/" + chance.choice(("/", "/", "//")).join(parts) + chance.choice(("", "", "/", "//"))


def drawn_table(chance: random.Random) -> tuple[Route, ...]:
    """Return rules of few hosts and paths, so that many of them are about the same requests."""
    paths = [drawn_path(chance) for _ in range(8)] + ["/", "", "/a", "/a/"]
    hosts = chance.sample(HOSTS, 5)
    return tuple(
        Route(chance.choice(hosts), chance.choice(paths), chance.choice(TYPES), f"b{number}")
        for number in range(40)
    )


Asking = Callable[[str | None, str], str]


@contextmanager
def answers(port: int) -> Iterator[Asking]:
    """Ask over one connection, with a Host header as it stands, and none for None."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        connection.makefile("rb") as reader,
    ):

        def ask(host: str | None, target: str) -> str:
            said = "" if host is None else f"Host: {host}\r\n"
            version = "1.0" if host is None else "1.1"
            kept = "Connection: keep-alive\r\n\r\n"
            connection.sendall(f"GET {target} HTTP/{version}\r\n{said}{kept}".encode())
            status = reader.readline().split()[1].decode()
            length = 0
            while (line := reader.readline().strip().lower()) != b"":
                name, _, value = line.partition(b":")
                length = int(value) if name == b"content-length" else length
            body = reader.read(length).decode()
            return body if status == "200" else status

        yield ask


@pytest.mark.parametrize("seed", range(TABLES))
def test_haproxy_answers_drawn_requests_as_the_table_does(seed: int, short_path: Path) -> None:
    chance = random.Random(seed)
    routes = drawn_table(chance)
    table = RouteTable(routes)
    backends = {it.backend: answering(it.backend) for it in routes}
    http, stats = free_port(), free_port()
    layout = Layout(str(short_path), http=f"127.0.0.1:{http}", stats=f"127.0.0.1:{stats}")
    haproxy.write(files(Desired(routes, backends), layout))
    met = 0
    with haproxy.running(layout.configuration, http), answers(http) as ask:
        for _ in range(ASKED):
            host = chance.choice(HEADERS)
            path = chance.choice([it.path or "/" for it in routes] + [drawn_path(chance)] * 20)
            query = chance.choice(("", "?", "?a=/b"))
            found = table.match(host, path)
            answer = ask(host, path + query)
            assert answer == ("404" if found is None else found.route.backend), (host, path)
            met += found is not None
    assert met > ASKED / 10


def test_maps_that_change_while_haproxy_runs_answer_as_the_table_does(short_path: Path) -> None:
    chance = random.Random(99)
    http = free_port()
    stats = f"127.0.0.1:{free_port()}"
    layout = Layout(str(short_path), http=f"127.0.0.1:{http}", stats=stats)
    assert haproxy.HAPROXY is not None
    proxy = Proxy(haproxy.HAPROXY, layout, 2)
    backends = {it.backend: answering(it.backend) for it in drawn_table(chance)}
    with asyncio.Runner() as runner:
        try:
            for is_first in (True, False, False):
                routes = drawn_table(chance)
                table = RouteTable(routes)
                brought = runner.run(proxy.bring(Desired(routes, backends)))
                assert brought.is_loaded == is_first
                with answers(http) as ask:
                    for _ in range(ASKED):
                        host, path = chance.choice(HEADERS), chance.choice(routes).path or "/"
                        found = table.match(host, path)
                        expected = "404" if found is None else found.route.backend
                        assert ask(host, path) == expected, (host, path)
        finally:
            runner.run(proxy.process.end(grace_seconds=1))
