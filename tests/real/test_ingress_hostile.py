"""Hostile objects never make a configuration that HAProxy refuses, or that says something else."""

from __future__ import annotations

import random
import re
import subprocess
from pathlib import Path

from kingtide.controllers.ingress.annotations.declared import DECLARED
from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.configuration import files
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
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
)


def text(chance: random.Random) -> str:
    """Return some pieces in a row."""
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(1, 6)))


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
    ingress = Ingress("shop", name, rules=(IngressRule(host, paths),), annotations=written)
    kind = chance.choice(["ClusterIP", "ExternalName"])
    service = Service(
        "shop",
        name,
        type="ExternalName" if kind == "ExternalName" else "ClusterIP",
        external_name=text(chance),
        ports=(ServicePort(80, text(chance)),),
        annotations={f"haproxy.org/{one}": text(chance) for one in ANNOTATIONS[::3]},
    )
    endpoints = (Endpoint(("10.0.0.1",), target=text(chance)), Endpoint((text(chance),)))
    ports = (EndpointPort(80, service.ports[0].name),)
    one = EndpointSlice("shop", name, name, endpoints=endpoints, ports=ports)
    return ingress, service, one


def test_hostile_objects_never_make_a_configuration_that_is_refused(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    objects = [hostile(number, chance) for number in range(INGRESSES)]
    view = TrafficView(
        {it.key: it for it, _, _ in objects},
        {},
        {it.key: it for _, it, _ in objects},
        {f"shop/{it.service}": (it,) for _, _, it in objects},
    )
    composed = compose(view, IngressPolicy())
    layout = Layout(str(tmp_path), http="127.0.0.1:1", stats="127.0.0.1:2")
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
    sections = re.findall(
        r"^(?:backend|frontend|server|  server) .*", written[layout.configuration], re.MULTILINE
    )
    assert not [line for line in sections if "evil" in line]
    assert len(composed.desired.routes) > INGRESSES / 4, "hostility must not keep all out"
    assert sum(len(it.problems) for it in composed.reports) > INGRESSES
