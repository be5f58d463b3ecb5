"""What the agent's workers count, in memory that they share, as Prometheus reads it.

Each worker writes a row of its own and nobody another's, so nothing is locked; a row outlives its
worker. No label has a value from an object.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from kingtide.live.external_auth.asking import FAILURES

VERDICTS = ("allowed", "401", "403", "signin", "failed")
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
"""A session that is looked up in memory takes 2 ms, one in a database tens of them."""
REQUESTS = (
    "kingtide_ingress_auth_requests",
    "Requests that a service was asked about, by what became of them.",
)
FAILED = (
    "kingtide_ingress_auth_failures",
    (
        "Requests that nobody said anything about, so that they got 503, by why: `busy` (too many"
        " of the namespace wait already), `late`, `unreachable`, `answer` (none that can be passed"
        " on), `question` (the request cannot be shown), `settings` (nobody knows them), `defect`"
        " (ours)."
    ),
)
TIMES = ("kingtide_ingress_auth_seconds", "From HAProxy's question to the agent's answer.")
WAITING = ("kingtide_ingress_auth_in_flight", "Requests that wait for a service's answer.")
"""Names of metrics, and what they say."""
_OF_FAILURES = len(VERDICTS)
_OF_TIMES = _OF_FAILURES + len(FAILURES)
_MICROSECONDS = _OF_TIMES + len(SECONDS) + 1
_WAITING = _MICROSECONDS + 1
_WIDTH = _WAITING + 1


class Counts:
    """Rows of counters; `row` is the one to write, until `of_worker` names another."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._cells = memoryview(mmap.mmap(-1, 8 * rows * _WIDTH)).cast("q")
        self._first = 0
        self._registry = CollectorRegistry()
        self._registry.register(_Shown(self))

    def of_worker(self, row: int) -> None:
        """Write to this row from now on: nothing of its waits any more."""
        self._first = row * _WIDTH
        self.waiting(0)

    def answered(self, verdict: str, seconds: float) -> None:
        """Count an answer, and how long it took from HAProxy's question."""
        self._cells[self._first + VERDICTS.index(verdict)] += 1
        self._cells[self._first + _OF_TIMES + bisect_left(SECONDS, seconds)] += 1
        self._cells[self._first + _MICROSECONDS] += round(seconds * 1_000_000)

    def failed(self, why: str) -> None:
        """Count why there was none."""
        self._cells[self._first + _OF_FAILURES + FAILURES.index(why)] += 1

    def waiting(self, questions: int) -> None:
        """Say how many questions wait for an answer."""
        self._cells[self._first + _WAITING] = questions

    def text(self) -> bytes:
        """Return all workers' counts."""
        return generate_latest(self._registry)

    def sums(self) -> tuple[int, ...]:
        """Return the sums of all rows, cell by cell."""
        return tuple(
            sum(self._cells[row * _WIDTH + place] for row in range(self._rows))
            for place in range(_WIDTH)
        )


class _Shown(Collector):
    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        sums = self._counts.sums()
        answers = CounterMetricFamily(*REQUESTS, labels=("verdict",))
        for place, verdict in enumerate(VERDICTS):
            answers.add_metric((verdict,), sums[place])
        yield answers
        failures = CounterMetricFamily(*FAILED, labels=("reason",))
        for place, why in enumerate(FAILURES):
            failures.add_metric((why,), sums[_OF_FAILURES + place])
        yield failures
        yield HistogramMetricFamily(
            *TIMES,
            buckets=list(_buckets(sums)),
            sum_value=sums[_MICROSECONDS] / 1_000_000,
        )
        yield GaugeMetricFamily(*WAITING, sums[_WAITING])


def _buckets(sums: tuple[int, ...]) -> Iterator[tuple[str, float]]:
    total = 0
    for place, bound in enumerate((*map(str, SECONDS), "+Inf")):
        total += sums[_OF_TIMES + place]
        yield bound, total
