"""Writes of controllers on workloads: sizes, suspensions and their markers, in one patch each."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.control.scalable_index import as_scalable
from kingtide.control.workload_actions import (
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    WorkloadAction,
    changed_object,
)
from kingtide.control.workload_change import annotated, missing, not_writable
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.workloads import Deployment, PodDisruptionBudget, StatefulSet
from kingtide.twin.cloud.answer import DONE, Answer
from kingtide.twin.cluster.cron_jobs import CronJobs
from kingtide.twin.cluster.disruption_budgets import DisruptionBudgets
from kingtide.twin.cluster.jobs import Jobs
from kingtide.twin.cluster.replica_sets import ReplicaSets
from kingtide.twin.cluster.stateful_sets import StatefulSets
from kingtide.twin.cluster.store import Store

Changeable = (
    Deployment | StatefulSet | CronJob | Job | HorizontalPodAutoscaler | PodDisruptionBudget
)


class WorkloadChanges:
    """Patches workloads and has their controllers look at them."""

    def __init__(
        self,
        store: Store,
        replica_sets: ReplicaSets,
        stateful_sets: StatefulSets,
        jobs: Jobs,
        cron_jobs: CronJobs,
        disruption_budgets: DisruptionBudgets,
    ) -> None:
        self._store = store
        self._replica_sets = replica_sets
        self._stateful_sets = stateful_sets
        self._jobs = jobs
        self._cron_jobs = cron_jobs
        self._disruption_budgets = disruption_budgets

    def perform(self, action: WorkloadAction) -> Answer:
        """Do one action and return what the API answered.

        Kinds that no world here has (KEDA's, Argo's, Zalando's, GitHub's) answer as an API server
        does that never heard of them; DaemonSets do not change while a world runs.
        """
        it = self._object(changed_object(action))
        if it is None or isinstance(action, (SetNodeSelector, SetMinRunners, PauseScaledObject)):
            return missing(action)
        refused = not_writable(as_scalable(it), action)
        if refused is not None:
            return refused
        self._write(it, action)
        return DONE

    def _object(self, key: str) -> Changeable | None:
        kind, _, name = key.partition("/")
        objects: dict[str, Mapping[str, Changeable]] = {
            "Deployment": self._store.deployments,
            "StatefulSet": self._store.stateful_sets,
            "CronJob": self._store.cron_jobs,
            "Job": self._store.jobs,
            "HorizontalPodAutoscaler": self._store.autoscalers,
            "PodDisruptionBudget": self._store.disruption_budgets,
        }
        return objects[kind].get(name) if kind in objects else None

    def _write(self, it: Changeable, action: WorkloadAction) -> None:
        notes = annotated(it.annotations, action.annotations)
        replace = msgspec.structs.replace
        match it:
            case Deployment():
                replicas = action.replicas if isinstance(action, ScaleWorkload) else it.replicas
                self._replica_sets.scale(replace(it, annotations=notes), replicas)
            case StatefulSet():
                replicas = action.replicas if isinstance(action, ScaleWorkload) else it.replicas
                self._stateful_sets.scale(replace(it, annotations=notes), replicas)
            case CronJob():
                suspend = action.suspend if isinstance(action, SetSuspend) else it.suspend
                self._cron_jobs.change(replace(it, annotations=notes, suspend=suspend))
            case Job():
                suspend = action.suspend if isinstance(action, SetSuspend) else it.spec.suspend
                spec = replace(it.spec, suspend=suspend)
                self._jobs.change(replace(it, annotations=notes, spec=spec))
            case HorizontalPodAutoscaler():
                least = (
                    action.min_replicas if isinstance(action, SetMinReplicas) else it.min_replicas
                )
                self._store.put_autoscaler(replace(it, annotations=notes, min_replicas=least))
            case PodDisruptionBudget():
                self._disruption_budgets.change(_budget(replace(it, annotations=notes), action))


def _budget(budget: PodDisruptionBudget, action: WorkloadAction) -> PodDisruptionBudget:
    if not isinstance(action, SetDisruptionBudget):
        return budget
    if action.field == "minAvailable":
        return msgspec.structs.replace(budget, min_available=action.amount)
    return msgspec.structs.replace(budget, max_unavailable=action.amount)
