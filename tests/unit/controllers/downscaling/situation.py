"""A small cluster that downscaling's passes are made over, and that does what they ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from whenever import Instant

from kingtide.control.action import Action
from kingtide.control.chance import Chance
from kingtide.control.controller import check_declared
from kingtide.control.decision import Decision
from kingtide.control.index import ClusterIndex
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import Snapshot
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
from kingtide.controllers.downscaling.decide import CONTROLLER
from kingtide.controllers.downscaling.memory import DownscalingMemory
from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.kube.namespaces import Namespace
from kingtide.kube.scalables import Scalable, ScalableKind
from tests.no_cloud import NoCloud

HOUR_MS = 3_600_000
# A Monday.
MONDAY_NOON_MS = Instant.from_utc(2026, 11, 23, 12).timestamp(unit="millisecond")
MONDAY_NIGHT_MS = MONDAY_NOON_MS + 10 * HOUR_MS
WORKDAY = "Mon-Fri 07:30-20:00 UTC"


class Situation:
    """Passes over a cluster; each pass performs its actions unless told otherwise."""

    def __init__(self, now_ms: int = MONDAY_NIGHT_MS, **settings: Any) -> None:
        self.cluster = ClusterIndex()
        self.policy = DownscalingPolicy(**{"uptime": WORKDAY, **settings})
        self.memory: DownscalingMemory = CONTROLLER.first_memory()
        self.now_ms = now_ms
        self.outcomes: tuple[Outcome, ...] = ()
        self.writes = 0

    def put(self, name: str = "web", kind: ScalableKind = "Deployment", **fields: Any) -> Scalable:
        """Put an object, as it is given, over what is there under its name."""
        known: dict[str, Any] = {"kind": kind, "namespace": "shop", "name": name, "uid": name}
        if kind in ("Deployment", "StatefulSet", "Rollout", "Stack"):
            known["size"] = 3
        it = Scalable(**{"created_ms": 0, **known, **fields})
        self.cluster.apply(self.cluster.scalables.get(it.key), it)
        return it

    def change(self, key: str, **fields: Any) -> None:
        """Change an object as somebody else would."""
        it = self.cluster.scalables[key]
        self.cluster.apply(it, msgspec.structs.replace(it, **fields))

    def annotate(self, key: str, annotations: Mapping[str, str | None]) -> None:
        """Set or (None) remove annotations of an object."""
        it = self.cluster.scalables[key]
        self.change(key, annotations=_merged(it.annotations, tuple(annotations.items())))

    def namespace(self, **annotations: str) -> None:
        """Annotate the namespace; `force_uptime` stands for `downscaler/force-uptime`."""
        named = {f"downscaler/{key.replace('_', '-')}": it for key, it in annotations.items()}
        self.cluster.apply(self.cluster.namespaces.get("shop"), Namespace("shop", {}, named))

    def decide(self) -> Decision[DownscalingMemory]:
        """Make one pass and remember, without performing anything."""
        snapshot = Snapshot(self.cluster, NoCloud(), "test", self.outcomes)
        decision = CONTROLLER.decide(
            snapshot, self.policy, self.memory, self.now_ms, Chance(1, "downscaling")
        )
        check_declared(CONTROLLER, decision)
        assert decision.wake_at_ms is not None
        assert self.now_ms < decision.wake_at_ms
        self.memory = decision.memory
        self.outcomes = ()
        return decision

    def step(self) -> Decision[DownscalingMemory]:
        """Make one pass and perform what it asks."""
        decision = self.decide()
        for action in decision.actions:
            self.perform(action)
        return decision

    def perform(self, action: Action) -> None:
        """Do to an object what the API server does, if it is as expected."""
        assert isinstance(action, WorkloadAction)
        it = self.cluster.scalables[changed_object(action)]
        annotations = _merged(it.annotations, action.annotations)
        fields = _written(it, action)
        annotations = fields.pop("annotations", annotations)
        new = msgspec.structs.replace(it, annotations=annotations, **fields)
        assert new != it, "a write that changes nothing"
        self.writes += 1
        self.cluster.apply(it, new)

    def size(self, key: str = "Deployment/shop/web") -> int | None:
        """Return an object's size."""
        return self.cluster.scalables[key].size

    def codes(self, decision: Decision[DownscalingMemory]) -> list[str]:
        """Return the codes of a pass's verdicts, each of which has a sentence that can be told."""
        for verdict in decision.report.verdicts:
            assert verdict.code in CONTROLLER.phrases.sentences
            assert CONTROLLER.phrases.tell(verdict)
        return [verdict.code for verdict in decision.report.verdicts]


def _written(it: Scalable, action: WorkloadAction) -> dict[str, Any]:
    """Return the fields that an action writes, whose expectation must hold."""
    match action:
        case ScaleWorkload():
            assert it.size == action.expected_replicas
            return {"size": action.replicas}
        case SetSuspend():
            assert bool(it.suspended) == action.expected_suspend
            return {"suspended": action.suspend}
        case SetMinReplicas():
            assert it.size == action.expected_min_replicas
            return {"size": action.min_replicas}
        case SetMinRunners():
            assert it.size == action.expected_min_runners
            return {"size": action.min_runners}
        case SetNodeSelector():
            selector = dict(it.node_selector)
            assert selector.pop(action.label, None) == action.expected_value
            if action.value is not None:
                selector[action.label] = action.value
            return {"node_selector": tuple(selector.items())}
        case SetDisruptionBudget():
            name = "min_available" if action.field == "minAvailable" else "max_unavailable"
            assert getattr(it, name) == action.expected_amount
            return {name: action.amount}
        case PauseScaledObject():
            key = "autoscaling.keda.sh/paused-replicas"
            assert it.annotations.get(key) == action.expected_paused_replicas
            notes = _merged(it.annotations, action.annotations)
            return {"annotations": _merged(notes, ((key, action.paused_replicas),))}
        case AnnotateWorkload():
            assert all(it.annotations.get(key) == value for key, value in action.expected)
            return {}


def _merged(
    annotations: Mapping[str, str], changes: tuple[tuple[str, str | None], ...]
) -> dict[str, str]:
    merged = dict(annotations)
    for key, value in changes:
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = value
    return merged
