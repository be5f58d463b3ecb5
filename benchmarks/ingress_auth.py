"""What it costs to have a service asked about each request, beside the same route without it.

The service answers at once (a HAProxy that says 200 to everything), so the figures are those of
HAProxy's question and of the agent. Needs `wrk`, which the distribution has.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

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
from tests.real.ingress_load import fast_pods

SECONDS = 5
MANY, ONE = 16, 1
"""Connections: what it bears, and how long one waits."""

Figures = dict[str, float]


def measured() -> Figures:
    """Return the figures; nothing without wrk."""
    if shutil.which("wrk") is None:
        return {}
    with TemporaryDirectory(prefix="kt", dir="/tmp") as folder, fast_pods(Path(folder), 2) as ports:
        return asyncio.run(_measured(Path(folder) / "k", *ports))


async def _measured(folder: Path, service: int, pod: int) -> Figures:
    assert haproxy.HAPROXY is not None
    folder.mkdir()
    http, stats = free_port(), f"127.0.0.1:{free_port()}"
    layout = Layout(str(folder), f"127.0.0.1:{http}", stats=stats, threads=2)
    proxy, agent = Proxy(haproxy.HAPROXY, layout, 42), AuthAgent(layout)
    policy = IngressPolicy(external_auth_hosts=("127.0.0.1",))
    try:
        await agent.start()
        await proxy.bring(compose(_view(service, pod), policy).desired)
        plain = await _load(http, "plain", ONE)
        asked = await _load(http, "asked", ONE)
        before = _processor_seconds(layout)
        many = await _load(http, "asked", MANY)
        used = _processor_seconds(layout) - before
    finally:
        await proxy.process.end(grace_seconds=1)
        await agent.end(grace_seconds=1)
    return {
        "plain_p50_ms": plain["50%"],
        "asked_p50_ms": asked["50%"],
        "asked_p99_ms": asked["99%"],
        "asked_rate_a_second": many["Requests/sec:"],
        "asked_agent_cpu_ms": 1000 * used / (many["Requests/sec:"] * SECONDS),
    }


async def _load(port: int, host: str, connections: int) -> Figures:
    line = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-H"]
    line += [f"Host: {host}.example.com", f"http://127.0.0.1:{port}/"]
    done = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, check=True)
    assert "Non-2xx" not in done.stdout, done.stdout
    return {name: _figure(name, done.stdout) for name in ("Requests/sec:", "50%", "99%")}


def _figure(name: str, text: str) -> float:
    """Return a figure of wrk's; times in milliseconds."""
    found = re.search(rf"{name}\s+([0-9.]+)(us|ms|s)?", text)
    assert found is not None, text
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}.get(found[2] or "", 1.0)


def _processor_seconds(layout: Layout) -> float:
    """Return what the agent's workers have used."""
    agent = Path(layout.auth_lock).read_text("ascii").strip()
    workers = Path(f"/proc/{agent}/task/{agent}/children").read_text("ascii").split()
    ticks = [Path(f"/proc/{it}/stat").read_text().rpartition(") ")[2].split() for it in workers]
    return sum(int(it[11]) + int(it[12]) for it in ticks) / os.sysconf("SC_CLK_TCK")


def _view(service: int, pod: int) -> TrafficView:
    to = HttpPath("/", "Prefix", IngressBackend("web", 80))
    asked = {"haproxy.org/auth-url": f"http://127.0.0.1:{service}/"}
    ingresses = [
        Ingress("d", name, rules=(IngressRule(f"{name}.example.com", (to,)),), annotations=written)
        for name, written in (("plain", {}), ("asked", asked))
    ]
    endpoints = (Endpoint(("127.0.0.1",)),)
    one = EndpointSlice("d", "web", "web", endpoints=endpoints, ports=(EndpointPort(pod),))
    return TrafficView(
        {it.key: it for it in ingresses},
        services={"d/web": Service("d", "web", ports=(ServicePort(80),))},
        slices={"d/web": (one,)},
    )
