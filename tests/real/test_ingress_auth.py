"""Requests that a service is asked about, through a real HAProxy and the agent."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.live.external_auth.process import AuthAgent
from kingtide.live.haproxy.proxy import Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.auth_service import AuthService, auth_service
from tests.real.echo import Answer, ask, echo

pytestmark = haproxy.needs_haproxy

POLICY = IngressPolicy(external_auth_hosts=("127.0.0.1",), external_auth_timeout_seconds=1)
COPIED = {"auth-response-headers": "X-User, X-Many"}
SIGNIN = {"auth-signin": "https://$host/start?rd=$escaped_request_uri"}
CASES: Mapping[str, Mapping[str, str]] = {
    "plain": COPIED,
    "signin": SIGNIN,
    "posted": {"auth-method": "POST"},
    "token": {"auth-response-headers": "Authorization"},
    "path": {"path-rewrite": "/inner"},
}


def view_of(auth: int, pod: int, cases: Mapping[str, Mapping[str, str]]) -> TrafficView:
    """Return a cluster with an Ingress for every case, and one without protection."""
    asked = {"auth-url": f"http://127.0.0.1:{auth}/auth?of=shop"}
    ingresses = [_ingress(name, {**asked, **written}) for name, written in cases.items()]
    ingresses.append(_ingress("open", {}))
    endpoints = (Endpoint(("127.0.0.1",)),)
    ports = (EndpointPort(pod),)
    return TrafficView(
        {it.key: it for it in ingresses},
        services={"shop/web": Service("shop", "web", ports=(ServicePort(80),))},
        slices={
            "shop/web": (EndpointSlice("shop", "web", "web", endpoints=endpoints, ports=ports),)
        },
    )


def _ingress(name: str, written: Mapping[str, str]) -> Ingress:
    path = HttpPath("/", "Prefix", IngressBackend("web", 80))
    rules = (IngressRule(f"{name}.test", (path,)),)
    annotations = {"haproxy.org/check": "false"}
    annotations |= {f"haproxy.org/{key}": text for key, text in written.items()}
    return Ingress("shop", name, rules=rules, annotations=annotations)


class Serving:
    """HAProxy with its agent, a pod that echoes, and a service that is asked."""

    def __init__(self, stack: ExitStack, folder: str) -> None:
        self.runner = stack.enter_context(asyncio.Runner())
        self.pod = stack.enter_context(echo())
        self.service: AuthService = stack.enter_context(auth_service())
        self.http = free_port()
        stats = f"127.0.0.1:{free_port()}"
        self.layout = Layout(folder, f"127.0.0.1:{self.http}", stats=stats, threads=2)
        assert haproxy.HAPROXY is not None
        self.proxy = Proxy(haproxy.HAPROXY, self.layout, 2)
        self.agent = AuthAgent(self.layout)

    def bring(self, cases: Mapping[str, Mapping[str, str]] = CASES) -> None:
        """Serve these cases."""
        composed = compose(view_of(self.service.port, self.pod, cases), POLICY)
        assert not [it.problems for it in composed.reports if it.problems]
        assert not self.runner.run(self.proxy.bring(composed.desired)).closed

    def ask(
        self,
        case: str,
        token: str,
        path: str = "/",
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the answer to a request that shows a token."""
        shown = {"Authorization": f"Bearer {token}", **(headers or {})}
        return ask(self.http, f"{case}.test", path, method=method, headers=shown)

    def end(self) -> None:
        """End both."""
        self.runner.run(self.proxy.process.end(grace_seconds=1))
        self.runner.run(self.agent.end(grace_seconds=1))


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with ExitStack() as stack:
        it = Serving(stack, str(stack.enter_context(haproxy.short_folder())))
        it.runner.run(it.agent.start())
        try:
            it.bring()
            yield it
        finally:
            it.end()


def test_who_is_let_in_reaches_the_pod_with_what_the_service_says_of_him(served: Serving) -> None:
    spoofed = {"X-User": "root", "x_user": "root", "X.USER": "root", "X-Other": "mine"}
    found = served.ask("plain", "bob", "/a%20b?q=1", headers=spoofed)
    assert found.status == 200
    seen = found.request["headers"]
    assert seen["x-user"] == "bob"
    assert seen["x-other"] == "mine"
    assert not {"x_user", "x.user"} & set(seen)
    assert found.request["path"] == "/a%20b?q=1"
    assert found.headers["set-cookie"] == "t=2"
    asked = served.service.asked
    assert asked["x-original-url"] == "http://plain.test/a%20b?q=1"
    assert asked["authorization"] == "Bearer bob"


def test_what_the_service_does_not_say_nobody_says(served: Serving) -> None:
    found = served.ask("plain", "nameless", headers={"X-User": "root"})
    assert found.status == 200
    assert "x-user" not in found.request["headers"]
    assert "authorization" not in served.ask("token", "nameless").request["headers"]


def test_who_is_not_known_is_asked_who_he_is(served: Serving) -> None:
    found = served.ask("plain", "nobody")
    assert found.status == 401
    assert found.headers["www-authenticate"] == 'Bearer realm="shop"'


def test_who_may_not_come_in_does_not(served: Serving) -> None:
    found = served.ask("plain", "mallory")
    assert found.status == 403
    assert found.headers["set-cookie"] == "s="
    assert "www-authenticate" not in found.headers


def test_who_is_not_known_is_sent_to_sign_in_and_back(served: Serving) -> None:
    found = served.ask("signin", "nobody", "/cart?a=1&b=%22")
    assert found.status == 302
    assert found.headers["location"] == "https://signin.test/start?rd=%2Fcart%3Fa%3D1%26b%3D%2522"
    assert served.ask("signin", "mallory").status == 403


@pytest.mark.parametrize("token", ["broken", "elsewhere", "larger"])
def test_what_is_no_answer_lets_nobody_in(served: Serving, token: str) -> None:
    found = served.ask("plain", token)
    assert found.status == 503
    assert "set-cookie" not in found.headers


def test_answers_may_be_large(served: Serving) -> None:
    assert served.ask("plain", "huge").request["headers"]["x-user"] == "huge"
    assert served.ask("plain", "large").request["headers"]["x-user"] == "l" * 8_000
    assert served.ask("plain", "many").status == 200
    cookie = {"Cookie": "c=" + "k" * 12_000}
    assert served.ask("plain", "bob", headers=cookie).request["headers"]["cookie"]
    assert served.service.asked["cookie"] == "c=" + "k" * 12_000


def test_a_body_leaves_room_for_what_the_service_says(served: Serving) -> None:
    with socket.create_connection(("127.0.0.1", served.http), timeout=10) as connection:
        body = b"b" * 200_000
        head = "POST / HTTP/1.1\r\nHost: plain.test\r\nAuthorization: Bearer large\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200


def test_the_service_is_asked_with_the_method_that_is_named_and_without_the_body(
    served: Serving,
) -> None:
    assert served.ask("posted", "bob", method="GET").status == 200
    assert served.service.method == "POST"
    assert served.service.asked["content-length"] == "0"
    assert served.ask("plain", "bob", method="POST", headers={"Content-Length": "0"}).status == 200
    assert served.service.method == "GET"
    assert "content-length" not in served.service.asked


def test_the_service_sees_the_path_that_was_asked_for(served: Serving) -> None:
    found = served.ask("path", "bob", "/outer")
    assert found.request["path"] == "/inner"
    assert served.service.asked["x-original-uri"] == "/outer"


def test_every_request_of_a_connection_is_asked_about(served: Serving) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.http, timeout=10)
    found = []
    for token in ("bob", "mallory", "nobody", "bob"):
        headers = {"Host": "plain.test", "Authorization": f"Bearer {token}"}
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append((answer.status, connection.sock is not None))
    connection.close()
    assert found == [(200, True), (403, True), (401, True), (200, True)]


def test_a_service_that_thinks_too_long_lets_nobody_in_and_holds_nobody_else(
    served: Serving,
) -> None:
    served.service.seconds = 3.0
    began = time.monotonic()
    try:
        assert served.ask("plain", "bob").status == 503
        assert time.monotonic() - began < 2.9
        assert served.ask("open", "bob").status == 200
    finally:
        served.service.seconds = 0.0
    assert served.ask("plain", "bob").status == 200


def test_a_worker_that_dies_is_followed_by_another(served: Serving) -> None:
    for pid in workers(served.layout):
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: served.ask("plain", "bob").status == 200) < 10
    assert served.agent.is_running


def test_settings_change_without_a_failed_request(served: Serving) -> None:
    served.bring({**CASES, "plain": {"auth-response-headers": "X-Other"}})
    found = served.ask("plain", "bob")
    assert found.request["headers"]["x-other"] == "kept"
    assert "x-user" not in found.request["headers"]
    served.bring()
    assert served.ask("plain", "bob").request["headers"]["x-user"] == "bob"


def test_without_an_agent_nobody_comes_in_and_others_are_served(served: Serving) -> None:
    served.runner.run(served.agent.end(grace_seconds=5))
    assert not served.agent.is_running
    time.sleep(0.5)  # HAProxy looks every 0.2 s; who asks before waits for all of his time
    assert until(lambda: served.ask("plain", "bob").status == 503) < 10
    assert served.ask("open", "bob").status == 200
    served.runner.run(served.agent.start())
    assert until(lambda: served.ask("plain", "bob").status == 200) < 10


def until(holds: Callable[[], bool]) -> float:
    """Wait until something holds; return how long that took, in seconds."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < 30
        time.sleep(0.02)
    return time.monotonic() - began


def workers(layout: Layout) -> list[int]:
    """Return the agent's workers: the children of the process that holds the lock."""
    agent = Path(layout.auth_lock).read_text().strip()
    children = Path(f"/proc/{agent}/task/{agent}/children").read_text().split()
    assert children
    return [int(it) for it in children]
