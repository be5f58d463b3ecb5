from __future__ import annotations

from collections.abc import Mapping

import pytest

from kingtide.controllers.ingress.annotations.families import found_in
from kingtide.controllers.ingress.annotations.family import Found, Scope
from kingtide.controllers.ingress.directive import PatternsOf
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy


def found(
    ingress: Mapping[str, str] | None = None,
    service: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> Found:
    """Return what the families make of annotations, written without their prefix."""

    def prefixed(written: Mapping[str, str] | None) -> dict[str, str]:
        return {f"haproxy.org/{name}": value for name, value in (written or {}).items()}

    view, policy = TrafficView(), IngressPolicy()
    scope = Scope("shop", prefixed(service), prefixed(ingress), values or {}, view, policy)
    return found_in(scope)


def lines(it: Found) -> list[str]:
    """Return directives beyond those of a backend that asks for nothing."""
    plain = {directive.words for directive in found().directives}
    return [
        " ".join(f"<{w.name}>" if isinstance(w, PatternsOf) else w for w in directive.words)
        for directive in it.directives
        if directive.words not in plain
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param({"load-balance": "leastconn"}, ["balance leastconn"], id="balance"),
        pytest.param(
            {"load-balance": "uri depth 3"}, ["balance uri depth 3"], id="balance with arguments"
        ),
        pytest.param({"timeout-server": "10s"}, ["timeout server 10s"], id="timeout"),
        pytest.param(
            {"check-http": "HEAD /health"}, ["option httpchk HEAD /health"], id="check by HTTP"
        ),
        pytest.param(
            {"allow-list": "10.0.0.0/8, 192.168.1.1"},
            ["http-request deny deny_status 403 unless { src -f <allowed> }"],
            id="allow-list",
        ),
        pytest.param(
            {"blacklist": "10.0.0.1"},
            ["http-request deny deny_status 403 if { src -f <denied> }"],
            id="deny-list by its old name",
        ),
        pytest.param(
            {"rate-limit-requests": "15", "rate-limit-period": "1m"},
            [
                "stick-table type ipv6 size 100k expire 1m store http_req_rate(1m)",
                "http-request track-sc0 src",
                "http-request deny deny_status 403 if { sc_http_req_rate(0) gt 15 }",
            ],
            id="rate limit",
        ),
        pytest.param(
            {"request-set-header": "Ingress-ID abc\nX-Two 100%"},
            [
                "http-request set-header Ingress-ID abc",
                "http-request set-header X-Two 100%%",
            ],
            id="request headers, which are no log format",
        ),
        pytest.param(
            {"response-set-header": 'Cache-Control "no-store,private"'},
            ["http-response set-header Cache-Control no-store,private"],
            id="response header in quotes",
        ),
        pytest.param(
            {"set-host": "inner.example.com"},
            ["http-request set-header Host inner.example.com"],
            id="host",
        ),
        pytest.param(
            {"src-ip-header": "True-Client-IP"},
            ["http-request set-src req.hdr(True-Client-IP)"],
            id="source address",
        ),
    ],
)
def test_what_an_annotation_of_an_ingress_writes(
    written: Mapping[str, str], expected: list[str]
) -> None:
    it = found(written)
    assert lines(it) == expected
    assert not it.problems


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("load-balance", "roundrobin\nserver evil 10.0.0.1"),
        ("load-balance", "fastest"),
        ("timeout-server", "soon"),
        ("timeout-server", "10s; quit"),
        ("check", "maybe"),
        ("check-http", "no path"),
        ("check-interval", "-1"),
        ("rate-limit-requests", "many"),
        ("rate-limit-requests", "0"),
        ("request-set-header", "Name-alone"),
        ("request-set-header", "Bad:Name value"),
        ("set-host", "a\x00b"),
        ("src-ip-header", "X) if { always_true }"),
        ("pod-maxconn", "1e9"),
        ("deny-list", "10.0.0.0/8, everybody"),
    ],
)
def test_what_cannot_be_read_has_no_effect_and_is_told(name: str, text: str) -> None:
    it = found({name: text})
    assert not lines(it)
    assert it.server_words == found().server_words
    (problem,) = it.problems
    assert problem.code == "AnnotationInvalid"
    assert name in problem.place
    assert "\n" not in problem.message


def test_an_allow_list_that_cannot_be_read_lets_nobody_in() -> None:
    it = found({"allow-list": "10.0.0.0/8, everybody"})
    assert lines(it) == ["http-request deny deny_status 403 if { src -f <nobody> }"]
    assert it.files[0].lines == ("0.0.0.0/0", "::/0")
    assert it.problems


def test_the_nearest_place_counts() -> None:
    everywhere = {"load-balance": "first"}
    assert lines(found(values=everywhere)) == ["balance first"]
    nearer = found({"load-balance": "leastconn"}, values=everywhere)
    assert lines(nearer) == ["balance leastconn"]
    nearest = found({"load-balance": "leastconn"}, {"load-balance": "source"}, everywhere)
    assert lines(nearest) == ["balance source"]


def test_an_annotation_has_no_effect_where_it_may_not_stand() -> None:
    assert not lines(found(service={"allow-list": "10.0.0.1"}))
    assert not lines(found({"cookie-persistence": "S"}))
    assert not lines(found({"timeout-connect": "1s"}))


def test_every_prefix_is_read() -> None:
    for prefix in ("haproxy.org/", "haproxy.com/", "ingress.kubernetes.io/"):
        written = {f"{prefix}load-balance": "first"}
        scope = Scope("shop", {}, written, {}, TrafficView(), IngressPolicy())
        assert any(it.words == ("balance", "first") for it in found_in(scope).directives)


def test_cookies_need_slots_and_checks_are_on_unless_told_otherwise() -> None:
    it = found(service={"cookie-persistence": "S"})
    assert it.needs_slots
    assert it.server_words == ("check",)
    assert found({"check": "false"}).server_words == ()
    assert found({"check-interval": "5s", "pod-maxconn": "9"}).server_words == (
        "maxconn",
        "9",
        "check",
        "inter",
        "5s",
    )
