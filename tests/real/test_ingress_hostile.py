"""Hostile objects never make a configuration that HAProxy refuses, or that says something else."""

from __future__ import annotations

import datetime as dt
import random
import re
import subprocess
import time
from pathlib import Path

import pytest
from msgspec import structs

from kingtide.certificates.pairs import new_authority, new_serving
from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.compose import Composed, compose
from kingtide.controllers.ingress.rendering.configuration import files
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule, IngressTls
from kingtide.kube.secrets import Secret
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.kube.workloads import ConfigMap
from tests.real import haproxy

pytestmark = haproxy.needs_haproxy

INGRESSES = 400
SEED = 7

ANNOTATIONS = sorted(DECLARED)

PIECES = (
    *("\n", "\r\n", "\x00", "\t", " ", "'", '"', "\\", "#", "$", "${HOME}", "%", "%[env(PATH)]"),
    *("{", "}", "(", ")", ";", "<<", "\u2028", "é", "a" * 300, "10.0.0.0/8", "::/0", "true"),
    *("false", "10s", "100k", "GET /", "/", "(.*)", "(?R)", "[[:evil:]]", "(a+)+$", "\\1", "*"),
    *("if { always_true }", "unless", "server evil 10.0.0.9:80", "X-Name value", "leastconn"),
    *("backend evil", "-f /etc/passwd", "shop/secret", "1", "999999999", "-1", "https://x.y"),
    *("basic-auth", "shop/s1", "s2", "users", "proxy-v2", "h2", "/a/(.*) /\\1", "req.hdr(X)"),
    *(
        "example.com:80",
        "address:127.0.0.1",
        "%ci",
        "no option x",
        "http-request deny",
        "localhost",
        "http://a.shop.svc",
        "http://auth.test/x?y=",
        "$host",
        "/start?rd=$escaped_request_uri",
        "X-User, ",
        "POST",
    ),
)


KNOWN = frozenset(
    [
        "global",
        "defaults",
        "resolvers",
        "frontend",
        "backend",
        "userlist",
        "server",
        "bind",
        "mode",
        "timeout",
        "option",
        "retries",
        "retry-on",
        "stats",
        "nbthread",
        "fd-hard-limit",
        "mworker-max-reloads",
        "hard-stop-after",
        "fd-hard-limit",
        "mworker-max-reloads",
        "server-state-file",
        "load-server-state-from-file",
        "ca-base",
        "crt-base",
        "ssl-default-bind-options",
        "parse-resolv-conf",
        "hold",
        "user",
        "http-request",
        "http-response",
        "http-after-response",
        "declare",
        "use_backend",
        "default_backend",
        "balance",
        "cookie",
        "dynamic-cookie-key",
        "stick-table",
        "tcp-request",
        "filter",
    ]
)
"""First words of lines that the controller writes."""
_DAY = dt.timedelta(days=1)
_NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
_AUTHORITY = new_authority("authority", _NOW, _NOW + 90 * _DAY)
GOOD = new_serving(_AUTHORITY, "good", ["good.example.com"], _NOW, _NOW + 9 * _DAY)


def text(chance: random.Random) -> str:
    """Return some pieces in a row."""
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 6)))


def secret(number: int, chance: random.Random) -> Secret:
    """Return a Secret of hostile keys and values, among them some that are almost right."""
    values = [
        *(text(chance).encode("utf-8", "replace") for _ in range(3)),
        *(b"\xff\x00\n", b"$1$abc$iCQ2D3nhptRYi27fDYv2s1", b"bob:$1$abc$iCQ2D3nhptRYi27fDYv2s1\n"),
        *(GOOD.certificate, GOOD.key, GOOD.certificate[:-30], GOOD.certificate + GOOD.key),
    ]
    keys = ["tls.crt", "tls.key", "ca.crt", "auth", "bob", text(chance), "a b", "x\nuser root"]
    data = {key: chance.choice(values) for key in keys if chance.random() < 0.7}
    if chance.random() < 0.3:
        data.update({"tls.crt": GOOD.certificate, "tls.key": GOOD.key})
    return Secret("shop", chance.choice([f"s{number}", "users"]), data=data)


def hostile(number: int, chance: random.Random) -> tuple[Ingress, Service, EndpointSlice]:
    """Return an Ingress whose every text is hostile, with a Service behind it."""
    name = f"s{number}"
    written = {f"haproxy.org/{one}": text(chance) for one in ANNOTATIONS if chance.random() < 0.3}
    to = IngressBackend(name, text(chance)) if chance.random() < 0.5 else IngressBackend(name, 80)
    paths = (
        HttpPath(f"/{text(chance)}", chance.choice(["Exact", "Prefix"]), to),
        HttpPath("/", "Prefix", IngressBackend(name, 80)),
    )
    host = chance.choice([f"h{number}.example.com", text(chance)])
    tls = (IngressTls((host, text(chance), f"t{number}.example.com"), f"s{number % 50}"),)
    ingress = Ingress(
        "shop",
        name,
        rules=(IngressRule(host, paths),),
        annotations=written,
        tls=tls if chance.random() < 0.3 else (),
    )
    kind = chance.choice(["ClusterIP", "ExternalName"])
    service = Service(
        "shop",
        name,
        type="ExternalName" if kind == "ExternalName" else "ClusterIP",
        external_name=text(chance),
        ports=(ServicePort(80, text(chance)),),
        annotations={
            f"haproxy.org/{one}": text(chance) for one in ANNOTATIONS if chance.random() < 0.2
        },
    )
    endpoints = (Endpoint(("10.0.0.1",), target=text(chance)), Endpoint((text(chance),)))
    ports = (EndpointPort(80, service.ports[0].name),)
    one = EndpointSlice("shop", name, name, endpoints=endpoints, ports=ports)
    return ingress, service, one


def values(chance: random.Random) -> dict[str, str]:
    """Return a hostile ConfigMap."""
    return {one: text(chance) for one in ANNOTATIONS if chance.random() < 0.2}


def taken(composed: Composed, folder: Path) -> str:
    """Return the configuration, which HAProxy takes."""
    layout = Layout(str(folder), http="127.0.0.1:1", https="127.0.0.1:3", stats="127.0.0.1:2")
    written = files(composed.desired, layout)
    haproxy.write(written)
    assert haproxy.HAPROXY is not None
    checked = subprocess.run(
        [haproxy.HAPROXY, "-c", "-f", layout.configuration],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr[-3000:]
    return written[layout.configuration]


def test_hostile_objects_never_make_a_configuration_that_is_refused(short_path: Path) -> None:
    chance = random.Random(SEED)
    objects = [hostile(number, chance) for number in range(INGRESSES)]
    view = TrafficView(
        {it.key: it for it, _, _ in objects},
        {},
        {it.key: it for _, it, _ in objects},
        {f"shop/{it.service}": (it,) for _, _, it in objects},
        {it.key: it for it in (secret(number, chance) for number in range(60))},
        {"d/values": ConfigMap("d", "values", data=values(chance))},
    )
    composed = compose(view, IngressPolicy(config_map="d/values"))
    written = taken(composed, short_path)
    sections = re.findall(r"^(?:backend|frontend|server|  server) .*", written, re.MULTILINE)
    assert not [line for line in sections if "evil" in line]
    assert len(composed.desired.routes) > INGRESSES / 4, "hostility must not keep all out"
    assert sum(len(it.problems) for it in composed.reports) > INGRESSES


@pytest.mark.parametrize("seed", range(5))
def test_no_line_stands_that_nobody_of_ours_wrote(short_path: Path, seed: int) -> None:
    chance = random.Random(1_000 + seed)
    ingress, service, one = hostile(0, chance)
    rules = (
        IngressRule("a.test", (HttpPath("/", "Prefix", IngressBackend("s0", 80)),)),
        *ingress.rules,
    )
    every = {f"haproxy.org/{name}": text(chance) for name in ANNOTATIONS}
    view = TrafficView(
        {"shop/s0": structs.replace(ingress, rules=rules, annotations=every)},
        services={"shop/s0": structs.replace(service, annotations={})},
        slices={"shop/s0": (one,)},
    )
    words = {
        line.split()[0]
        for line in taken(compose(view, IngressPolicy()), short_path).split("\n")
        if line
    }
    assert words <= KNOWN, words - KNOWN


def test_an_ingress_of_ten_thousand_hosts_is_served(short_path: Path) -> None:
    to = (HttpPath("/", "Prefix", IngressBackend("web", 80)),)
    hosts = [f"h{number}.example.com" for number in range(10_000)]
    ingress = Ingress(
        "shop",
        "web",
        rules=tuple(IngressRule(host, to) for host in hosts),
        tls=(IngressTls(tuple(hosts), "good"),),
    )
    good = Secret("shop", "good", data={"tls.crt": GOOD.certificate, "tls.key": GOOD.key})
    view = TrafficView(
        {ingress.key: ingress},
        services={"shop/web": Service("shop", "web", ports=(ServicePort(80),))},
        secrets={good.key: good},
    )
    began = time.process_time()
    composed = compose(view, IngressPolicy())
    assert time.process_time() - began < 5
    assert len(composed.desired.routes) == 10_000
    taken(composed, short_path)


@pytest.mark.parametrize("piece", ["a", "a\n", "(", "$1$", "10.0.0.1,", "GET / ", "\\", "'", "%["])
def test_a_megabyte_in_every_annotation_ends_soon(short_path: Path, piece: str) -> None:
    to = (HttpPath("/", "Prefix", IngressBackend("web", 80)),)
    text = piece * (1_000_000 // len(piece))
    switches = {"auth-type": "basic-auth", "cors-enable": "true"}
    written = {f"haproxy.org/{name}": switches.get(name, text) for name in ANNOTATIONS}
    ingresses = {
        f"shop/{name}": Ingress("shop", name, rules=(IngressRule(name, to),), annotations=annotated)
        for name, annotated in (("large", written), ("small", {}))
    }
    view = TrafficView(
        ingresses, services={"shop/web": Service("shop", "web", ports=(ServicePort(80),))}
    )
    began = time.process_time()
    composed = compose(view, IngressPolicy())
    assert time.process_time() - began < 5
    assert all(len(one.message) < 1_000 for it in composed.reports for one in it.problems)
    assert [it.host for it in composed.desired.routes] == ["large", "small"]
    assert len(taken(composed, short_path)) < 100_000


def test_defaults_that_lead_to_each_other_come_to_an_end(short_path: Path) -> None:
    services = {
        f"shop/{name}": Service(
            "shop", name, type="ExternalName", external_name=f"{other}.shop.svc", ports=()
        )
        for name, other in (("a", "b"), ("b", "a"))
    }
    redirects = {
        name: {"haproxy.org/request-redirect": other} for name, other in (("a", "b"), ("b", "a"))
    }
    ingresses = {
        f"shop/{name}": Ingress(
            "shop",
            name,
            default_backend=IngressBackend(name, 80),
            annotations=redirects[name],
        )
        for name in ("a", "b")
    }
    config = ConfigMap("shop", "a", data={"ssl-certificate": "shop/a", "client-ca": "shop/a"})
    view = TrafficView(ingresses, services=services, config_maps={config.key: config})
    policy = IngressPolicy(default_backend="shop/a", config_map="shop/a")
    composed = compose(view, policy)
    taken(composed, short_path)
    assert [it.is_accepted for it in composed.reports] == [True, False]
