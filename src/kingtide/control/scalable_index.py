"""What a timetable may scale, and the namespaces and pods that have a word in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.control.touch_log import TouchLog
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.kube.jobs import CronJob, Job
from kingtide.kube.namespaces import Namespace
from kingtide.kube.pods import Pod
from kingtide.kube.scalables import Scalable
from kingtide.kube.workloads import DaemonSet, Deployment, PodDisruptionBudget, StatefulSet

FORCE_UPTIME = "downscaler/force-uptime"
"""An annotation of kube-downscaler's that counts on pods and namespaces. Source:
https://codeberg.org/hjacobs/kube-downscaler (README, 20.10.0)."""

ScalableObject = (
    Deployment
    | StatefulSet
    | DaemonSet
    | CronJob
    | Job
    | HorizontalPodAutoscaler
    | PodDisruptionBudget
    | Scalable
)


class ScalableIndex:
    """Kept change by change; a change of nothing that a timetable reads is none.

    Names in the log of changes are `Kind/namespace/name`, `Namespace/name` and `Pod/uid`.
    """

    def __init__(self) -> None:
        self.scalables: dict[str, Scalable] = {}
        self.namespaces: dict[str, Namespace] = {}
        self.forcing_pods: dict[str, Pod] = {}
        self._autoscalers: dict[str, str] = {}
        """Keys of HPAs by the key of what they scale."""
        self._log = TouchLog()

    def touched_since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names of what changed after a cursor, oldest first, and the next cursor."""
        return self._log.since(cursor)

    def autoscaler_of(self, key: str) -> Scalable | None:
        """Return the HPA that scales an object, None without one."""
        return self.scalables.get(self._autoscalers.get(key, ""))

    def take(self, it: ScalableObject, *, gone: bool) -> None:
        """Take in an object that is there, or gone."""
        scalable = scalable_of(it)
        if scalable is None:
            return
        key = scalable.key
        known = self.scalables.get(key)
        if gone:
            if self.scalables.pop(key, None) is not None:
                self._touch(known)
        elif known != scalable:
            self.scalables[key] = scalable
            self._touch(known)
            self._touch(scalable)

    def _touch(self, scalable: Scalable | None) -> None:
        """Note a change of an object, and of what it scales."""
        if scalable is None:
            return
        self._log.touch(scalable.key, self.scalables)
        if scalable.kind == "HorizontalPodAutoscaler":
            target = f"{scalable.target_kind}/{scalable.namespace}/{scalable.target_name}"
            self._autoscalers[target] = scalable.key
            if scalable.key not in self.scalables:
                del self._autoscalers[target]
            self._log.touch(target, self.scalables)

    def take_namespace(self, namespace: Namespace, *, gone: bool) -> None:
        """Take in a namespace that is there, or gone."""
        if gone:
            self.namespaces.pop(namespace.name, None)
        else:
            known = self.namespaces.get(namespace.name)
            self.namespaces[namespace.name] = namespace
            if known is not None and known.annotations == namespace.annotations:
                return
        self._log.touch(f"Namespace/{namespace.name}", self.scalables)

    def take_pod(self, pod: Pod, *, gone: bool) -> None:
        """Take in a pod that bears, or bore, the annotation that keeps everything up."""
        forces = not gone and FORCE_UPTIME in pod.annotations
        known = self.forcing_pods.get(pod.uid)
        if not forces:
            if self.forcing_pods.pop(pod.uid, None) is None:
                return
        else:
            self.forcing_pods[pod.uid] = pod
            if known is not None and (known.annotations, known.phase) == (
                pod.annotations,
                pod.phase,
            ):
                return
        self._log.touch(f"Pod/{pod.uid}", self.scalables)


def scalable_of(it: ScalableObject) -> Scalable | None:
    """Return an object as what can be scaled, None for a Job that its CronJob owns."""
    return None if isinstance(it, Job) and it.owner is not None else as_scalable(it)


def as_scalable(it: ScalableObject) -> Scalable:
    """Return an object in the form that all kinds have, whoever owns it."""
    match it:
        case Scalable():
            return it
        case Deployment():
            return Scalable("Deployment", *_named(it), size=it.replicas)
        case StatefulSet():
            return Scalable("StatefulSet", *_named(it), size=it.replicas)
        case DaemonSet():
            return Scalable("DaemonSet", *_named(it), node_selector=it.template.spec.node_selector)
        case CronJob():
            return Scalable("CronJob", *_named(it), suspended=it.suspend)
        case Job():
            return Scalable("Job", *_named(it), suspended=it.spec.suspend)
        case HorizontalPodAutoscaler():
            return Scalable(
                "HorizontalPodAutoscaler",
                *_named(it),
                size=it.min_replicas,
                max_size=it.max_replicas,
                target_kind=it.target_kind,
                target_name=it.target_name,
            )
        case PodDisruptionBudget():
            return Scalable(
                "PodDisruptionBudget",
                *_named(it),
                min_available=it.min_available,
                max_unavailable=it.max_unavailable,
            )


def _named(
    it: Deployment
    | StatefulSet
    | DaemonSet
    | CronJob
    | Job
    | HorizontalPodAutoscaler
    | PodDisruptionBudget,
) -> tuple[str, str, str, int, Mapping[str, str], Mapping[str, str]]:
    """Return the fields that all kinds have, in the order of a Scalable's."""
    return it.namespace, it.name, it.uid, it.created_ms, it.labels, it.annotations
