"""What a running process counts, in Prometheus' words.

A registry of its own: two processes in one test, or a library's metrics, do not meet in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kingtide.control.decision_entry import DecisionEntry

PASS_SECONDS = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0)
"""Bounds of a pass' histogram: an unchanged one takes under a millisecond, one that acts on a
hundred nodes through an API that throttles a minute."""


class Metrics:
    """Counts decisions, actions, refusals and passes; `registry` is what /metrics shows."""

    def __init__(
        self,
        staleness_seconds: Callable[[], Mapping[str, float]],
        is_leader: Callable[[], bool],
    ) -> None:
        self.registry = CollectorRegistry()
        self._verdicts = Counter(
            "kingtide_verdicts",
            "Verdicts that changed, by controller, stance and code.",
            ("controller", "stance", "code"),
            registry=self.registry,
        )
        self._actions = Counter(
            "kingtide_actions",
            "Actions by controller, kind, what became of them and the API's code.",
            ("controller", "action", "status", "code"),
            registry=self.registry,
        )
        self._refusals = Counter(
            "kingtide_refusals",
            "What the process did not do, by why: safety, lease, arbitration, dry run.",
            ("code",),
            registry=self.registry,
        )
        self._passes = Histogram(
            "kingtide_pass_seconds",
            "Time from the begin of a pass to the end of a controller's actions.",
            ("controller",),
            buckets=PASS_SECONDS,
            registry=self.registry,
        )
        leader = Gauge("kingtide_leader", "1 while this process leads.", registry=self.registry)
        leader.set_function(lambda: float(is_leader()))
        self.registry.register(_Staleness(staleness_seconds))

    def decided(self, entry: DecisionEntry) -> None:
        """Count a pass' verdicts and actions."""
        for verdict in entry.report.verdicts:
            self._verdicts.labels(entry.controller, verdict.stance, verdict.code).inc()
        for it in entry.outcomes:
            kind = type(it.action).__name__
            self._actions.labels(entry.controller, kind, it.status, it.code).inc()

    def refused(self, code: str) -> None:
        """Count something that was not done."""
        self._refusals.labels(code).inc()

    def passed(self, controller: str, seconds: float) -> None:
        """Count a pass."""
        self._passes.labels(controller).observe(seconds)


class _Staleness(Collector):
    """How old each part of the view is, asked for when somebody scrapes."""

    def __init__(self, staleness_seconds: Callable[[], Mapping[str, float]]) -> None:
        self._staleness_seconds = staleness_seconds

    def collect(self) -> list[GaugeMetricFamily]:
        """Return one value for each thing watched."""
        family = GaugeMetricFamily(
            "kingtide_view_staleness_seconds",
            "How long nothing was heard of what is watched; +Inf before the first list.",
            labels=("watched",),
        )
        for name, seconds in sorted(self._staleness_seconds().items()):
            family.add_metric((name,), seconds)
        return [family]
