"""How long 2,000 Ingresses with 5,000 endpoints take: all at once, and one change of each sort."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.live.haproxy.proxy import Brought, Proxy
from kingtide.operate.ingress.sight import Changes
from kingtide.operate.ingress.wishes import Wishes
from tests.free_ports import free_port
from tests.real import haproxy

INGRESSES, RUNS = 2_000, 20
POLICY = IngressPolicy()

Figures = dict[str, float]


def measured() -> Figures:
    """Return milliseconds: of the first sync, and medians of one change each."""
    with TemporaryDirectory(prefix="kt") as folder:
        return asyncio.run(_Syncing(Path(folder)).measured())


class _Syncing:
    def __init__(self, folder: Path) -> None:
        assert haproxy.HAPROXY is not None
        http, stats = (f"127.0.0.1:{free_port()}" for _ in range(2))
        self._proxy = Proxy(haproxy.HAPROXY, Layout(str(folder), http, stats=stats), 42)
        self._wishes = Wishes()
        self._view = many()

    async def measured(self) -> Figures:
        found = {"sync_2000_ingresses_ms": await _milliseconds(self._bring(Changes(self._view)))}
        try:
            endpoint = [await self._endpoint(number) for number in range(RUNS)]
            route = [await self._route(number) for number in range(RUNS)]
        finally:
            await self._proxy.process.end(grace_seconds=1)
        found["one_endpoint_of_5000_ms"] = sorted(endpoint)[RUNS // 2]
        found["one_route_of_2000_ms"] = sorted(route)[RUNS // 2]
        return found

    async def _endpoint(self, number: int) -> float:
        key = f"ns{number % 50}/web{number}"
        (one,) = self._view.slices[key]
        moved = (Endpoint((f"10.250.0.{number + 1}",), target="new"), *one.endpoints[1:])
        slices = {**self._view.slices, key: (msgspec.structs.replace(one, endpoints=moved),)}
        self._view = msgspec.structs.replace(self._view, slices=slices)
        return await _milliseconds(self._bring(Changes(self._view, frozenset({key}))))

    async def _route(self, number: int) -> float:
        key = f"ns{number % 50}/web{number}"
        it = self._view.ingresses[key]
        to = msgspec.structs.replace(it.rules[0].paths[0], path="/other")
        other = msgspec.structs.replace(it, rules=(IngressRule(it.rules[0].host, (to,)),))
        ingresses = {**self._view.ingresses, key: other}
        self._view = msgspec.structs.replace(self._view, ingresses=ingresses)
        return await _milliseconds(self._bring(Changes(self._view, is_more=True)))

    async def _bring(self, changes: Changes) -> Brought:
        wished = self._wishes.take(changes, POLICY, time.monotonic())
        if wished.backends is not None:
            brought = await self._proxy.bring_servers(wished.desired, wished.backends)
        else:
            brought = await self._proxy.bring(wished.desired, is_whole=False)
        assert brought.changes or brought.is_loaded
        return brought


async def _milliseconds(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return 1000 * (time.perf_counter() - began)


def many() -> TrafficView:
    """Return 2,000 Ingresses, each with a Service and two or three endpoints: 5,000 of them."""
    ingresses, services, slices = {}, {}, {}
    for number in range(INGRESSES):
        namespace, name = f"ns{number % 50}", f"web{number}"
        key = f"{namespace}/{name}"
        to = HttpPath("/", "Prefix", IngressBackend(name, 80))
        rule = IngressRule(f"h{number}.example.com", (to,))
        written = {"haproxy.org/timeout-server": "30s"} if number % 3 == 0 else {}
        ingresses[key] = Ingress(namespace, name, rules=(rule,), annotations=written)
        services[key] = Service(namespace, name, ports=(ServicePort(80, "http", 8080),))
        at = tuple(
            Endpoint((f"10.{number // 250}.{number % 250}.{it + 1}",), target=f"{name}-{it}")
            for it in range(2 + number % 2)
        )
        port = (EndpointPort(8080, "http"),)
        slices[key] = (EndpointSlice(namespace, f"{name}-1", name, "IPv4", at, port),)
    return TrafficView(ingresses, services=services, slices=slices)
