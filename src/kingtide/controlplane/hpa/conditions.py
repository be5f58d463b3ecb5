"""The conditions of an autoscaler, kept in the order in which they were first set."""

from __future__ import annotations

from kingtide.controlplane.hpa.model import ConditionType, HpaCondition
from kingtide.kube.pods import ConditionStatus


def condition_set(
    conditions: tuple[HpaCondition, ...],
    type_: ConditionType,
    status: ConditionStatus,
    reason: str,
    message: str,
    now_ms: int,
) -> tuple[HpaCondition, ...]:
    """Return the conditions with one of them set; its time only moves when its status changes."""
    for index, condition in enumerate(conditions):
        if condition.type != type_:
            continue
        same_status = condition.status == status
        if same_status and condition.reason == reason and condition.message == message:
            return conditions
        since_ms = condition.since_ms if same_status else now_ms
        changed = HpaCondition(type_, status, reason, message, since_ms)
        return (*conditions[:index], changed, *conditions[index + 1 :])
    return (*conditions, HpaCondition(type_, status, reason, message, now_ms))


def condition_dropped(
    conditions: tuple[HpaCondition, ...], type_: ConditionType
) -> tuple[HpaCondition, ...]:
    """Return the conditions without one of them."""
    return tuple(condition for condition in conditions if condition.type != type_)


def is_true(conditions: tuple[HpaCondition, ...], type_: ConditionType) -> bool:
    """Return whether a condition is there and True."""
    return any(condition.type == type_ and condition.status == "True" for condition in conditions)
