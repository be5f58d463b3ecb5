"""The HPA controller: reads the metrics API every sync period and scales, by `controlplane.hpa`."""

from __future__ import annotations

from kingtide.controlplane.hpa.model import (
    HpaObservation,
    HpaOutcome,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.controlplane.hpa.steady import steady
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import Deployment
from kingtide.twin.cluster.autoscaler_verdicts import CONTROLLER, code_of, report_of
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.scaled_application import ScaledApplication
from kingtide.twin.cluster.settled_usage import SettledUsage
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seed import SeedTree


class Autoscalers:
    """Every autoscaler of the cluster, each at its own phase of the sync period.

    `evaluations` counts their passes, `worked_out` those that were not as the one before.
    """

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
        autoscaled = [(it, it.autoscaler) for it in applications if it.autoscaler is not None]
        self.usage = SettledUsage(metrics, len(autoscaled))
        self.by_key: dict[str, ScaledApplication] = {
            it.key: ScaledApplication(it, autoscaler, number, self.usage)
            for number, (it, autoscaler) in enumerate(autoscaled)
        }
        self.worked_out = 0
        self.evaluations = 0
        store.on_pods(self._on_pod, heeds_refusals=False)

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
        deployment = self._store.deployments[key]
        outcome = self._answer(scaled, deployment)
        scaled.state = outcome.state
        scaled.last_outcome = outcome
        if outcome.rescaled:
            self._rescale(key, scaled, deployment.replicas, outcome)

    def _answer(self, scaled: ScaledApplication, deployment: Deployment) -> HpaOutcome:
        """Return what a pass holds, told where it is another than before."""
        now_ms, config = self._engine.now_ms, scaled.autoscaler.config
        spec = scaled.spec_with(self._store.autoscalers.get(deployment.key))
        current, status = deployment.replicas, self._replica_sets.active_count_of(deployment)
        question = scaled.question(spec, current, status, now_ms)
        before = scaled.last_outcome
        if before is not None and question is not None and question == scaled.last_question:
            again = steady(spec, before, now_ms, config)
            if again is not None:
                return again
        scaled.last_question = question
        self.worked_out += 1
        reading = MetricReading(groups=scaled.groups(self._metrics, now_ms))
        readings = (reading,) * len(spec.metrics)
        outcome = reconcile(
            spec, HpaObservation(current, status, readings), scaled.state, now_ms, config
        )
        code = code_of(current, outcome)
        if outcome.rescaled or code != scaled.last_code:
            scaled.last_code = code
            report = report_of(scaled.application.key, current, spec, outcome)
            self._journal.decision(CONTROLLER, report, (), ())
        return outcome

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
