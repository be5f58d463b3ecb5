"""What the webhook counts, in Prometheus' words, in a registry of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kingtide.controllers.admission.verdict import Told, Verdict

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 5.0)
"""A pod takes under a millisecond, an object of 3 MB some tenths of a second; 5 s is the end."""


class AdmissionMetrics:
    """Counts reviews, findings and what goes wrong; `registry` is what /metrics shows.

    No label has a value from an object: whoever writes objects could otherwise fill our memory.
    """

    def __init__(self, staleness_seconds: Callable[[], Mapping[str, float]]) -> None:
        self.registry = CollectorRegistry()
        self._reviews = self._counter(
            "reviews", "Reviews answered, by path and result.", ("work", "failure", "result")
        )
        self._findings = self._counter(
            "findings", "Refusals, warnings and changes, by rule.", ("rule", "code", "level")
        )
        self._unanswered = self._counter(
            "unanswered", "Requests without a review, by reason.", ("reason",)
        )
        self._troubles = self._counter(
            "troubles", "Certificates, configurations or files not brought up to date.", ("what",)
        )
        self._seconds = Histogram(
            "kingtide_admission_review_seconds",
            "From a whole request to its answer.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._ends = Gauge(
            "kingtide_admission_certificate_ends_seconds",
            "When the serving certificate ends, in Unix seconds.",
            registry=self.registry,
        )
        self._registered = Gauge(
            "kingtide_admission_registered",
            "Whether both webhook configurations are there and trust the certificate.",
            registry=self.registry,
        )
        self.registry.register(_Staleness(staleness_seconds))
        ProcessCollector(registry=self.registry)

    def reviewed(self, work: str, failure: str, verdict: Verdict, seconds: float) -> None:
        """Count an answer."""
        result = "refused" if not verdict.allowed else "changed" if verdict.changes else "allowed"
        self._reviews.labels(work, failure, result).inc()
        self._seconds.observe(seconds)
        if work == "mutate":
            for change in verdict.changes:
                self._findings.labels(change.rule, "Change", "change").inc()
            return
        levels: tuple[tuple[str, tuple[Told, ...]], ...] = (
            ("refusal", verdict.refusals),
            ("warning", verdict.warnings),
        )
        for level, told in levels:
            for it in told:
                self._findings.labels(it.rule, it.code, level).inc()

    def unanswered(self, reason: str) -> None:
        """Count a request that got no review."""
        self._unanswered.labels(reason).inc()

    def trouble(self, what: str) -> None:
        """Count something that could not be brought up to date."""
        self._troubles.labels(what).inc()

    def certificate(self, ends_seconds: float) -> None:
        """Say when the certificate ends."""
        self._ends.set(ends_seconds)

    def registered(self, *, is_done: bool) -> None:
        """Say whether API servers can ask us."""
        self._registered.set(is_done)

    def _counter(self, name: str, about: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"kingtide_admission_{name}", about, labels, registry=self.registry)


class _Staleness(Collector):
    def __init__(self, seconds: Callable[[], Mapping[str, float]]) -> None:
        self._seconds = seconds

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "kingtide_admission_staleness_seconds",
            "How long the API server has said nothing of a kind.",
            labels=("kind",),
        )
        for kind, seconds in self._seconds().items():
            family.add_metric((kind,), seconds)
        yield family
