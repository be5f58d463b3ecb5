"""Demand that comes in as requests by host and path: what a world is made of for that."""

from __future__ import annotations

import msgspec

from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.kube.ingresses import Ingress, IngressClass
from kingtide.kube.services import Service
from kingtide.twin.latencies import Latency

ENDPOINT_SLICE = Latency(
    ((0, 50), (50, 150), (100, 1_000)),
    "EndpointSlice controller: a watch, a queue, one write of the slice; judged, below the second"
    " that Kubernetes' scalability tests allow for it",
    assumed=True,
)
"""From a change of a pod to the EndpointSlice that tells it."""
TAKES_OVER = Latency(
    ((0, 20), (50, 38), (99, 44), (100, 100)),
    "our controller and HAProxy 2.6.12, measured (docs/concepts/performance.md, Ingress): from"
    " writing an endpoint to the first request at it, p50 38.0 ms and p99 44.4 ms;"
    " 20 ms are waited for further changes, and above p99 stands the bound that the benchmark has",
)
"""From the EndpointSlice to the proxy that goes by it."""
CHECK_DOWN = Latency(
    ((0, 4_000), (100, 6_000)),
    "HAProxy 2.6: inter 2s, fall 3 (https://docs.haproxy.org/2.6/configuration.html#5.2-check)",
)
"""From a server's death to the third check in a row that fails."""
RETRIES = 3
"""As our configuration says (`retries 3`, each at another server)."""


class Requests(msgspec.Struct, frozen=True):
    """How an application's demand comes in: for which host and path, and what one request takes.

    `cpu_ms` is the CPU time of one request, `takes_ms` how long one is under way.
    `serves_while_ending`: its pods take connections from SIGTERM until they end (a preStop sleep);
    otherwise they close their port at SIGTERM.
    """

    host: str
    path: str
    cpu_ms: int
    takes_ms: int = 100
    serves_while_ending: bool = False


class IngressTraffic(msgspec.Struct, frozen=True):
    """The proxy before applications with `requests`, and the objects that it goes by."""

    ingresses: tuple[Ingress, ...]
    services: tuple[Service, ...]
    classes: tuple[IngressClass, ...] = ()
    policy: IngressPolicy = IngressPolicy()
    retries: int = RETRIES
    endpoint_slice: Latency = ENDPOINT_SLICE
    takes_over: Latency = TAKES_OVER
    check_down: Latency = CHECK_DOWN
