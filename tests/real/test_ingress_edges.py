"""Values around what HAProxy takes: each is told, or is in a configuration that HAProxy takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap
from tests.real import haproxy
from tests.real.test_ingress_hostile import taken

pytestmark = haproxy.needs_haproxy

ODD = ("#", "$HOME", "${HOME}", "%[env(PATH)]", "}", "{", "if", "unless", "\\", "'", '"', "%", "é")

EDGES: dict[str, tuple[str, ...]] = {
    "timeout-server": ("0", "500us", "24d", "25d", "999999999d", "999999999"),
    "timeout-check": ("0", "1us", "30d"),
    "check-interval": ("0", "0s", "1us", "24d", "25d"),
    "rate-limit-period": ("0", "1us", "24d", "30d"),
    "rate-limit-size": ("1", "1024k", "1m", "9m", "9999999k", "9999999"),
    "rate-limit-status-code": tuple(str(it) for it in range(398, 602)),
    "load-balance": (
        *("uri len 0", "uri len 1", "uri depth 0", "uri whole path-only", "uri len 99999"),
        *("random(0)", "random(999)", "url_param a check_post 999999", "hdr(X) use_domain_only"),
    ),
    "request-set-header": ('X-A ""', 'X-A " "', "- a", *(f"X-A {it}" for it in ODD)),
    "response-set-header": ('X-A ""', *(f"X-A {it}" for it in ODD)),
    "set-host": ODD,
    "check-http": ("GET /a HTTP/1.1", *(f"/{it}" for it in ODD)),
    "path-rewrite": tuple(
        f"{it} /x"
        for it in (
            *(r"[\d-x]", r"[\w-]", r"[\~-a]", r"[a\-z]", r"[\.-z]", r"[\\-a]", "[!--]", "[-a]"),
            *("(a|)", "()", "(|a)", "a??", "a{0,0}", "a{,3}", "[]a]", "[^]]", r"\b", "x{100}"),
        )
    ),
    "allow-list": ("fe80::1%eth0", ",", "10.0.0.1/255.0.0.0", "10.0.0.1/0.0.0.255", "::/0"),
    "deny-list": ("fe80::1%eth0", ",", "::ffff:1.2.3.4", "10.0.0.1/33, 10.0.0.2"),
    "rate-limit-whitelist": ("fe80::1%eth0", ",", "::/0"),
    "request-capture": ("base", "path", "method", "unique-id", "ssl_c_s_dn", "req.cook_cnt(a)"),
    "auth-realm": ODD,
    "server-proto": ("h2",),
    "cors-allow-origin": ("https://a'b", "https://a#b", "a{2}", r"[\d-x]", "https://a\\b"),
}
"""By the annotation; companions that it has no effect without stand beside each."""
COMPANIONS = {
    "haproxy.org/rate-limit-requests": "5",
    "haproxy.org/cors-enable": "true",
    "haproxy.org/auth-type": "basic-auth",
    "haproxy.org/auth-secret": "users",
}

EDGES_OF_ALL: dict[str, tuple[str, ...]] = {
    "log-format": (
        *("%[req.hdr(a)]", "%[base]", "%[cookie(a)]", "%[method]", "%[capture.req.hdr(9)]"),
        *(
            "%[var(txn.base)]",
            "%[capture.req.uri]",
            "%{+Q}[src]",
            "%{,,}o",
            "%{+X,+E}ID",
            "%%",
            "'",
            '"',
            "#",
        ),
    ),
    "timeout-client": ("0", "1us", "25d"),
    "timeout-connect": ("0", "30d"),
    "hard-stop-after": ("0", "30d"),
    "maxconn": ("1", "1000"),
    "proxy-protocol": ("fe80::1%eth0", ","),
    "syslog-server": ("address:fe80::1%a b", "address:::1", "address:stdout,length:65535"),
    "tls-alpn": (",", "http/1.0"),
}

SERVICE = Service("shop", "web", ports=(ServicePort(80),))
USERS = Secret("shop", "users", data={"bob": b"$1$abc$iCQ2D3nhptRYi27fDYv2s1"})


def asking(number: int, name: str, value: str) -> Ingress:
    path = HttpPath("/", "Prefix", IngressBackend("web", 80))
    written = {**COMPANIONS, f"haproxy.org/{name}": value}
    rules = (IngressRule(f"h{number}.test", (path,)),)
    return Ingress("shop", f"i{number}", rules=rules, annotations=written)


def test_every_value_of_an_annotation_is_told_or_taken(short_path: Path) -> None:
    values = [(name, value) for name, found in EDGES.items() for value in found]
    ingresses = [asking(number, *it) for number, it in enumerate(values)]
    view = TrafficView(
        {it.key: it for it in ingresses},
        services={SERVICE.key: SERVICE},
        slices={
            SERVICE.key: (
                EndpointSlice(
                    "shop",
                    "web",
                    "web",
                    endpoints=(Endpoint(("10.0.0.1",)), Endpoint(("::1%x\n  bind :1",))),
                    ports=(EndpointPort(8080), EndpointPort(70_000), EndpointPort(0)),
                ),
            )
        },
        secrets={USERS.key: USERS},
    )
    composed = compose(view, IngressPolicy())
    taken(composed, short_path)
    assert all(it.is_accepted for it in composed.reports)
    told = sum(bool(it.problems) for it in composed.reports)
    assert 0 < told < len(values), "some are told, others are not"


@pytest.mark.parametrize("name", EDGES_OF_ALL)
def test_every_value_of_the_config_map_is_told_or_taken(short_path: Path, name: str) -> None:
    beside = {"syslog-server": "address:127.0.0.1"} if name == "log-format" else {}
    for number, value in enumerate(EDGES_OF_ALL[name]):
        config = ConfigMap("d", "values", data={**beside, name: value})
        view = TrafficView(config_maps={config.key: config})
        taken(compose(view, IngressPolicy(config_map=config.key)), short_path / str(number))
