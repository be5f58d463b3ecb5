"""The conditions of an autoscaler, kept in the order in which they were first set."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.hpa.model import ConditionType, HpaCondition
from kingtide.kube.pods import ConditionStatus


class ConditionUpdate(msgspec.Struct, frozen=True, gc=False):
    """A condition as one pass finds it."""

    type: ConditionType
    status: ConditionStatus
    reason: str
    message: str


def conditions_updated(
    conditions: tuple[HpaCondition, ...], updates: tuple[ConditionUpdate, ...], now_ms: int
) -> tuple[HpaCondition, ...]:
    """Return the conditions after a pass; the time of one only moves when its status changes.

    Most passes find what the one before found, and then get the same tuple back.
    """
    after = conditions
    for update in updates:
        for index, condition in enumerate(after):
            if condition.type == update.type:
                after = _replaced(after, index, update, now_ms)
                break
        else:
            after = (*after, _found(update, now_ms))
    return after


def _replaced(
    conditions: tuple[HpaCondition, ...], index: int, update: ConditionUpdate, now_ms: int
) -> tuple[HpaCondition, ...]:
    before = conditions[index]
    since_ms = now_ms
    if before.status == update.status:
        if before.reason == update.reason and before.message == update.message:
            return conditions
        since_ms = before.since_ms
    return (*conditions[:index], _found(update, since_ms), *conditions[index + 1 :])


def _found(update: ConditionUpdate, since_ms: int) -> HpaCondition:
    return HpaCondition(update.type, update.status, update.reason, update.message, since_ms)


def condition_dropped(
    conditions: tuple[HpaCondition, ...], type_: ConditionType
) -> tuple[HpaCondition, ...]:
    """Return the conditions without one of them."""
    for condition in conditions:
        if condition.type == type_:
            return tuple(kept for kept in conditions if kept is not condition)
    return conditions


def is_true(conditions: tuple[HpaCondition, ...], type_: ConditionType) -> bool:
    """Return whether a condition is there and True."""
    return any(condition.type == type_ and condition.status == "True" for condition in conditions)
