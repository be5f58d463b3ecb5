"""What a client and a pod see of each annotation: one proxy, a host for every case."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import pytest

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap
from kingtide.live.haproxy.proxy import Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.echo import Answer, ask, echo, first_line

pytestmark = haproxy.needs_haproxy

USERS = Secret(
    "shop",
    "users",
    data={
        "bob": b"$1$abc$iCQ2D3nhptRYi27fDYv2s1",
        "alice": (
            b"$6$abc$IdWKNKTJEb8LxY7CGg8YBXlvtfZzFw7Mp/r6niK9YB2mdvgY..TKjv1T..8RadRt2"
            b"qvUHYRLr/TsVArtr91iR1"
        ),
        "mallory": b"secret",
    },
)
"""Everybody's password is `secret`; mallory's is no hash, so it is none."""
HTPASSWD = Secret("shop", "htpasswd", data={"auth": b"bob:$1$abc$iCQ2D3nhptRYi27fDYv2s1\n"})
EMPTY = Secret("shop", "empty")
FAR = Secret("other", "users", data=USERS.data)

CASES: Mapping[str, Mapping[str, str]] = {
    "plain": {},
    "rewrite-all": {"path-rewrite": "/"},
    "rewrite-strip": {"path-rewrite": r"/foo/(.*) /\1"},
    "rewrite-prefix": {"path-rewrite": r"(.*) /foo\1"},
    "rewrite-two": {"path-rewrite": "/foo/(.*) /\\1\n/bar/(.*) /baz/\\1"},
    "redirect": {"request-redirect": "elsewhere.test:8888", "request-redirect-code": "301"},
    "redirect-tls": {"request-redirect": "https://redirect-tls.test"},
    "self-redirect": {"request-redirect": "self-redirect.test"},
    "to-tls": {"ssl-redirect": "true", "ssl-redirect-code": "303"},
    "to-tls-port": {"ssl-redirect": "true", "ssl-redirect-port": "8443"},
    "auth": {"auth-type": "basic-auth", "auth-secret": "users", "auth-realm": "Admin %[src]"},
    "auth-tls": {"auth-type": "basic-auth", "auth-secret": "users", "ssl-redirect": "true"},
    "auth-file": {"auth-type": "basic-auth", "auth-secret": "shop/htpasswd"},
    "auth-missing": {"auth-type": "basic-auth", "auth-secret": "nobody"},
    "auth-empty": {"auth-type": "basic-auth", "auth-secret": "empty"},
    "auth-unnamed": {"auth-type": "basic-auth"},
    "auth-unknown": {"auth-type": "digest", "auth-secret": "users"},
    "auth-typeless": {"auth-secret": "users"},
    "auth-far": {"auth-type": "basic-auth", "auth-secret": "other/users"},
    "cors": {"cors-enable": "true", "cors-max-age": "1m"},
    "cors-one": {
        "cors-enable": "true",
        "cors-allow-origin": "https://example.com",
        "cors-allow-methods": "GET, post",
        "cors-allow-headers": "X-One, X-Two",
        "cors-allow-credentials": "true",
        "cors-respond-to-options": "true",
        "auth-type": "basic-auth",
        "auth-secret": "users",
    },
    "cors-many": {"cors-enable": "true", "cors-allow-origin": r"https://(.+\.)?a\.test(:\d{1,5})?"},
    "allowed": {"allow-list": "127.0.0.1"},
    "not-allowed": {"allow-list": "10.0.0.0/8"},
    "limited": {"rate-limit-requests": "2", "rate-limit-period": "1h"},
    "limited-429": {
        "rate-limit-requests": "1",
        "rate-limit-period": "3600000",
        "rate-limit-status-code": "429",
        "rate-limit-size": "1000000",
    },
    "unlimited": {
        "rate-limit-requests": "0",
        "rate-limit-period": "1h",
        "rate-limit-whitelist": "127.0.0.0/8",
    },
    "closed": {"rate-limit-requests": "0"},
    "source": {"src-ip-header": "True-Client-IP", "allow-list": "203.0.113.0/24"},
    "http2": {"server-proto": "h2", "set-host": "version.test"},
    "version": {"backend-config-snippet": "http-request set-header X-Version %HV"},
    "set-headers": {
        "request-set-header": 'X-In "a %[src] b"',
        "response-set-header": "X-Out yes",
        "set-host": "inner.test",
    },
    "no-forwarded": {"forwarded-for": "false"},
    "captured": {"request-capture": "req.hdr(X-Tag)\ncookie(c)", "request-capture-len": "9"},
    "snippet": {"backend-config-snippet": "http-response set-header X-Snippet 'on it'  # so\n"},
    "snippet-refused": {
        "backend-config-snippet": "http-request return status 200 file /etc/passwd"
    },
}


TIMEOUTS = (
    *("timeout-queue", "timeout-tunnel", "timeout-server-fin", "timeout-client-fin"),
    *("timeout-http-request", "timeout-http-keep-alive"),
)


def view_of(echoing: int, proxied: int, silent: int, http: int, syslog: int) -> TrafficView:
    """Return a cluster with an Ingress for every case, and Services behind them."""
    ports = {"echo": echoing, "proxied": proxied, "silent": silent, "ourselves": http}
    services = {f"shop/{name}": Service("shop", name, ports=(ServicePort(80),)) for name in ports}
    slices: dict[str, tuple[EndpointSlice, ...]] = {
        f"shop/{name}": (
            EndpointSlice(
                "shop",
                name,
                name,
                endpoints=(Endpoint(("127.0.0.1",)),),
                ports=(EndpointPort(port),),
            ),
        )
        for name, port in ports.items()
    }
    ingresses = [ingress(name, written) for name, written in CASES.items()]
    services["shop/staging"] = Service(
        "shop",
        "staging",
        ports=(ServicePort(80),),
        annotations={"haproxy.org/route-acl": "cookie(staging) -m found"},
    )
    ingresses += [
        ingress("routed", {}, "staging"),
        Ingress("shop", "routed-else", rules=ingress("routed", {}, "echo").rules),
        ingress("*.routed", {}, "staging"),
        ingress("own.routed", {}),
        Ingress(
            "shop", "any", rules=(IngressRule("", ingress("any", {}, "staging").rules[0].paths),)
        ),
    ]
    ingresses.append(ingress("proxy-v1", {"send-proxy-protocol": "proxy-v1"}, "proxied"))
    ingresses.append(ingress("slow", {"timeout-server": "50"}, "silent"))
    ingresses.append(ingress("http2", CASES["http2"], "ourselves"))
    sticky = {"haproxy.org/cookie-persistence": "mycookie"}
    services["shop/sticky"] = Service(
        "shop", "sticky", ports=(ServicePort(80),), annotations=sticky
    )
    slices["shop/sticky"] = slices["shop/echo"] + slices["shop/proxied"]
    ingresses.append(ingress("sticky", {}, "sticky"))
    secrets = {it.key: it for it in (USERS, HTPASSWD, EMPTY, FAR)}
    values = {
        "syslog-server": f"address:127.0.0.1, port:{syslog}, facility:local0",
        "deny-list": "203.0.113.66",
        "response-set-header": "X-All yes\nX-Out no",
        "logasap": "true",
        "http-connection-mode": "http-server-close",
        "hard-stop-after": "30s",
        **dict.fromkeys(TIMEOUTS, "1m"),
        "frontend-config-snippet": "unique-id-format %ID-%pid\nunique-id-header X-Unique-ID",
        "global-config-snippet": "tune.ssl.default-dh-param 2048",
        "stats-config-snippet": "stats auth foo:test",
    }
    config = ConfigMap("kube-system", "haproxy", data=values)
    return TrafficView(
        {it.key: it for it in ingresses}, {}, services, slices, secrets, {config.key: config}
    )


def ingress(name: str, written: Mapping[str, str], service: str = "echo") -> Ingress:
    """Return an Ingress of the host `<name>.test`."""
    path = HttpPath("/", "Prefix", IngressBackend(service, 80))
    annotations = {f"haproxy.org/{key}": text for key, text in written.items()}
    return Ingress(
        "shop", name, rules=(IngressRule(f"{name}.test", (path,)),), annotations=annotations
    )


class Serving:
    """A proxy that serves all cases."""

    def __init__(self, http: int, syslog: socket.socket, told: Mapping[str, Sequence[str]]) -> None:
        self.http = http
        self.syslog = syslog
        self.told = told

    def ask(self, case: str, path: str = "/", **more: object) -> Answer:
        """Return the answer for a case's host."""
        return ask(self.http, f"{case}.test", path, **more)  # type: ignore[arg-type]  # passed on


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with ExitStack() as stack:
        folder = stack.enter_context(haproxy.short_folder())
        syslog = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        syslog.bind(("127.0.0.1", 0))
        syslog.settimeout(60)
        runner = stack.enter_context(asyncio.Runner())
        echoing = stack.enter_context(echo())
        proxied = stack.enter_context(first_line())
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        http = free_port()
        stats = free_port()
        layout = Layout(str(folder), f"127.0.0.1:{http}", stats=f"127.0.0.1:{stats}")
        assert haproxy.HAPROXY is not None
        proxy = Proxy(haproxy.HAPROXY, layout, 2)
        policy = IngressPolicy(config_map="kube-system/haproxy", allow_snippets=True)
        ports = (echoing, proxied, silent.getsockname()[1], http, syslog.getsockname()[1])
        composed = compose(view_of(*ports), policy)
        assert not composed.problems
        told = {it.ingress: [one.code for one in it.problems] for it in composed.reports}
        try:
            brought = runner.run(proxy.bring(composed.desired))
            assert not brought.closed
            yield Serving(http, syslog, told)
        finally:
            runner.run(proxy.process.end(grace_seconds=0))


@pytest.mark.parametrize(
    ("case", "path", "seen"),
    [
        pytest.param("plain", "/a/b?q=1", "/a/b?q=1", id="as it is"),
        pytest.param("rewrite-all", "/a/b?q=1", "/?q=1", id="all to one, the query stays"),
        pytest.param("rewrite-strip", "/foo/bar?q=1", "/bar?q=1", id="a prefix is stripped"),
        pytest.param("rewrite-strip", "/other", "/other", id="what does not match stays"),
        pytest.param("rewrite-prefix", "/bar?q=1", "/foo/bar?q=1", id="a prefix is added"),
        pytest.param("rewrite-two", "/bar/x", "/baz/x", id="the second rule"),
    ],
)
def test_which_path_the_pod_sees(served: Serving, case: str, path: str, seen: str) -> None:
    assert served.ask(case, path).request["path"] == seen


@pytest.mark.parametrize(
    ("case", "headers", "status", "location"),
    [
        ("redirect", {}, 301, "http://elsewhere.test:8888/a?q=1"),
        ("redirect", {"X-Forwarded-Proto": "https"}, 301, "https://elsewhere.test:8888/a?q=1"),
        ("redirect-tls", {}, 302, "https://redirect-tls.test/a?q=1"),
        ("redirect-tls", {"X-Forwarded-Proto": "https"}, 200, ""),
        ("to-tls", {}, 303, "https://to-tls.test/a?q=1"),
        ("to-tls-port", {}, 302, "https://to-tls-port.test:8443/a?q=1"),
        ("to-tls", {"X-Forwarded-Proto": "https"}, 200, ""),
    ],
)
def test_where_a_request_is_sent(
    served: Serving, case: str, headers: Mapping[str, str], status: int, location: str
) -> None:
    answer = served.ask(case, "/a?q=1", headers=headers)
    assert (answer.status, answer.headers.get("location", "")) == (status, location)


def test_a_host_that_is_redirected_to_is_not_redirected_again(served: Serving) -> None:
    assert served.ask("self-redirect").status == 200


def basic(user: str, password: str = "secret") -> Mapping[str, str]:
    """Return the header of a user's credentials."""
    return {"Authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


@pytest.mark.parametrize(
    ("case", "headers", "status"),
    [
        pytest.param("auth", {}, 401, id="without credentials"),
        pytest.param("auth", basic("bob"), 200, id="MD5"),
        pytest.param("auth", basic("alice"), 200, id="SHA-512"),
        pytest.param("auth", basic("bob", "wrong"), 401, id="wrong password"),
        pytest.param("auth", basic("mallory"), 401, id="a password in clear text is none"),
        pytest.param("auth-tls", {}, 302, id="to TLS before a password is asked for"),
        pytest.param("auth-tls", {"X-Forwarded-Proto": "https"}, 401, id="and asked for there"),
        pytest.param("auth-file", basic("bob"), 200, id="a file of htpasswd"),
        pytest.param("auth-file", {}, 401, id="a file of htpasswd asks"),
        pytest.param("auth-missing", basic("bob"), 503, id="missing secret"),
        pytest.param("auth-empty", basic("bob"), 503, id="empty secret"),
        pytest.param("auth-unnamed", basic("bob"), 503, id="no secret named"),
        pytest.param("auth-unknown", basic("bob"), 503, id="unknown type"),
        pytest.param("auth-typeless", basic("bob"), 503, id="a secret without a type"),
        pytest.param("auth-far", basic("bob"), 503, id="another namespace's secret"),
    ],
)
def test_who_comes_in_with_which_credentials(
    served: Serving, case: str, headers: Mapping[str, str], status: int
) -> None:
    assert served.ask(case, headers=headers).status == status
    assert bool(served.told[f"shop/{case}"]) == (case != "auth-file")


def test_a_realm_stands_for_itself(served: Serving) -> None:
    assert served.ask("auth").headers["www-authenticate"] == 'Basic realm="Admin %[src]"'


ORIGIN = "access-control-allow-origin"


@pytest.mark.parametrize(
    ("case", "origin", "allowed"),
    [
        pytest.param("cors", "https://any.test", "*", id="any origin"),
        pytest.param("cors", None, None, id="no origin"),
        pytest.param("cors-one", "https://example.com", "https://example.com", id="the origin"),
        pytest.param("cors-one", "https://example.com.evil.test", None, id="longer"),
        pytest.param("cors-one", "https://exampleXcom", None, id="a dot is a dot"),
        pytest.param("cors-many", "https://b.a.test:80", "https://b.a.test:80", id="expression"),
        pytest.param("cors-many", "https://a.test.evil.test", None, id="all of it"),
    ],
)
def test_which_origin_is_allowed(
    served: Serving, case: str, origin: str | None, allowed: str | None
) -> None:
    headers = {**({} if origin is None else {"Origin": origin}), **basic("bob")}
    answer = served.ask(case, headers=headers)
    assert answer.status == 200
    assert answer.headers.get(ORIGIN) == allowed


def test_a_preflight_is_answered_before_credentials_are_asked_for(served: Serving) -> None:
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    answer = served.ask("cors-one", method="OPTIONS", headers=headers)
    assert answer.status == 204
    assert {name: value for name, value in answer.headers.items() if name.startswith("acc")} == {
        ORIGIN: "https://example.com",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "X-One, X-Two",
        "access-control-max-age": "5",
        "access-control-allow-credentials": "true",
    }
    assert answer.headers["vary"] == "Origin"
    other = served.ask("cors-one", method="OPTIONS", headers={"Origin": "https://evil.test"})
    assert other.status == 401


def test_who_may_come_in_by_address_and_how_often(served: Serving) -> None:
    assert served.ask("allowed").status == 200
    assert served.ask("not-allowed").status == 403
    assert [served.ask("limited").status for _ in range(4)] == [200, 200, 403, 403]
    assert [served.ask("limited-429").status for _ in range(2)] == [200, 429]
    assert served.ask("unlimited").status == 200
    assert served.ask("closed").status == 403


def test_who_the_client_is_stands_in_a_header_and_lists_of_all_hold_besides(
    served: Serving,
) -> None:
    answer = served.ask("source", headers={"True-Client-IP": "203.0.113.7"})
    assert answer.request["headers"]["x-forwarded-for"] == "203.0.113.7"
    assert served.ask("source").status == 403
    assert served.ask("source", headers={"True-Client-IP": "203.0.113.66"}).status == 403


def test_a_time_without_a_unit_is_milliseconds(served: Serving) -> None:
    assert served.ask("slow").status == 504, "others of a minute would not have ended yet"


def test_who_came_to_a_pod_comes_to_it_again(served: Serving) -> None:
    cookie = served.ask("sticky").headers["set-cookie"]
    assert cookie.startswith("mycookie=")
    headers = {"Cookie": cookie.partition(";")[0]}
    pods = ["proxy" in served.ask("sticky", headers=headers).request for _ in range(4)]
    assert len(set(pods)) == 1
    assert len({"proxy" in served.ask("sticky").request for _ in range(4)}) == 2


def test_a_pod_is_spoken_to_in_http_2(served: Serving) -> None:
    assert served.ask("version").request["headers"]["x-version"] == "HTTP/1.1"
    assert served.ask("http2").request["headers"]["x-version"] == "HTTP/2.0"


def test_what_is_set_on_the_way(served: Serving) -> None:
    answer = served.ask("set-headers")
    seen = answer.request["headers"]
    assert (seen["x-in"], seen["host"]) == ("a %[src] b", "inner.test")
    assert (answer.headers["x-out"], answer.headers["x-all"]) == ("yes", "yes")
    assert seen["connection"] == "close", "as http-server-close is asked for"
    assert seen["x-unique-id"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "x-forwarded-for" not in served.ask("no-forwarded").request["headers"]


def test_a_pod_is_told_the_client_by_the_proxy_protocol(served: Serving) -> None:
    words = str(served.ask("proxy-v1").request["proxy"]).split()
    assert words[:3] == ["PROXY", "TCP4", "127.0.0.1"]


def test_a_condition_chooses_between_services_of_one_path(served: Serving) -> None:
    assert served.ask("routed").request["path"] == "/"
    staging = {"Cookie": "staging=1"}
    assert served.ask("routed", headers=staging).status == 503, "it has no pods"
    assert served.ask("x.routed", headers=staging).status == 503
    assert served.ask("x.routed").status == 404
    assert served.ask("plain", headers=staging).status == 200
    assert served.ask("own.routed", headers=staging).status == 200, "it has rules of its own"
    assert served.ask("of-nobody", headers=staging).status == 503
    assert served.ask("of-nobody").status == 404


def test_what_is_captured_is_logged_at_its_length(served: Serving) -> None:
    served.ask("captured", '/a"?secret', headers={"X-Tag": "abcdefghijkl", "Cookie": "c=7"})
    for _ in range(200):
        line = served.syslog.recv(4_096).decode()
        if "{abcdefghi|7}" in line:
            assert line.rstrip().endswith(r'"GET captured.test/a\" HTTP/1.1"')
            assert " 200 +" in line, "once the head of the answer is there"
            return
    raise AssertionError("no line has what was captured")


def test_a_snippet_is_written_where_it_may_be_and_refused_where_not(served: Serving) -> None:
    assert served.ask("snippet").headers["x-snippet"] == "on it"
    assert served.ask("snippet-refused").request["path"] == "/"
    assert served.told["shop/snippet-refused"] == ["SnippetRefused"]
