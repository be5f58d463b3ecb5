from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.annotations.families import found_in, found_whole
from kingtide.controllers.ingress.annotations.family import Found, Scope, unprefixed
from kingtide.controllers.ingress.directive import PatternsOf
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy


def found(
    ingress: Mapping[str, str] | None = None,
    service: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
) -> Found:
    """Return what the families make of annotations, written without their prefix."""
    view, policy = TrafficView(), IngressPolicy()
    return found_in(Scope("shop", service or {}, ingress or {}, values or {}, view, policy))


def lines(it: Found) -> list[str]:
    """Return directives beyond those of a backend that asks for nothing."""
    plain = {directive.words for directive in found().directives}
    return [
        " ".join(f"<{w.name}>" if isinstance(w, PatternsOf) else w for w in directive.words)
        for directive in it.directives
        if directive.words not in plain
    ]


class _Recording(dict[str, str]):
    """Notes which annotations are looked for."""

    def __init__(self, written: Mapping[str, str], read: set[str]) -> None:
        super().__init__(written)
        self._read = read

    def get(self, name: str, default: Any = None) -> Any:
        self._read.add(name)
        return super().get(name, default)


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
        pytest.param(
            {"path-rewrite": "/foo/(.*) /\\1\n/x"},
            [
                "http-request replace-path /foo/(.*) /\\1",
                "http-request replace-path (.*) /x",
            ],
            id="paths, one a line",
        ),
        pytest.param(
            {"path-rewrite": "(.*) /%[src]\\1"},
            ["http-request replace-path (.*) /%%[src]\\1"],
            id="a path, which is no log format",
        ),
        pytest.param(
            {"request-redirect": "Example.com:8888", "request-redirect-code": "308"},
            [
                (
                    "http-request redirect location https://example.com:8888%[pathq] code 308 if"
                    " { ssl_fc } !{ req.hdr(host) -i -- example.com:8888 }"
                ),
                (
                    "http-request redirect location https://example.com:8888%[pathq] code 308 if"
                    " { req.hdr(x-forwarded-proto) -i https } !{ ssl_fc }"
                    " !{ req.hdr(host) -i -- example.com:8888 }"
                ),
                (
                    "http-request redirect location http://example.com:8888%[pathq] code 308 if"
                    " !{ ssl_fc } !{ req.hdr(x-forwarded-proto) -i https }"
                    " !{ req.hdr(host) -i -- example.com:8888 }"
                ),
            ],
            id="another host, by the scheme of the request",
        ),
        pytest.param(
            {"request-redirect": "https://example.com:443"},
            [
                (
                    "http-request redirect location https://example.com%[pathq] code 302 if"
                    " { ssl_fc } !{ req.hdr(host) -i -- example.com }"
                ),
                (
                    "http-request redirect location https://example.com%[pathq] code 302 if"
                    " { req.hdr(x-forwarded-proto) -i https } !{ ssl_fc }"
                    " !{ req.hdr(host) -i -- example.com }"
                ),
                (
                    "http-request redirect location https://example.com%[pathq] code 302 if"
                    " !{ ssl_fc } !{ req.hdr(x-forwarded-proto) -i https }"
                ),
            ],
            id="another scheme, the port of which clients leave out",
        ),
        pytest.param(
            {"ssl-redirect": "true"},
            [
                (
                    "http-request redirect scheme https code 302 if"
                    " !{ ssl_fc } !{ req.hdr(x-forwarded-proto) -i https }"
                )
            ],
            id="to TLS",
        ),
        pytest.param(
            {"cors-enable": "true"},
            [
                "http-request set-var(txn.kingtide_origin) req.hdr(origin)",
                *(
                    f"http-after-response set-header Access-Control-{name} if"
                    " { var(txn.kingtide_origin) -m found }"
                    for name in (
                        "Allow-Origin *",
                        "Allow-Methods *",
                        "Allow-Headers *",
                        "Max-Age 5",
                    )
                ),
            ],
            id="CORS of any origin",
        ),
        pytest.param(
            {"request-capture": "hdr(Host)\ncookie(c)"},
            ["http-request capture hdr(Host) id 0", "http-request capture cookie(c) id 1"],
            id="captures",
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
        ("rate-limit-requests", "-1"),
        ("request-set-header", "Name-alone"),
        ("request-set-header", "Bad:Name value"),
        ("set-host", "a\x00b"),
        ("src-ip-header", "X) if { always_true }"),
        ("pod-maxconn", "1e9"),
        ("deny-list", "everybody"),
        ("deny-list", "fe80::1%eth0"),
        ("timeout-server", "25d"),
        ("timeout-server", "999999999d"),
        ("check-interval", "0"),
        ("check-interval", "0s"),
        ("check-interval", "25d"),
        ("load-balance", "uri len 0"),
        ("load-balance", "uri depth 0"),
        ("request-set-header", 'X-Empty ""'),
        ("response-set-header", 'X-Blank " "'),
        ("path-rewrite", r"[\d-x] /"),
        ("path-rewrite", "(.* /"),
        ("path-rewrite", "a b c"),
        ("path-rewrite", "(a) /\\2"),
        ("path-rewrite", "(.*) no-slash"),
        ("path-rewrite", "(.*) /a\\x"),
        ("path-rewrite", "(?R) /"),
        ("request-redirect", ":8888"),
        ("request-redirect", "a/b"),
        ("request-redirect", "ftp://a"),
        ("request-redirect", "a:0"),
        ("request-redirect", "a:99999"),
        ("ssl-redirect", "perhaps"),
        ("cors-enable", "yes please"),
        ("send-proxy-protocol", "proxy-v3"),
        ("server-proto", "fcgi"),
        ("server-ssl", "tls"),
        ("request-capture", "env(PATH)"),
        ("request-capture", "req.hdr(X),lua.f"),
        ("scale-server-slots", "0"),
        ("standalone-backend", "alone"),
        ("ssl-passthrough", "through"),
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


def test_lists_and_headers_of_the_config_map_hold_besides_an_ingress_own() -> None:
    it = found(
        {"allow-list": "10.0.0.0/8", "blacklist": "10.0.0.9", "response-set-header": "X-A 2"},
        values={
            "whitelist": "10.0.0.0/16",
            "deny-list": "192.0.2.1, nobody",
            "response-set-header": "X-A 1\nX-B 1",
        },
    )
    deny = "http-request deny deny_status 403"
    assert lines(it) == [
        f"{deny} unless {{ src -f <allowed-of-all> }}",
        f"{deny} if {{ src -f <denied-of-all> }}",
        f"{deny} unless {{ src -f <allowed> }}",
        f"{deny} if {{ src -f <denied> }}",
        *(f"http-response set-header {one}" for one in ("X-A 1", "X-B 1", "X-A 2")),
    ]
    assert len({one.name for one in it.files}) == 4
    (problem,) = it.problems
    assert problem.place == "data[deny-list] of the ConfigMap"


def test_a_header_that_haproxytechs_would_work_out_is_sent_as_it_stands_and_told() -> None:
    it = found({"request-set-header": "X-Tls %[ssl_fc]\nX-Share 100%"})
    assert lines(it)[0] == "http-request set-header X-Tls %%[ssl_fc]"
    (problem,) = it.problems
    assert "'%[ssl_fc]' is sent as it stands" in problem.message


def test_nobody_comes_in_by_an_ingress_where_the_config_maps_list_cannot_be_read() -> None:
    it = found({"allow-list": "0.0.0.0/0"}, values={"allow-list": "everybody"})
    assert lines(it)[0] == "http-request deny deny_status 403 if { src -f <nobody-of-all> }"


def test_an_annotation_has_no_effect_where_it_may_not_stand() -> None:
    assert not lines(found(service={"allow-list": "10.0.0.1"}))
    assert not lines(found({"cookie-persistence": "S"}))
    assert not lines(found({"timeout-connect": "1s"}))


def test_requests_that_are_redirected_are_logged_with_what_is_captured_of_them() -> None:
    it = found({"request-capture": "method", "request-redirect": "a.test"})
    phases = {one.words[1]: one.phase for one in it.directives}
    assert phases["capture"] < phases["redirect"]


def test_every_prefix_is_read() -> None:
    for prefix in ("haproxy.org/", "haproxy.com/", "ingress.kubernetes.io/"):
        assert unprefixed({f"{prefix}load-balance": "first"}) == {"load-balance": "first"}
    assert not unprefixed({"nginx.ingress.kubernetes.io/load-balance": "first"})


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


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param({"server-ssl": "true"}, "ssl alpn h2,http/1.1 verify none", id="TLS"),
        pytest.param({"server-proto": "h2"}, "proto h2", id="HTTP/2 in clear"),
        pytest.param(
            {"server-ssl": "true", "server-proto": "h2"},
            "ssl alpn h2,http/1.1 verify none",
            id="TLS agrees on the protocol itself",
        ),
        pytest.param(
            {"server-ssl": "true", "server-proto": "h1"}, "ssl verify none", id="HTTP/1.1 over TLS"
        ),
        pytest.param({"server-proto": "h1"}, "", id="HTTP/1.1 in clear"),
        pytest.param({"send-proxy-protocol": "Proxy"}, "send-proxy", id="PROXY"),
        pytest.param({"send-proxy-protocol": "proxy-v2-ssl-cn"}, "send-proxy-v2-ssl-cn", id="v2"),
    ],
)
def test_how_pods_are_spoken_to(written: Mapping[str, str], words: str) -> None:
    assert " ".join(found(written).server_words) == f"check {words}".strip()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param({"server-ca": "missing"}, id="no authority to check the pod by"),
        pytest.param({"server-crt": "missing"}, id="no certificate to show the pod"),
        pytest.param({"auth-type": "basic-auth", "auth-secret": "missing"}, id="no users"),
        pytest.param({"auth-type": "basic-auth"}, id="no users named"),
        pytest.param({"auth-type": "digest", "auth-secret": "users"}, id="unknown type"),
        pytest.param({"auth-secret": "users"}, id="users without a type"),
        pytest.param({"auth-type": "basic-auth", "auth-secret": "other/users"}, id="far users"),
    ],
)
def test_what_protects_and_cannot_be_had_lets_nobody_in(written: Mapping[str, str]) -> None:
    it = found(written)
    assert lines(it) == ["http-request deny deny_status 503"]
    assert it.problems


def test_tls_is_passed_through_without_what_needs_requests() -> None:
    it = found({"ssl-passthrough": "true", "set-host": "x", "load-balance": "source"})
    assert it.mode == "tcp"
    assert [" ".join(map(str, one.words)) for one in it.directives] == ["balance source"]
    (problem,) = it.problems
    assert "no request is seen" in problem.message
    assert "set-host" in problem.place


@pytest.mark.parametrize(
    ("written", "line"),
    [
        pytest.param(
            {"allow-list": "10.0.0.0/8"},
            "tcp-request content reject unless { src -f <allowed> }",
            id="an allow-list",
        ),
        pytest.param(
            {"deny-list": "10.0.0.0/8"},
            "tcp-request content reject if { src -f <denied> }",
            id="a deny-list",
        ),
        pytest.param(
            {"allow-list": "everybody"},
            "tcp-request content reject if { src -f <nobody> }",
            id="an allow-list that cannot be read",
        ),
        pytest.param(
            {"auth-type": "basic-auth", "auth-secret": "users"},
            "tcp-request content reject",
            id="passwords, which nobody can be asked for",
        ),
    ],
)
def test_what_keeps_people_out_keeps_them_out_where_tls_is_passed_through(
    written: Mapping[str, str], line: str
) -> None:
    assert lines(found({"ssl-passthrough": "true", **written})) == [line]


def test_pods_that_end_tls_are_told_of_clients_and_asked_for_no_plain_request() -> None:
    it = found({"send-proxy-protocol": "proxy-v2"}, values={"check-http": "/healthz"})
    assert "option httpchk OPTIONS /healthz" in lines(it)
    passing = {"ssl-passthrough": "true", "send-proxy-protocol": "proxy-v2"}
    it = found(passing, values={"check-http": "/healthz"})
    assert not lines(it)
    assert it.server_words == ("check", "send-proxy-v2")
    assert not it.problems


def test_every_family_reads_none_but_declared_annotations_and_all_of_them() -> None:
    read: set[str] = set()
    for passes in ({}, {"ssl-passthrough": "false"}):
        for text in ({"cors-enable": "true"}, {"rate-limit-requests": "5"}):
            written = _Recording({**passes, **text, "auth-type": "basic-auth"}, read)
            scope = Scope("shop", written, written, written, TrafficView(), IngressPolicy())
            found_in(scope)
            found_whole(scope)
    assert read <= set(DECLARED)
    late = {"auth-realm"}  # read once there are users to ask
    late |= {
        it for it in DECLARED if it.startswith(("canary", "route-"))
    }  # of routes, not of backends
    assert set(DECLARED) - read <= late


def test_of_a_list_of_the_denied_a_mistake_takes_itself_away_alone() -> None:
    it = found({"deny-list": "10.0.0.0/8, everybody, 192.168.0.1"})
    assert lines(it) == ["http-request deny deny_status 403 if { src -f <denied> }"]
    assert [one.lines for one in it.files] == [("10.0.0.0/8", "192.168.0.1/32")]
    (problem,) = it.problems
    assert "1 of its parts" in problem.message
    assert "'everybody'" in problem.message


@pytest.mark.parametrize(
    ("name", "text", "instead"),
    [
        ("rate-limit-period", "0", "expire 1s"),
        ("rate-limit-period", "30d", "expire 1s"),
        ("rate-limit-size", "9999999k", "size 100k"),
        ("rate-limit-size", "2m", "size 100k"),
        ("rate-limit-size", "2000000", "size 100k"),
        ("rate-limit-status-code", "418", "deny_status 403"),
        ("rate-limit-status-code", "200", "deny_status 403"),
    ],
)
def test_a_limit_holds_with_its_default_where_a_part_of_it_cannot_be_read(
    name: str, text: str, instead: str
) -> None:
    it = found({"rate-limit-requests": "5", name: text})
    assert instead in " ".join(lines(it))
    (problem,) = it.problems
    assert name in problem.place


@pytest.mark.parametrize(
    ("rules", "taken"),
    [
        pytest.param(["/a/(.*) /x"] * 100, 100, id="cheap ones"),
        pytest.param([".*a.*b /x"] * 3, 3, id="a few that can take long"),
        pytest.param([".*a.*b /x"] * 4, 0, id="so many that everybody would wait"),
    ],
)
def test_rules_that_hold_everybodys_traffic_are_refused(rules: list[str], taken: int) -> None:
    it = found({"path-rewrite": "\n".join(rules)})
    assert len(lines(it)) == taken
    assert bool(it.problems) == (taken == 0)


def test_an_expression_for_origins_is_looked_for_once_a_request() -> None:
    it = found({"cors-enable": "true", "cors-allow-origin": r"https://.+\.a\.test"})
    assert sum("-m reg" in line for line in lines(it)) == 1
