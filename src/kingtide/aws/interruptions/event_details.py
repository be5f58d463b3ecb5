"""Reads the `detail` of EventBridge's events about instances, one function a kind.

Each raises `UnreadableField` or `msgspec.DecodeError` where a field is missing or says nothing.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.aws.interruptions.events import (
    SPOT_NOTICE_MS,
    InterruptionEvent,
    LifecycleAction,
    NotActionable,
    RebalanceRecommendation,
    ScheduledChange,
    SpotInterruption,
    StateChange,
    StoppingState,
)
from kingtide.aws.interruptions.wording import (
    UnreadableField,
    instance_id,
    name,
    rfc_2822_ms,
)

MAX_AFFECTED_INSTANCES = 1_000
"""A message that names more than this is not a health event of one cluster's instances."""


class _InstanceDetail(msgspec.Struct, frozen=True, rename="kebab"):
    instance_id: str


class _WarningDetail(_InstanceDetail, frozen=True, rename="kebab"):
    instance_action: Literal["terminate", "stop", "hibernate"]


class _StateDetail(_InstanceDetail, frozen=True, rename="kebab"):
    state: str


class HookDetail(msgspec.Struct, frozen=True):
    """What names one wait of a lifecycle hook."""

    EC2InstanceId: str
    AutoScalingGroupName: str
    LifecycleHookName: str
    LifecycleActionToken: str


class _AffectedEntity(msgspec.Struct, frozen=True, rename="camel"):
    entity_value: str


class _HealthDetail(msgspec.Struct, frozen=True, rename="camel"):
    service: str = ""
    event_type_category: str = ""
    event_type_code: str = ""
    start_time: str = ""
    status_code: str = ""
    affected_entities: tuple[_AffectedEntity, ...] = ()


_STOPPING: tuple[StoppingState, ...] = ("stopping", "stopped", "shutting-down", "terminated")


def spot_interruption(detail: msgspec.Raw, at_ms: int) -> SpotInterruption:
    """Return a spot interruption warning."""
    said = msgspec.json.decode(detail, type=_WarningDetail)
    notice_ms = 0 if said.instance_action == "hibernate" else SPOT_NOTICE_MS
    return SpotInterruption(
        instance_id(said.instance_id), at_ms, at_ms + notice_ms, said.instance_action
    )


def rebalance(detail: msgspec.Raw, at_ms: int) -> RebalanceRecommendation:
    """Return a rebalance recommendation."""
    said = msgspec.json.decode(detail, type=_InstanceDetail)
    return RebalanceRecommendation(instance_id(said.instance_id), at_ms)


def state_change(detail: msgspec.Raw, at_ms: int) -> tuple[InterruptionEvent, ...] | NotActionable:
    """Return a state change; one towards running is not actionable."""
    said = msgspec.json.decode(detail, type=_StateDetail)
    for state in _STOPPING:
        if said.state == state:
            return (StateChange(instance_id(said.instance_id), at_ms, state),)
    return NotActionable(f"an instance that is {said.state[:60]}")


def lifecycle_action(detail: msgspec.Raw, at_ms: int) -> LifecycleAction:
    """Return the wait of a termination hook."""
    said = msgspec.json.decode(detail, type=HookDetail)
    return LifecycleAction(
        instance_id(said.EC2InstanceId),
        at_ms,
        name(said.AutoScalingGroupName),
        name(said.LifecycleHookName),
        name(said.LifecycleActionToken),
    )


def health_change(
    detail: msgspec.Raw, resources: tuple[str, ...], at_ms: int
) -> tuple[InterruptionEvent, ...] | NotActionable:
    """Return one scheduled change for each instance that a health event names.

    Instances stand in `affectedEntities`, in older events in `resources` alone. A change that AWS
    has closed is not actionable.
    """
    said = msgspec.json.decode(detail, type=_HealthDetail)
    if said.service != "EC2" or said.event_type_category != "scheduledChange":
        return NotActionable(f"a health event ({said.service} {said.event_type_category})"[:60])
    if said.status_code == "closed":
        return NotActionable("a scheduled change that is over")
    named = dict.fromkeys([*(it.entity_value for it in said.affected_entities), *resources])
    instances = [instance_id(it) for it in named if it.startswith("i-")]
    if not instances:
        raise UnreadableField("a scheduled change that names no instance")
    if len(instances) > MAX_AFFECTED_INSTANCES:
        raise UnreadableField(f"a scheduled change of {len(instances)} instances")
    start_ms, code = rfc_2822_ms(said.start_time), said.event_type_code[:60]
    return tuple(ScheduledChange(it, at_ms, start_ms, code) for it in instances)
