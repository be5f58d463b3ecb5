"""The HPA controller: reads the metrics API every sync period and scales, by `controlplane.hpa`.

Pods that have settled (ready, past the CPU initialisation period, known to the metrics API) are
handed over as one group; the rule itself decides on them, it is only spared to decide a thousand
times alike.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from kingtide.controlplane.hpa.model import (
    HpaObservation,
    HpaOutcome,
    HpaState,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.pods import PodGroup, PodSample
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.kube.pods import Condition, Pod, pod_requests
from kingtide.twin.cluster.autoscaler_verdicts import CONTROLLER, report_of
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.pod_columns import IntArray
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application, Autoscaler
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seed import SeedTree


class UnsupportedMetric(ValueError):
    """An autoscaler asks for a metric that this world does not measure."""


class ScaledApplication:
    """One autoscaler's view of its pods, kept pod by pod.

    Raises:
        UnsupportedMetric: one of its metrics is not CPU of whole pods.
    """

    def __init__(self, application: Application, autoscaler: Autoscaler) -> None:
        for metric in autoscaler.spec.metrics:
            if not isinstance(metric, ResourceMetric) or metric.resource != "cpu":
                raise UnsupportedMetric(
                    f"the autoscaler of {application.key} asks for {metric}; only the cpu of whole"
                    " pods is measured"
                )
        self.application = application
        self.autoscaler = autoscaler
        self.state = HpaState()
        self.last_outcome: HpaOutcome | None = None
        self.last_code = ""
        self.rescales = 0
        self.request_millicores = pod_requests(application.template.spec).cpu_millicores
        self._pending: dict[str, int] = {}
        self._deleting: dict[str, int] = {}
        """Requests in millicores of pods that are pending, or being deleted, by uid."""
        self._one_template = True
        """Whether all pods so far were of the application's first template."""
        self._young: dict[str, Pod] = {}
        self._settled: dict[str, int] = {}
        self._settled_rows: IntArray | None = None

    def on_pod(self, old: Pod | None, new: Pod | None) -> None:
        """Take in one write of a pod of this application."""
        uid = new.uid if new is not None else old.uid if old is not None else ""
        self._pending.pop(uid, None)
        self._deleting.pop(uid, None)
        self._young.pop(uid, None)
        if self._settled.pop(uid, None) is not None:
            self._settled_rows = None
        if new is None:
            return
        if new.deletion_ms is not None:
            self._deleting[uid] = self._request_of(new)
        elif new.phase == "Pending":
            self._pending[uid] = self._request_of(new)
        else:
            self._young[uid] = new

    def groups(self, metrics: Metrics, now_ms: int) -> tuple[PodGroup, ...]:
        """Return all pods as the metrics API and the API server tell them."""
        groups: list[PodGroup] = []
        for request, count in Counter(self._pending.values()).items():
            groups.append(PodGroup(count=count, phase="Pending", request_milli=request))
        for request, count in Counter(self._deleting.values()).items():
            groups.append(PodGroup(count=count, deleting=True, request_milli=request))
        settle_ms = 1000 * self.autoscaler.config.cpu_initialization_period_seconds
        published, rows = metrics.columns.published, metrics.columns.row_of
        for uid, pod in list(self._young.items()):
            usage = int(published[rows[uid]])
            if usage >= 0 and pod.is_ready and (pod.started_ms or 0) + settle_ms <= now_ms:
                del self._young[uid]
                self._settled[uid] = rows[uid]
                self._settled_rows = None
                continue
            groups.append(
                PodGroup(
                    count=1,
                    phase=pod.phase,
                    start_ms=pod.started_ms,
                    ready=pod.ready,
                    request_milli=self._request_of(pod),
                    sample=self._sample(metrics, usage) if usage >= 0 else None,
                )
            )
        groups.extend(self._settled_groups(metrics))
        return tuple(groups)

    def _settled_groups(self, metrics: Metrics) -> list[PodGroup]:
        if not self._settled:
            return []
        if self._settled_rows is None:
            self._settled_rows = np.fromiter(self._settled.values(), np.int64, len(self._settled))
        if self._one_template:
            return self._alike(metrics, self._settled_rows, self.request_millicores)
        requests = metrics.columns.request[self._settled_rows]
        return [
            group
            for request in np.unique(requests).tolist()
            for group in self._alike(metrics, self._settled_rows[requests == request], request)
        ]

    def _request_of(self, pod: Pod) -> int:
        """Return what a pod requests; all pods of one template share their spec."""
        if pod.spec is self.application.template.spec:
            return self.request_millicores
        self._one_template = False
        return pod_requests(pod.spec).cpu_millicores

    def _alike(self, metrics: Metrics, rows: IntArray, request: int) -> list[PodGroup]:
        """Return settled pods of one request: those that the metrics API knows, and the others."""
        usage = metrics.columns.published[rows]
        known = usage >= 0
        count = int(known.sum())
        ready = Condition("True", 0)
        groups = []
        if count:
            total = int(usage[known].sum())
            groups.append(
                PodGroup(
                    count=count,
                    start_ms=0,
                    ready=ready,
                    request_milli=request,
                    sample=self._sample(metrics, total),
                )
            )
        if count < len(rows):
            groups.append(
                PodGroup(
                    count=len(rows) - count,
                    start_ms=0,
                    ready=ready,
                    request_milli=request,
                )
            )
        return groups

    @staticmethod
    def _sample(metrics: Metrics, usage_millicores: int) -> PodSample:
        at_ms = metrics.published_at_ms or 0
        return PodSample(usage_millicores, at_ms, metrics.window_ms)


class Autoscalers:
    """Every autoscaler of the cluster, each at its own phase of the sync period."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        metrics: Metrics,
        replica_sets: ReplicaSets,
        journal: Journal,
        applications: tuple[Application, ...],
    ) -> None:
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._metrics = metrics
        self._replica_sets = replica_sets
        self._journal = journal
        self.by_key: dict[str, ScaledApplication] = {
            a.key: ScaledApplication(a, a.autoscaler)
            for a in applications
            if a.autoscaler is not None
        }
        self.evaluations = 0
        store.on_pods(self._on_pod)

    def trigger_millicores(self, key: str, ready_pods: int) -> int | None:
        """Return the use above which the autoscaler would grow (its target, without tolerance).

        None without one.
        """
        scaled = self.by_key.get(key)
        metric = None if scaled is None else scaled.autoscaler.spec.metrics[0]
        if scaled is None or not isinstance(metric, ResourceMetric) or metric.resource != "cpu":
            return None
        if isinstance(metric.target, UtilizationTarget):
            return ready_pods * scaled.request_millicores * metric.target.percent // 100
        return ready_pods * metric.target.milli

    def start(self) -> None:
        """Begin to sync, each autoscaler at a phase drawn from the seed."""
        for key, scaled in self.by_key.items():
            period_ms = 1000 * scaled.autoscaler.config.sync_period_seconds
            phase_ms = self._seeds.below(period_ms, "hpa/phase", key)
            self._engine.after(phase_ms, EventClass.CONTROL, self._sync, key)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is not None and pod.owner is not None:
            scaled = self.by_key.get(self._store.application_of(pod) or "")
            if scaled is not None and pod.owner.kind == "ReplicaSet":
                scaled.on_pod(old, new)

    def _sync(self, key: str) -> None:
        scaled = self.by_key[key]
        config = scaled.autoscaler.config
        self._engine.after(1000 * config.sync_period_seconds, EventClass.CONTROL, self._sync, key)
        if self._metrics.published_at_ms is None:
            return
        self.evaluations += 1
        now_ms = self._engine.now_ms
        deployment = self._store.deployments[key]
        spec = scaled.autoscaler.spec
        reading = MetricReading(groups=scaled.groups(self._metrics, now_ms))
        observation = HpaObservation(
            current_replicas=deployment.replicas,
            status_replicas=self._replica_sets.active_count_of(deployment),
            readings=(reading,) * len(spec.metrics),
        )
        outcome = reconcile(spec, observation, scaled.state, now_ms, config)
        scaled.state = outcome.state
        scaled.last_outcome = outcome
        self._tell(key, scaled, deployment.replicas, outcome)
        if outcome.rescaled:
            self._rescale(key, scaled, deployment.replicas, outcome)

    def _tell(self, key: str, scaled: ScaledApplication, before: int, outcome: HpaOutcome) -> None:
        """Record what the pass holds where it is another than before."""
        report = report_of(key, before, scaled.autoscaler.spec, outcome)
        code = report.verdicts[0].code
        if outcome.rescaled or code != scaled.last_code:
            scaled.last_code = code
            self._journal.decision(CONTROLLER, report, (), ())

    def _rescale(
        self, key: str, scaled: ScaledApplication, before: int, outcome: HpaOutcome
    ) -> None:
        scaled.rescales += 1
        after = outcome.desired_replicas
        self._engine.trace(f"hpa {key} {before} {after}")
        utilization = outcome.utilization_percent
        cause = "bounds" if utilization is None else f"{utilization} % of requests used"
        self._journal.mark("rescaled", key, f"{key}: {before} -> {after} replicas ({cause})")
        self._replica_sets.scale(self._store.deployments[key], after)
