"""Actions that make workloads smaller for a time, and as they were again.

Each writes its field and annotations in one patch, so that what must be remembered can never be
lost between two writes, and does nothing unless the object has this uid and the field still has
the expected value. `annotations` are pairs of a key and its value, None to remove it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from kingtide.control.action import Action, Permission
from kingtide.kube.scalables import ScalableKind

Annotations = tuple[tuple[str, str | None], ...]

_RESOURCES: dict[ScalableKind, Permission] = {
    "Deployment": Permission("apps", "patch", "deployments"),
    "StatefulSet": Permission("apps", "patch", "statefulsets"),
    "DaemonSet": Permission("apps", "patch", "daemonsets"),
    "CronJob": Permission("batch", "patch", "cronjobs"),
    "Job": Permission("batch", "patch", "jobs"),
    "HorizontalPodAutoscaler": Permission("autoscaling", "patch", "horizontalpodautoscalers"),
    "PodDisruptionBudget": Permission("policy", "patch", "poddisruptionbudgets"),
    "ScaledObject": Permission("keda.sh", "patch", "scaledobjects"),
    "Rollout": Permission("argoproj.io", "patch", "rollouts"),
    "Stack": Permission("zalando.org", "patch", "stacks"),
    "AutoscalingRunnerSet": Permission("actions.github.com", "patch", "autoscalingrunnersets"),
}


def _on(*kinds: ScalableKind) -> tuple[Permission, ...]:
    return tuple(_RESOURCES[kind] for kind in kinds)


class ScaleWorkload(Action, frozen=True, gc=False, kw_only=True, tag="ScaleWorkload"):
    """Set a workload's `spec.replicas`."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on(
        "Deployment", "StatefulSet", "Rollout", "Stack"
    )

    kind: Literal["Deployment", "StatefulSet", "Rollout", "Stack"]
    namespace: str
    name: str
    uid: str
    replicas: int
    expected_replicas: int
    annotations: Annotations = ()


class ScaleDeployment(ScaleWorkload, frozen=True, gc=False, kw_only=True, tag="ScaleDeployment"):
    """Set a Deployment's `spec.replicas`: for whom no other kind's rights are needed."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("Deployment")

    kind: Literal["Deployment"] = "Deployment"


class SetSuspend(Action, frozen=True, gc=False, kw_only=True, tag="SetSuspend"):
    """Suspend a CronJob or Job, or let it go on."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("CronJob", "Job")

    kind: Literal["CronJob", "Job"]
    namespace: str
    name: str
    uid: str
    suspend: bool
    expected_suspend: bool
    annotations: Annotations = ()


class SetMinReplicas(Action, frozen=True, gc=False, kw_only=True, tag="SetMinReplicas"):
    """Set a HorizontalPodAutoscaler's `minReplicas`; an expected None is as unwritten."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("HorizontalPodAutoscaler")

    namespace: str
    name: str
    uid: str
    min_replicas: int
    expected_min_replicas: int | None
    annotations: Annotations = ()


class SetMinRunners(Action, frozen=True, gc=False, kw_only=True, tag="SetMinRunners"):
    """Set an AutoscalingRunnerSet's `minRunners`; an expected None is as unwritten."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("AutoscalingRunnerSet")

    namespace: str
    name: str
    uid: str
    min_runners: int
    expected_min_runners: int | None
    annotations: Annotations = ()


class SetNodeSelector(Action, frozen=True, gc=False, kw_only=True, tag="SetNodeSelector"):
    """Set one label in the node selector of a DaemonSet's pods; None is, or makes it, absent."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("DaemonSet")

    namespace: str
    name: str
    uid: str
    label: str
    value: str | None
    expected_value: str | None
    annotations: Annotations = ()


class SetDisruptionBudget(Action, frozen=True, gc=False, kw_only=True, tag="SetDisruptionBudget"):
    """Set the amount of a PodDisruptionBudget, as `2` or `25%`, in the field that it has."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("PodDisruptionBudget")

    namespace: str
    name: str
    uid: str
    field: Literal["minAvailable", "maxUnavailable"]
    amount: str
    expected_amount: str
    annotations: Annotations = ()


class PauseScaledObject(Action, frozen=True, gc=False, kw_only=True, tag="PauseScaledObject"):
    """Pause KEDA's scaling of a workload at so many replicas; None is, or makes it, not paused.

    Source: https://keda.sh/docs/2.17/concepts/scaling-deployments/#pausing-autoscaling, the
    annotation `autoscaling.keda.sh/paused-replicas`.
    """

    REQUIRES: ClassVar[tuple[Permission, ...]] = _on("ScaledObject")

    namespace: str
    name: str
    uid: str
    paused_replicas: str | None
    expected_paused_replicas: str | None
    annotations: Annotations = ()


class AnnotateWorkload(Action, frozen=True, gc=False, kw_only=True, tag="AnnotateWorkload"):
    """Set annotations of an object and nothing else, if they still are as `expected` says."""

    REQUIRES: ClassVar[tuple[Permission, ...]] = tuple(_RESOURCES.values())

    kind: ScalableKind
    namespace: str
    name: str
    uid: str
    annotations: Annotations
    expected: Annotations


WorkloadAction = (
    ScaleWorkload
    | SetSuspend
    | SetMinReplicas
    | SetMinRunners
    | SetNodeSelector
    | SetDisruptionBudget
    | PauseScaledObject
    | AnnotateWorkload
)


def changed_object(action: WorkloadAction) -> str:
    """Return the key (`Kind/namespace/name`) of the object that an action changes."""
    match action:
        case SetMinReplicas():
            kind: str = "HorizontalPodAutoscaler"
        case SetMinRunners():
            kind = "AutoscalingRunnerSet"
        case SetNodeSelector():
            kind = "DaemonSet"
        case SetDisruptionBudget():
            kind = "PodDisruptionBudget"
        case PauseScaledObject():
            kind = "ScaledObject"
        case ScaleWorkload() | SetSuspend() | AnnotateWorkload():
            kind = action.kind
    return f"{kind}/{action.namespace}/{action.name}"
