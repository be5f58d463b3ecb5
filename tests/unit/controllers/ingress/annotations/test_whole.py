from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec import structs

from kingtide.controllers.ingress.annotations.families import found_in, found_whole
from kingtide.controllers.ingress.annotations.family import Scope
from kingtide.controllers.ingress.annotations.logging import FORMAT
from kingtide.controllers.ingress.annotations.unknown import unknown, unknown_values
from kingtide.controllers.ingress.annotations.whole import Whole
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy


def whole(values: Mapping[str, str], *, snippets: bool = False) -> Whole:
    policy = IngressPolicy(config_map="d/values", allow_snippets=snippets)
    return found_whole(Scope("d", {}, {}, values, TrafficView(), policy))


@pytest.mark.parametrize(
    ("values", "process", "defaults"),
    [
        pytest.param({"maxconn": "2000"}, ["maxconn 2000"], [], id="connections"),
        pytest.param({"nbthread": "8"}, ["nbthread 8"], [], id="threads"),
        pytest.param({"hard-stop-after": "1m"}, ["hard-stop-after 1m"], [], id="old processes"),
        pytest.param({"timeout-client": "5s"}, [], ["timeout client 5s"], id="timeout"),
        pytest.param(
            {"http-connection-mode": "httpclose"}, [], ["option httpclose"], id="connection mode"
        ),
        pytest.param(
            {"syslog-server": "address:127.0.0.1, port:5, facility:local0, level:err\n"
             "address:stdout, format:raw, facility:daemon,"},
            ["log 127.0.0.1:5 local0 err", "log stdout format raw daemon"],
            ["log global", f"log-format {FORMAT}"],
            id="two servers of logs",
        ),
        pytest.param(
            {
                "syslog-server": "address:::1",
                "log-format": "%ci [%tr] %{+Q}r %[capture.req.hdr(0)] 5%%",
            },
            ["log [::1]:514 local0"],
            ["log global", "log-format %ci [%tr] %{+Q}r %[capture.req.hdr(0)] 5%%"],
            id="a format",
        ),
    ],
)  # fmt: skip
def test_what_the_config_map_writes(
    values: Mapping[str, str], process: list[str], defaults: list[str]
) -> None:
    it = whole({"dontlognull": "false", **values})
    assert [" ".join(map(str, one.words)) for one in it.process] == process
    assert [" ".join(map(str, one.words)) for one in it.defaults] == defaults
    assert not it.problems


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("maxconn", "many"),
        ("nbthread", "65"),
        ("timeout-client", "soon"),
        ("timeout-client", "30d"),
        ("hard-stop-after", "25d"),
        ("proxy-protocol", "fe80::1%eth0"),
        ("http-connection-mode", "keep"),
        ("syslog-server", "address:example.com"),
        ("syslog-server", "address:127.0.0.1, facility:nowhere"),
        ("syslog-server", "address:127.0.0.1, file:/etc/passwd"),
        ("log-format", "%zz"),
        ("log-format", "%[env(PATH)]"),
        ("log-format", "%"),
        ("log-format", "%[src"),
        ("tls-alpn", "h3"),
        ("proxy-protocol", "everybody"),
        ("client-ca", "d/missing"),
        ("ssl-certificate", "d/missing"),
        ("frontend-config-snippet", "timeout client 1s"),
    ],
)
def test_what_cannot_be_read_is_told(name: str, text: str) -> None:
    it = whole({name: text})
    (problem,) = it.problems
    assert name in problem.place


@pytest.mark.parametrize(
    ("form", "rules"),
    [
        pytest.param("", [("http-request", "set-var(txn.base)", "base")], id="our own"),
        pytest.param(
            "%ci %[var(txn.base)]",
            [("http-request", "set-var(txn.base)", "base")],
            id="in a format",
        ),
        pytest.param("%ci", [], id="nobody reads it"),
    ],
)
def test_host_and_path_are_kept_for_the_log_that_has_them(
    form: str, rules: list[tuple[str, ...]]
) -> None:
    it = whole({"syslog-server": "address:127.0.0.1", "log-format": form})
    assert [one.words for one in it.frontend] == rules
    assert not it.problems


def test_of_who_speaks_the_proxy_protocol_a_mistake_takes_itself_away_alone() -> None:
    it = whole({"proxy-protocol": "10.0.0.0/16, lb.example.com, 10.1.0.7"})
    assert it.listening.proxies == ("10.0.0.0/16", "10.1.0.7/32")
    (problem,) = it.problems
    assert "'lb.example.com'" in problem.message


def test_clients_that_cannot_be_checked_are_not_answered() -> None:
    assert whole({"client-ca": "d/missing"}).listening.is_closed
    assert not whole({}).listening.is_closed


def test_snippets_stand_in_their_sections_where_they_are_allowed() -> None:
    values = {
        "frontend-config-snippet": "timeout client 1s",
        "global-config-snippet": "description x",
        "stats-config-snippet": "stats enable",
    }
    it = whole(values, snippets=True)
    found = [one[-1].words for one in (it.frontend, it.process, it.stats)]
    assert found == [("timeout", "client", "1s"), ("description", "x"), ("stats", "enable")]
    assert not it.problems


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("haproxy.org/path-rewrit", "did you mean path-rewrite?"),
        ("haproxy.com/xyz", "nobody here knows it"),
        ("haproxy.org/maxconn", "it has an effect only on the ConfigMap"),
        ("haproxy.org/quic-alt-svc-max-age", "it is not supported: HAProxy 2.6"),
        ("haproxy.org/" + "x" * 9_999, "nobody here knows it"),
    ],
)
def test_an_annotation_that_has_no_effect_is_told(key: str, message: str) -> None:
    (problem,) = unknown({key: "1"})
    assert problem.code == "AnnotationUnknown"
    assert message in problem.message
    assert len(problem.place) < 200


def test_others_annotations_are_theirs() -> None:
    assert not unknown({"nginx.ingress.kubernetes.io/x": "1", "haproxy.org/check": "true"})


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("timeout-clent", "did you mean timeout-client?"),
        ("haproxy.org/maxconn", "write maxconn"),
        ("ingress.kubernetes.io/ssl-redirect", "write ssl-redirect"),
        ("route-acl", "only on a Service"),
        ("canary", "only on an Ingress"),
        ("http-keep-alive", "deprecated"),
        ("zzz", "nobody here knows it"),
    ],
)
def test_a_name_in_the_config_map_that_nobody_reads_is_told(name: str, words: str) -> None:
    (problem,) = unknown_values({name: "x", "maxconn": "5"})
    assert words in problem.message
    assert problem.place == f"data[{name}] of the ConfigMap"


@pytest.mark.parametrize(
    ("on", "place"),
    [
        ("service", "metadata.annotations[load-balance] of its Service"),
        ("ingress", "metadata.annotations[load-balance]"),
        ("values", "data[load-balance] of the ConfigMap"),
    ],
)
def test_a_problem_stands_where_its_annotation_does(on: str, place: str) -> None:
    scope = Scope("d", {}, {}, {}, TrafficView(), IngressPolicy())
    (problem,) = found_in(structs.replace(scope, **{on: {"load-balance": "no"}})).problems
    assert problem.place == place
