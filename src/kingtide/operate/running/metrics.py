"""What a running process counts, in Prometheus' words.

A registry of its own: two processes in one test, or a library's metrics, do not meet in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from kingtide import __version__
from kingtide.control.decision_entry import DecisionEntry
from kingtide.operate.running import metric_table as table
from kingtide.operate.running.metric_table import Declared


class Sample(NamedTuple):
    """A metric's value for some labels, read when somebody scrapes."""

    metric: Declared
    labels: tuple[str, ...]
    value: float


Source = Callable[[], Iterable[Sample]]
"""Returns what a part of the process has counted itself."""


class Metrics:
    """Counts decisions, actions, refusals and passes; `registry` is what /metrics shows."""

    def __init__(
        self,
        staleness_seconds: Callable[[], Mapping[str, float]],
        is_leader: Callable[[], bool],
    ) -> None:
        # Otherwise each series has a line more, which nobody asks for.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library does not type it
        self.registry = CollectorRegistry()
        self._verdicts = self._counter(table.VERDICTS)
        self._actions = self._counter(table.ACTIONS)
        self._refusals = self._counter(table.REFUSALS)
        self._held_back = self._gauge(table.HELD_BACK)
        self._passes = self._histogram(table.PASSES)
        self._reactions = self._histogram(table.REACTIONS)
        self._first_pass: Gauge | None = None
        self._reloads = self._counter(table.RELOADS)
        self._journal = self._counter(table.JOURNAL)
        self._journal_works = self._gauge(table.JOURNAL_WORKS)
        self._journal_works.set(1)
        self._policy_valid = self._gauge(table.POLICY_VALID)
        self._policy_valid.set(1)
        self._gauge(table.BUILD).labels(__version__).set(1)
        self._read = _Read()
        self.registry.register(self._read)
        self.reads(lambda: [Sample(table.LEADER, (), float(is_leader()))])
        self.reads(lambda: _staleness(staleness_seconds()))
        ProcessCollector(registry=self.registry)

    def reads(self, source: Source) -> None:
        """Have a part's own counts shown at each scrape."""
        self._read.sources.append(source)

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

    def held_back(self, code: str | None) -> None:
        """Say what holds back all that is to be decided; None for nothing."""
        self._held_back.clear()
        if code is not None:
            self._held_back.labels(code).set(1)

    def passed(self, controller: str, seconds: float) -> None:
        """Count a pass."""
        self._passes.labels(controller).observe(seconds)

    def first_pass(self, seconds: float) -> None:
        """Say how long the process took to its first pass' end."""
        if self._first_pass is None:
            self._first_pass = self._gauge(table.FIRST_PASS)
        self._first_pass.set(seconds)

    def reacted(self, controller: str, seconds: float) -> None:
        """Count a decision that a change has brought."""
        self._reactions.labels(controller).observe(seconds)

    def journaled(self, *, written: bool) -> None:
        """Count a decision that is in the journal, or is lost to it."""
        self._journal.labels("written" if written else "lost").inc()
        self._journal_works.set(float(written))

    def reloaded(self, result: str) -> None:
        """Count a change of the fleet's files: changed, unchanged or invalid."""
        self._reloads.labels(result).inc()
        self._policy_valid.set(float(result != "invalid"))

    def _counter(self, it: Declared) -> Counter:
        return Counter(it.name, it.about, it.labels, registry=self.registry)

    def _gauge(self, it: Declared) -> Gauge:
        return Gauge(it.name, it.about, it.labels, registry=self.registry)

    def _histogram(self, it: Declared) -> Histogram:
        return Histogram(it.name, it.about, it.labels, buckets=it.bounds, registry=self.registry)


class _Read(Collector):
    """What others count, asked for when somebody scrapes."""

    def __init__(self) -> None:
        self.sources: list[Source] = []

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Yield a family for each metric that has a value."""
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for source in self.sources:
            for metric, labels, value in source():
                family = families.get(metric.name)
                if family is None:
                    made = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
                    family = made(metric.name, metric.about, labels=metric.labels)
                    families[metric.name] = family
                family.add_metric(labels, value)
        yield from families.values()

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Yield nothing: the registry would otherwise ask parts that do not exist yet."""
        yield from ()


def _staleness(seconds: Mapping[str, float]) -> list[Sample]:
    return [Sample(table.STALENESS, (name,), it) for name, it in sorted(seconds.items())]
