"""Requests a second through our configuration against one that is written by hand for one backend.

By hand means: a rule for the host, the backend, the same promises (timeouts, retries, no request
lost to a reload); what ours adds is finding one of thousands of hosts and paths in maps.
Pairs are interleaved, so that what others do to the machine hits both alike; the median of their
ratios counts. Needs `wrk`, which the distribution has.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from kingtide.controllers.ingress.compose import compose
from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.controllers.ingress.traffic_view import TrafficView
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import HttpPath, Ingress, IngressBackend, IngressRule
from kingtide.kube.services import Endpoint, EndpointPort, EndpointSlice, Service, ServicePort
from kingtide.live.haproxy.proxy import Proxy
from tests.free_ports import free_port
from tests.real import haproxy
from tests.real.ingress_load import fast_pods

PAIRS, SECONDS = 10, 2

Figures = dict[str, float]


def measured() -> Figures:
    """Return both rates' medians and the median of their ratios; nothing without wrk."""
    if shutil.which("wrk") is None:
        return {}
    with TemporaryDirectory(prefix="kt") as folder, fast_pods(Path(folder), 4) as ports:
        return asyncio.run(_compared(Path(folder), ports))


async def _compared(folder: Path, ports: list[int]) -> Figures:
    assert haproxy.HAPROXY is not None
    http, hand = free_port(), free_port()
    stats = f"127.0.0.1:{free_port()}"
    proxy = Proxy(haproxy.HAPROXY, Layout(str(folder / "k"), f"127.0.0.1:{http}", stats=stats), 42)
    (folder / "k").mkdir()
    await proxy.bring(compose(_view(ports), IngressPolicy()).desired)
    file = folder / "hand.cfg"
    file.write_text(_by_hand(hand, ports))
    try:
        with haproxy.running(str(file), hand):
            pairs = [(await _rate(http), await _rate(hand)) for _ in range(PAIRS)]
    finally:
        await proxy.process.end(grace_seconds=1)
    return {
        "rate_a_second": statistics.median(ours for ours, _ in pairs),
        "rate_by_hand_a_second": statistics.median(other for _, other in pairs),
        "rate_percent_of_by_hand": 100 * statistics.median(a / b for a, b in pairs),
    }


async def _rate(port: int) -> float:
    line = ["wrk", "-t1", "-c16", f"-d{SECONDS}s", "-H", "Host: web.example.com"]
    done = await asyncio.to_thread(
        subprocess.run,
        [*line, f"http://127.0.0.1:{port}/"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    return float(found.group(1))


def _view(ports: list[int]) -> TrafficView:
    to = HttpPath("/", "Prefix", IngressBackend("web", 80))
    ingress = Ingress("d", "web", rules=(IngressRule("web.example.com", (to,)),))
    slices = tuple(
        EndpointSlice(
            "d", f"web-{it}", "web", "IPv4", (Endpoint(("127.0.0.1",)),), (EndpointPort(it, ""),)
        )
        for it in ports
    )
    service = Service("d", "web", ports=(ServicePort(80),))
    return TrafficView({"d/web": ingress}, services={"d/web": service}, slices={"d/web": slices})


def _by_hand(port: int, ports: list[int]) -> str:
    servers = "\n".join(f"  server s{it} 127.0.0.1:{it}" for it in ports)
    return f"""\
global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 50s
  timeout server 50s
  timeout http-request 5s
  timeout http-keep-alive 1m
  timeout queue 5s
  option idle-close-on-response
  option redispatch 1
  retries 3
  retry-on conn-failure empty-response
frontend http
  bind 127.0.0.1:{port}
  http-request disable-l7-retry unless {{ method GET HEAD OPTIONS }}
  use_backend web if {{ req.hdr(host) -i web.example.com }}
backend web
{servers}
"""
