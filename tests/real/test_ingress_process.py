"""`kingtide run ingress`, a process of its own, on a served twin with a real HAProxy."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.external_auth.process import AuthAgent
from kingtide.live.haproxy.runtime import Runtime
from tests.real import haproxy
from tests.real.auth_service import auth_service
from tests.real.ingress_world import NAMESPACE, PATIENCE_SECONDS, Cluster, cluster, pods

pytestmark = haproxy.needs_haproxy
DRAIN_SECONDS = 3
"""In which a machine that is busy with other tests asks the process twice."""


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Cluster]:
    with (
        haproxy.short_folder() as short,
        cluster(tmp_path, short) as found,
    ):
        yield found


def ingress(it: Cluster, name: str) -> str:
    path = f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses/{name}"
    return it.client.get(path).text


def events(it: Cluster) -> str:
    return it.client.get(f"/api/v1/namespaces/{NAMESPACE}/events").text


def change_by_hand(it: Cluster, server: str) -> None:
    """Take a server away as somebody else does, at HAProxy's own socket."""
    by_hand = Runtime(str(it.folder / "admin.sock"))
    asyncio.run(by_hand.ask(f"set server {server} state maint"))


def test_requests_follow_the_cluster_and_survive_hands_and_both_sides_crashes(it: Cluster) -> None:
    agent, lock = AuthAgent(Layout(str(it.folder))), it.folder / "auth.lock"
    with pods("a", "b", "c") as at, auth_service() as service:
        it.serve("web")
        it.endpoints("web", at["a"])
        with it.controller() as controller:
            it.until(lambda: it.ask("web") == "a")
            assert not agent.is_running, "nobody is asked yet"
            it.serve("asked", **{"auth-url": f"http://127.0.0.1:{service.port}/"})
            it.until(lambda: it.ask("asked") == "401")
            it.until(lambda: 'auth_requests_total{verdict="401"}' in it.metrics())
            assert 'auth_requests_total{verdict="401"} 0.0' not in it.metrics()
            keeper = lock.read_text()
            it.until(lambda: it.ready() == 200)
            counted = 'haproxy_backend_http_requests_total{proxy="shop_web_http"}'
            it.until(lambda: counted in it.metrics())
            assert "haproxy_server_" not in it.metrics()
            it.until(lambda: "edge.example.com" in ingress(it, "web"))
            it.endpoints("web", at["b"])
            it.until(lambda: it.ask("web") == "b")
            change_by_hand(it, f"shop_web_http/web-{at['b']}_127.0.0.1_{at['b']}")
            it.until(lambda: "kingtide_ingress_drift_repairs_total 1.0" in it.metrics())
            assert it.ask("web") == "b"
            it.kill_haproxy()
            it.until(lambda: 'loads_total{reason="crash",result="done"}' in it.metrics())
            it.until(lambda: it.ask("web") == "b")
            before = it.workers()
            controller.kill()
            controller.wait()
        assert it.ask("web") == "b"
        assert it.ask("asked") == "401"
        it.endpoints("web", at["c"])
        with it.controller(drain_seconds=DRAIN_SECONDS) as controller:
            it.until(lambda: it.ask("web") == "c")
            assert it.workers() == before
            assert lock.read_text() == keeper
            it.kill_agent()
            it.until(lambda: agent.is_running and it.ask("asked") == "401")
            controller.send_signal(signal.SIGTERM)
            it.until(lambda: it.ready() == 503)
            assert it.ask("web") == "c"
            assert controller.wait(PATIENCE_SECONDS) == 0
        assert it.workers() == []
        assert not agent.is_running


def test_what_is_wrong_with_an_ingress_is_told_and_stops_nobody_else(it: Cluster) -> None:
    with pods("a") as at:
        for name in ("web", "wrong"):
            it.serve(name)
            it.endpoints(name, at["a"])
        it.client.delete(f"/api/v1/namespaces/{NAMESPACE}/services/wrong")
        with it.controller():
            it.until(lambda: it.ask("web") == "a")
            it.until(lambda: it.ask("wrong") == "404")
            it.until(lambda: "there is no Service shop/wrong" in events(it))
            told = 'kingtide_ingress_problems{code="ServiceMissing"} 1.0'
            it.until(lambda: told in it.metrics())
            it.serve("wrong")
            it.until(lambda: it.ask("wrong") == "a")
