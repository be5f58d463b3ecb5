"""The routing vectors through the real HAProxy: its maps answer as the pure table does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.controllers.ingress.desired import Backend, Desired
from kingtide.controllers.ingress.directive import Directive
from kingtide.controllers.ingress.rendering.configuration import files
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.routing.table import Route
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
def test_haproxy_answers_as_the_vectors_expect(group: Mapping[str, Any], tmp_path: Path) -> None:
    http, stats = free_port(), free_port()
    layout = Layout(str(tmp_path), http=f"127.0.0.1:{http}", stats=f"127.0.0.1:{stats}")
    haproxy.write(files(desired(group), layout))
    with haproxy.running(layout.configuration, http):
        for request in group["requests"]:
            status, body = haproxy.get(http, request["host"], request["path"])
            answer = body if status == 200 else str(status)
            assert answer == request["expect"], msgspec.json.encode(request)
