"""Requests are divided between a Service and its canary, and weights change at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.desired import Desired
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.live.haproxy.proxy import Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.echo import ask, echo

pytestmark = haproxy.needs_haproxy

BY_HEADER = {"canary-by-header": "X-Canary"}
BY_VALUE = {**BY_HEADER, "canary-by-header-value": "v2"}
BY_PATTERN = {**BY_HEADER, "canary-by-header-pattern": r"(^|\W)v[12]\d?$"}
BY_COOKIE = {"canary-by-cookie": "canary"}
NOBODY, ALL = {"canary-weight": "0"}, {"canary-weight": "100"}


def desired(ports: Mapping[str, int], canaries: Mapping[str, Mapping[str, str]]) -> Desired:
    """Return a proxy of hosts `<name>.test`, each with a canary of these annotations."""
    ingresses = {}
    for name, written in canaries.items():
        for service, asked in (("web", {}), ("next", {"canary": "true", **written})):
            to = HttpPath("/", "Prefix", IngressBackend(service, 80))
            it = Ingress(
                "shop",
                f"{name}-{service}",
                rules=(IngressRule(f"{name}.test", (to,)),),
                annotations={f"haproxy.org/{key}": text for key, text in asked.items()},
            )
            ingresses[it.key] = it
    services = {f"shop/{name}": Service("shop", name, ports=(ServicePort(80),)) for name in ports}
    slices = {
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
    composed = compose(TrafficView(ingresses, {}, services, slices), IngressPolicy())
    assert all(report.is_accepted and not report.problems for report in composed.reports)
    return composed.desired


class Case(NamedTuple):
    """What a canary asks for, a request's headers, and who answers it."""

    asked: Mapping[str, str]
    headers: Mapping[str, str]
    by: str


CASES = {
    "nobody": Case(NOBODY, {}, "web"),
    "everybody": Case(ALL, {}, "next"),
    "header-always": Case({**BY_HEADER, **NOBODY}, {"X-Canary": "always"}, "next"),
    "header-never": Case({**BY_HEADER, **ALL}, {"X-Canary": "never"}, "web"),
    "header-of-another-value": Case({**BY_HEADER, **ALL}, {"X-Canary": "v2"}, "next"),
    "value": Case({**BY_VALUE, **NOBODY}, {"X-Canary": "v2"}, "next"),
    "value-and-no-word": Case({**BY_VALUE, **NOBODY}, {"X-Canary": "always"}, "web"),
    "pattern": Case({**BY_PATTERN, **NOBODY}, {"X-Canary": "beta, v23"}, "next"),
    "pattern-of-another": Case({**BY_PATTERN, **NOBODY}, {"X-Canary": "v9"}, "web"),
    "pattern-of-another-v2": Case({**BY_PATTERN, **ALL}, {"X-Canary": "v9"}, "next"),
    "pattern-and-no-word": Case({**BY_PATTERN, **NOBODY}, {"X-Canary": "always"}, "web"),
    "pattern-and-no-header": Case({**BY_PATTERN, **NOBODY}, {}, "web"),
    "value-before-pattern": Case(
        {**BY_PATTERN, **BY_VALUE, **NOBODY}, {"X-Canary": "beta v23"}, "web"
    ),
    "pattern-before-cookie": Case(
        {**BY_PATTERN, **BY_COOKIE}, {"X-Canary": "v2", "Cookie": "canary=never"}, "next"
    ),
    "no-header": Case({**BY_VALUE, **NOBODY}, {}, "web"),
    "cookie-always": Case(BY_COOKIE, {"Cookie": "canary=always"}, "next"),
    "cookie-never": Case({**BY_COOKIE, **ALL}, {"Cookie": "canary=never"}, "web"),
    "header-before-cookie": Case(
        {**BY_HEADER, **BY_COOKIE}, {"X-Canary": "never", "Cookie": "canary=always"}, "web"
    ),
}


def test_who_goes_to_a_canary_and_how_weights_change(short_path: Path) -> None:
    written = {name: case.asked for name, case in CASES.items()}
    written["share"] = {"canary-weight": "30"}
    http = free_port()
    stats = f"127.0.0.1:{free_port()}"
    layout = Layout(str(short_path), f"127.0.0.1:{http}", stats=stats)
    assert haproxy.HAPROXY is not None
    proxy = Proxy(haproxy.HAPROXY, layout, 2)
    with echo("web") as web, echo("next") as other, asyncio.Runner() as runner:
        ports = {"web": web, "next": other}
        try:
            assert runner.run(proxy.bring(desired(ports, written))).is_loaded
            for name, case in CASES.items():
                seen = ask(http, f"{name}.test", headers=case.headers)
                assert seen.request["name"] == case.by, name
            counted = Counter(ask(http, "share.test").request["name"] for _ in range(400))
            assert 60 < counted["next"] < 180, "120 of 400 expected; 60 is 6.5 deviations off"
            written["share"] = ALL
            assert not runner.run(proxy.bring(desired(ports, written))).is_loaded
            assert {ask(http, "share.test").request["name"] for _ in range(20)} == {"next"}
            written["share"] = NOBODY
            assert not runner.run(proxy.bring(desired(ports, written))).is_loaded
            assert {ask(http, "share.test").request["name"] for _ in range(20)} == {"web"}
        finally:
            runner.run(proxy.process.end(grace_seconds=2))
