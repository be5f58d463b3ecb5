"""What the ingress controller counts, in Prometheus' words, in a registry of its own.

No label has a value from an object: whoever writes objects could otherwise fill our memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kingtide.controllers.ingress.told import IngressReport

SECONDS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""An endpoint takes 30 ms, what needs a reload waits for seconds."""

Loaded = Literal["start", "crash", "structure"]
Sort = Literal["endpoints", "routes", "structure"]


class IngressMetrics:
    """Counts changes, reloads and what goes wrong; `registry` is what /metrics shows."""

    def __init__(self, staleness_seconds: Callable[[], Mapping[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self._latency = Histogram(
            "kingtide_ingress_change_to_traffic_seconds",
            "From a change's arrival to HAProxy's having it, read back, by what it needed.",
            ("sort",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._changes = self._counter("runtime_changes", "Changes made without a reload.", ())
        self._loads = self._counter(
            "loads", "Starts and reloads of HAProxy, by reason and result.", ("reason", "result")
        )
        self._failures = self._counter(
            "runtime_failures", "Changes that HAProxy did not take or answer; tried again.", ()
        )
        self._refused = self._counter(
            "configurations_refused", "Configurations that HAProxy would not run with.", ()
        )
        self._drifts = self._counter(
            "drift_repairs",
            "Looks that found HAProxy otherwise than it was left, and mended it.",
            (),
        )
        self._closed = self._gauge(
            "closed_backends", "Backends that HAProxy would not load; they answer 503."
        )
        self._doubted = self._gauge(
            "doubted_backends", "Backends that keep servers that were gone all at once."
        )
        self._served = self._gauge("ingresses", "Ingresses that have effect.")
        self._ready = self._gauge("ready", "Whether HAProxy serves what is asked for.")
        self._problems = Gauge(
            "kingtide_ingress_problems",
            "Parts of Ingresses that have no effect, by code.",
            ("code",),
            registry=self.registry,
        )
        self.registry.register(_Staleness(staleness_seconds))
        ProcessCollector(registry=self.registry)

    def arrived(self, sort: Sort, seconds: float) -> None:
        """Count a change that traffic follows now."""
        self._latency.labels(sort).observe(seconds)

    def changed(self, changes: int, refused: int) -> None:
        """Count changes at run time, and those that HAProxy refused for now."""
        self._changes.inc(changes)
        self._failures.inc(refused)

    def loaded(self, reason: Loaded, *, is_done: bool) -> None:
        """Count a start or a reload."""
        self._loads.labels(reason, "done" if is_done else "refused").inc()

    def failed(self) -> None:
        """Count a change that was not taken."""
        self._failures.inc()

    def refused(self) -> None:
        """Count a configuration that HAProxy refused."""
        self._refused.inc()

    def drifted(self) -> None:
        """Count a repair of what nobody here had changed."""
        self._drifts.inc()

    def stands(self, *, closed: int, doubted: int) -> None:
        """Say how many backends are not as they are asked for."""
        self._closed.set(closed)
        self._doubted.set(doubted)

    def ready(self, *, is_ready: bool) -> None:
        """Say whether the proxy serves."""
        self._ready.set(is_ready)

    def reported(self, reports: tuple[IngressReport, ...]) -> None:
        """Say what became of the Ingresses."""
        self._served.set(sum(it.is_accepted for it in reports))
        self._problems.clear()
        for report in reports:
            for problem in report.problems:
                self._problems.labels(problem.code).inc()

    def _counter(self, name: str, about: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"kingtide_ingress_{name}", about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"kingtide_ingress_{name}", about, registry=self.registry)


class _Staleness(Collector):
    def __init__(self, seconds: Callable[[], Mapping[str, float]]) -> None:
        self._seconds = seconds

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "kingtide_ingress_staleness_seconds",
            "How long the API server has said nothing of a kind.",
            labels=("kind",),
        )
        for kind, seconds in self._seconds().items():
            family.add_metric((kind,), seconds)
        yield family
