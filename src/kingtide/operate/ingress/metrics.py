"""What the ingress controller counts, in Prometheus' words, in a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kingtide.controllers.ingress.told import IngressReport
from kingtide.operate.ingress import metric_table as table
from kingtide.operate.running.metric_table import Declared

Loaded = Literal["start", "crash", "structure"]
Sort = Literal["endpoints", "routes", "structure"]


class IngressMetrics:
    """Counts changes, reloads and what goes wrong; `registry` is what /metrics shows."""

    def __init__(self, staleness_seconds: Callable[[], Mapping[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self._latency = Histogram(
            table.LATENCY.name,
            table.LATENCY.about,
            table.LATENCY.labels,
            buckets=table.LATENCY.bounds,
            registry=self.registry,
        )
        self._changes = self._counter(table.CHANGES)
        self._loads = self._counter(table.LOADS)
        self._failures = self._counter(table.FAILURES)
        self._refused = self._counter(table.REFUSED)
        self._drifts = self._counter(table.DRIFTS)
        self._closed = self._gauge(table.CLOSED)
        self._doubted = self._gauge(table.DOUBTED)
        self._served = self._gauge(table.SERVED)
        self._ready = self._gauge(table.READY)
        self._problems = self._gauge(table.PROBLEMS)
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

    def _counter(self, it: Declared) -> Counter:
        return Counter(it.name, it.about, it.labels, registry=self.registry)

    def _gauge(self, it: Declared) -> Gauge:
        return Gauge(it.name, it.about, it.labels, registry=self.registry)


class _Staleness(Collector):
    def __init__(self, seconds: Callable[[], Mapping[str, float]]) -> None:
        self._seconds = seconds

    def collect(self) -> Iterator[GaugeMetricFamily]:
        it = table.STALENESS
        family = GaugeMetricFamily(it.name, it.about, labels=it.labels)
        for kind, seconds in self._seconds().items():
            family.add_metric((kind,), seconds)
        yield family
