"""Demand that comes in by the ingress, as a scenario writes it."""

from __future__ import annotations

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Count, DurationMs, PositiveDurationMs, Switch
from kingtide.rehearsal.scenario.latency_model import Latency


class Requests(Written):
    """How an application's demand comes in."""

    host: str
    """The host of its requests."""
    path: str = "/"
    """The path of its requests."""
    cpu_per_request: PositiveDurationMs = 10
    """CPU time that one request takes: the demand divided by it are the requests."""
    takes: DurationMs = 100
    """How long one is under way; what is under way at a machine that goes is lost."""
    serves_while_ending: Switch = False
    """Its pods take connections from SIGTERM until they end, as with a preStop sleep; otherwise
    they close their port at SIGTERM."""


class Ingress(Written):
    """The proxy before applications whose demand comes in as requests."""

    manifests: str | None = None
    """A file of Ingresses, IngressClasses and Services as `kubectl get -o yaml` writes them; None
    for an Ingress of each application with its host and path."""
    retries: Count = 3
    """Tries of a request after the first; our configuration says 3."""
    endpoint_slice: Latency | None = None
    """From a change of a pod to its EndpointSlice; None for 50 ms to 1 s."""
    takes_over: Latency | None = None
    """From the EndpointSlice to a proxy that goes by it; None for what was measured: 38 ms, p99
    44 ms."""
    check_down: Latency | None = None
    """From a server's death to the check that finds it; None for 4 to 6 s."""
