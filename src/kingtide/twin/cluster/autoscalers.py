"""The HPA controller: reads the metrics API every sync period and scales, by `controlplane.hpa`."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.model import (
    DEFAULT_CONFIG,
    HpaObservation,
    HpaOutcome,
    HpaSpec,
    ResourceMetric,
    UtilizationTarget,
)
from kingtide.controlplane.hpa.reading import MetricReading
from kingtide.controlplane.hpa.reconcile import reconcile
from kingtide.controlplane.hpa.steady import steady
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.pods import Pod, PodSpec, PodTemplate
from kingtide.kube.workloads import Deployment
from kingtide.twin.cluster.autoscaler_verdicts import CONTROLLER, code_of, report_of
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.scaled_application import ScaledApplication, check_metrics
from kingtide.twin.cluster.settled_usage import SettledUsage
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application, Autoscaler
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seed import SeedTree


class AlreadyScaled(ValueError):
    """Two autoscalers want one Deployment."""


def target_key(autoscaler: HorizontalPodAutoscaler) -> str:
    """Return `namespace/name` of what an autoscaler scales."""
    return f"{autoscaler.namespace}/{autoscaler.target_name}"


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
        """By what they scale."""
        self._declared = len(self.by_key)
        self._config = next((it.config for _, it in autoscaled), DEFAULT_CONFIG)
        self._syncing: dict[str, None] = dict.fromkeys(self.by_key)
        """What has its next pass planned, also where its autoscaler is gone since."""
        self.worked_out = 0
        self.evaluations = 0
        store.on_pods(self._on_pod, heeds_refusals=False, counts_owners=True)

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
        for key in self.by_key:
            self._start(key)

    def _start(self, key: str) -> None:
        period_ms = 1000 * self.by_key[key].autoscaler.config.sync_period_seconds
        phase_ms = self._seeds.below(period_ms, "hpa/phase", key)
        self._engine.after(phase_ms, EventClass.CONTROL, self._sync, key)

    def of(self, autoscaler: HorizontalPodAutoscaler) -> ScaledApplication | None:
        """Return what an autoscaler scales, None where that is nothing."""
        found = self.by_key.get(target_key(autoscaler))
        return found if found is not None and found.autoscaler_key == autoscaler.key else None

    def put(self, autoscaler: HorizontalPodAutoscaler, spec: HpaSpec) -> bool:
        """Scale by an autoscaler that somebody wrote, new or changed; say whether that is new.

        Of a scenario's own a behaviour stays that is not written.

        Raises:
            AlreadyScaled: another one scales the same Deployment.
            UnsupportedMetric: it asks for what is not measured.
        """
        key = target_key(autoscaler)
        scaled = self.by_key.get(key)
        if scaled is not None and scaled.autoscaler_key != autoscaler.key:
            raise AlreadyScaled(f"{scaled.autoscaler_key} scales the Deployment {key} already")
        if scaled is not None:
            was = scaled.autoscaler.spec
            if spec.behavior is None and scaled.number < self._declared:
                spec = msgspec.structs.replace(spec, behavior=was.behavior)
            scaled.take_spec(spec)
            return spec != was
        for other in [it for it in self.by_key.values() if it.autoscaler_key == autoscaler.key]:
            self._forget(other)  # it scaled another Deployment before
        self._adopt(key, autoscaler, spec)
        return True

    def remove(self, autoscaler: HorizontalPodAutoscaler) -> None:
        """Scale by an autoscaler no more; its Deployment stays as large as it is."""
        scaled = self.of(autoscaler)
        if scaled is not None:
            self._forget(scaled)

    def _forget(self, scaled: ScaledApplication) -> None:
        scaled.forget()
        self.usage.one_less(scaled.number)
        del self.by_key[scaled.application.key]

    def _adopt(self, key: str, autoscaler: HorizontalPodAutoscaler, spec: HpaSpec) -> None:
        deployment = self._store.deployments.get(key)
        # Of a Deployment that is not there yet every pod's requests are looked at for themselves.
        template = PodTemplate({}, PodSpec(())) if deployment is None else deployment.template
        application = Application(autoscaler.namespace, autoscaler.target_name, "", template, 0)
        declared = Autoscaler(spec, self._config)
        check_metrics(key, spec)
        number = self.usage.one_more()
        scaled = ScaledApplication(application, declared, number, self.usage, autoscaler.key)
        self.by_key[key] = scaled
        for pod in [*self._store.pods.values()]:
            self._on_pod(None, pod)
        if key not in self._syncing:
            self._syncing[key] = None
            self._start(key)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if pod is not None and pod.owner is not None:
            scaled = self.by_key.get(self._store.application_of(pod) or "")
            if scaled is not None and pod.owner.kind == "ReplicaSet":
                scaled.on_pod(old, new)

    def _sync(self, key: str) -> None:
        scaled = self.by_key.get(key)
        if scaled is None:
            del self._syncing[key]
            return
        config = scaled.autoscaler.config
        self._engine.after(1000 * config.sync_period_seconds, EventClass.CONTROL, self._sync, key)
        deployment = self._store.deployments.get(key)
        if self._metrics.published_at_ms is None or deployment is None:
            return
        self.evaluations += 1
        outcome = self._answer(scaled, deployment)
        scaled.state = outcome.state
        scaled.last_outcome = outcome
        if outcome.rescaled:
            self._rescale(key, scaled, deployment.replicas, outcome)

    def _answer(self, scaled: ScaledApplication, deployment: Deployment) -> HpaOutcome:
        """Return what a pass holds, told where it is another than before."""
        now_ms, config = self._engine.now_ms, scaled.autoscaler.config
        spec = scaled.spec_with(self._store.autoscalers.get(scaled.autoscaler_key))
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
        self._journal.mark(
            "rescaled", scaled.autoscaler_key, f"{key}: {before} -> {after} replicas ({cause})"
        )
        self._replica_sets.scale(self._store.deployments[key], after)
