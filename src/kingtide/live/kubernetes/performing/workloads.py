"""Writes on workloads: one JSON patch each, of the field and the annotations together.

The patch tests the uid and the value that was read, so a rollout that writes other fields does not
disturb it; where a field or annotation was not there, it tests the object's version. Server-side
apply would not do here: replicas and the like are somebody else's fields that are borrowed for a
time, and an apply would have us named their owner for ever.
"""

from __future__ import annotations

import msgspec

from kingtide.control.action import PatchScale
from kingtide.control.outcome import Answer
from kingtide.control.scalable_index import as_scalable
from kingtide.control.workload_actions import (
    AnnotateWorkload,
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
from kingtide.control.workload_change import (
    KEDA_PAUSED_REPLICAS,
    NO_SUCH_DEPLOYMENT,
    missing,
    not_scalable,
    not_writable,
)
from kingtide.kube.wire.kinds import api_kinds
from kingtide.kube.wire.scalables import scalable_kinds
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.compare_and_set import Write, compare_and_set
from kingtide.live.kubernetes.performing.json_patch import JsonPatch, Path

_KINDS = {**api_kinds(), **scalable_kinds()}


async def change_workload(api: Api, action: WorkloadAction) -> Answer:
    """Do one action on a workload; raises as `compare_and_set` does."""
    kind = _KINDS[changed_object(action).partition("/")[0]]

    def decide(written: bytes | None) -> Write | Answer:
        if written is None:
            return missing(action)
        refused = not_writable(as_scalable(kind.read(written)), action)
        if refused is not None:
            return refused
        patch = JsonPatch(msgspec.json.decode(written))
        if not isinstance(action, AnnotateWorkload):
            patch.put(*_field(action))
        for key, value in action.annotations:
            patch.put(("metadata", "annotations", key), value)
        return Write(patch.operations)

    return await compare_and_set(api, kind.path(action.namespace, action.name), decide)


def _field(action: WorkloadAction) -> tuple[Path, int | str | bool | None]:
    """Return the field that an action sets, and its value; None removes it."""
    match action:
        case ScaleWorkload():
            return ("spec", "replicas"), action.replicas
        case SetSuspend():
            return ("spec", "suspend"), action.suspend
        case SetMinReplicas():
            return ("spec", "minReplicas"), action.min_replicas
        case SetMinRunners():
            return ("spec", "minRunners"), action.min_runners
        case SetNodeSelector():
            return ("spec", "template", "spec", "nodeSelector", action.label), action.value
        case SetDisruptionBudget():
            amount = action.amount
            return ("spec", action.field), int(amount) if amount.isdecimal() else amount
        case PauseScaledObject():
            return ("metadata", "annotations", KEDA_PAUSED_REPLICAS), action.paused_replicas
        case AnnotateWorkload():
            raise TypeError("it sets annotations alone")


class _ScaleSpec(msgspec.Struct):
    replicas: int = 0  # the API leaves out a zero


class _Scale(msgspec.Struct):
    spec: _ScaleSpec = msgspec.field(default_factory=_ScaleSpec)


async def patch_scale(api: Api, action: PatchScale) -> Answer:
    """Set a Deployment's replicas through its scale; raises as `compare_and_set` does."""

    def decide(written: bytes | None) -> Write | Answer:
        if written is None:
            return NO_SUCH_DEPLOYMENT
        replicas = msgspec.json.decode(written, type=_Scale).spec.replicas
        refused = not_scalable(replicas, action)
        if refused is not None:
            return refused
        patch = JsonPatch(msgspec.json.decode(written))
        patch.put(("spec", "replicas"), action.replicas)
        return Write(patch.operations)

    path = _KINDS["Deployment"].path(action.namespace, action.name, "scale")
    return await compare_and_set(api, path, decide)
