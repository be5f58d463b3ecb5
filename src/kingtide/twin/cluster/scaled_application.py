"""One autoscaler's pods, sorted as the metrics API and the API server tell them apart.

Pods that have settled (ready, past the CPU initialisation period, known to the metrics API) are
handed over as one group; the rule itself decides on them, it is only spared to decide a thousand
times alike.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import numpy as np

from kingtide.controlplane.hpa.model import HpaOutcome, HpaSpec, HpaState, ResourceMetric
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.pods import Condition, Pod, pod_requests
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.settled_usage import SettledUsage
from kingtide.twin.definition import Application, Autoscaler

_LONG_READY = Condition("True", 0)
NEVER_MS = 1 << 62
"""Beyond every time, in milliseconds since the Unix epoch."""


class UnsupportedMetric(ValueError):
    """An autoscaler asks for a metric that this world does not measure."""


Question = tuple[object, ...]


def check_metrics(of: str, spec: HpaSpec) -> None:
    """Check that what an autoscaler asks for is measured.

    Raises:
        UnsupportedMetric: one of its metrics is not CPU of whole pods.
    """
    for metric in spec.metrics:
        if not isinstance(metric, ResourceMetric) or metric.resource != "cpu":
            raise UnsupportedMetric(
                f"the autoscaler of {of} asks for {metric}; only the cpu of whole pods is measured"
            )


class ScaledApplication:
    """One autoscaler's view of its pods, kept pod by pod; `number` is its own among all.

    `autoscaler_key` is the autoscaler's own, None where it is named as what it scales.

    Raises:
        UnsupportedMetric: one of its metrics is not CPU of whole pods.
    """

    def __init__(
        self,
        application: Application,
        autoscaler: Autoscaler,
        number: int,
        usage: SettledUsage,
        autoscaler_key: str | None = None,
    ) -> None:
        check_metrics(application.key, autoscaler.spec)
        self.application = application
        self.autoscaler_key = autoscaler_key or application.key
        self.autoscaler = autoscaler
        self._spec = autoscaler.spec
        self.state = HpaState()
        self.last_outcome: HpaOutcome | None = None
        self.last_question: Question | None = None
        self.last_code = ""
        self.rescales = 0
        self.request_millicores = pod_requests(application.template.spec).cpu_millicores
        self.number = number
        self._usage = usage
        self._pending: dict[str, int] = {}
        self._deleting: dict[str, int] = {}
        """Requests in millicores of pods that are pending, or being deleted, by uid."""
        self._one_template = True
        """Whether all pods so far were of the application's first template."""
        self._young: dict[str, Pod] = {}
        self._settles_from_ms = 0
        """Before this no young pod settles by time alone; 0 once one was written."""
        self._settled: dict[str, int] = {}
        """Rows in the columns, by uid."""

    def spec_with(self, stored: HorizontalPodAutoscaler | None) -> HpaSpec:
        """Return the spec with the bounds that the stored object has now, None: as written."""
        if stored is not None:
            least = 1 if stored.min_replicas is None else stored.min_replicas
            most = stored.max_replicas
            if (least, most) != (self._spec.min_replicas, self._spec.max_replicas):
                spec = msgspec.structs.replace(self._spec, min_replicas=least, max_replicas=most)
                self.take_spec(spec)
        return self._spec

    def take_spec(self, spec: HpaSpec) -> None:
        """Scale by another spec from now on.

        Raises:
            UnsupportedMetric: one of its metrics is not CPU of whole pods.
        """
        check_metrics(self.application.key, spec)
        self._spec = spec
        self.autoscaler = msgspec.structs.replace(self.autoscaler, spec=spec)
        self.last_question = None  # another spec is another question

    def forget(self) -> None:
        """Count no pod any more: the autoscaler is gone."""
        for row in self._settled.values():
            self._usage.remove(self.number, row)
        self._settled.clear()

    def on_pod(self, old: Pod | None, new: Pod | None) -> None:
        """Take in one write of a pod of this application."""
        uid = new.uid if new is not None else old.uid if old is not None else ""
        self._settles_from_ms = 0
        self._pending.pop(uid, None)
        self._deleting.pop(uid, None)
        self._young.pop(uid, None)
        row = self._settled.pop(uid, None)
        if row is not None:
            self._usage.remove(self.number, row)
        if new is None:
            return
        if new.deletion_ms is not None:
            self._deleting[uid] = self._request_of(new)
        elif new.phase == "Pending":
            self._pending[uid] = self._request_of(new)
        else:
            self._young[uid] = new

    def question(self, spec: HpaSpec, current: int, status: int, now_ms: int) -> Question | None:
        """Return what a pass would ask now, None where the time matters too.

        Two passes with one question get one answer, but for what their history makes of it. That is
        so where all pods have settled, because they are past every age that counts.
        """
        self._settle(now_ms)
        if self._young or not self._one_template:
            return None
        requests = self.request_millicores, len(self._pending), len(self._deleting)
        return (spec, current, status, requests, self._usage.of(self.number))

    def groups(self, metrics: Metrics, now_ms: int) -> tuple[PodGroup, ...]:
        """Return all pods as the metrics API and the API server tell them."""
        self._settle(now_ms)
        groups: list[PodGroup] = []
        if self._pending:
            for request, count in Counter(self._pending.values()).items():
                groups.append(PodGroup(count=count, phase="Pending", request_milli=request))
        if self._deleting:
            for request, count in Counter(self._deleting.values()).items():
                groups.append(PodGroup(count=count, deleting=True, request_milli=request))
        if self._young:
            groups.extend(self._young_groups(metrics))
        groups.extend(self._settled_groups(metrics))
        return tuple(groups)

    def _young_groups(self, metrics: Metrics) -> list[PodGroup]:
        """Return each pod whose age may count by itself: few share the millisecond."""
        rows = metrics.columns.row_of
        usages = metrics.columns.published[[rows[uid] for uid in self._young]].tolist()
        at_ms, window_ms = metrics.published_at_ms or 0, metrics.window_ms
        spec, request = self.application.template.spec, self.request_millicores
        return [
            PodGroup(
                1,
                pod.phase,
                pod.started_ms,
                pod.ready,
                False,
                request if pod.spec is spec else self._request_of(pod),
                PodSample(usage, at_ms, window_ms) if usage >= 0 else None,
            )
            for pod, usage in zip(self._young.values(), usages, strict=True)
        ]

    def _settle(self, now_ms: int) -> None:
        """Count those as settled that are past every age that counts and known to the API."""
        if not self._young or now_ms < self._settles_from_ms:
            return
        age_ms = 1000 * self.autoscaler.config.cpu_initialization_period_seconds
        self._settles_from_ms = NEVER_MS
        for uid, pod in list(self._young.items()):
            if not pod.is_ready:
                continue  # it is written when it becomes so
            settles_ms = (pod.started_ms or 0) + age_ms
            row = self._usage.known_row(uid) if settles_ms <= now_ms else None
            if row is None:
                self._settles_from_ms = min(self._settles_from_ms, settles_ms)
            else:
                del self._young[uid]
                self._settled[uid] = row
                self._usage.add(self.number, row)

    def _settled_groups(self, metrics: Metrics) -> list[PodGroup]:
        if not self._settled:
            return []
        if self._one_template:
            return _alike(metrics, *self._usage.of(self.number), self.request_millicores)
        columns = metrics.columns
        rows = np.fromiter(self._settled.values(), np.int64, len(self._settled))
        groups: list[PodGroup] = []
        for request in np.unique(columns.request[rows]).tolist():
            usage = columns.published[rows[columns.request[rows] == request]]
            known = usage[usage >= 0]
            unknown = len(usage) - len(known)
            groups.extend(_alike(metrics, len(known), int(known.sum()), unknown, request))
        return groups

    def _request_of(self, pod: Pod) -> int:
        """Return what a pod requests; all pods of one template share their spec."""
        if pod.spec is self.application.template.spec:
            return self.request_millicores
        self._one_template = False
        return pod_requests(pod.spec).cpu_millicores


def _alike(
    metrics: Metrics, known: int, millicores: int, unknown: int, request: int
) -> list[PodGroup]:
    """Return settled pods of one request: those that the metrics API knows, and the others."""
    groups = []
    if known:
        sample = _sample(metrics, millicores)
        groups.append(PodGroup(known, "Running", 0, _LONG_READY, False, request, sample))
    if unknown:
        groups.append(PodGroup(unknown, "Running", 0, _LONG_READY, False, request))
    return groups


def _sample(metrics: Metrics, usage_millicores: int) -> PodSample:
    at_ms = metrics.published_at_ms or 0
    return PodSample(usage_millicores, at_ms, metrics.window_ms)
