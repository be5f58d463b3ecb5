"""Which conditions make a node one to be emptied, written as draino's arguments.

`KernelDeadlock`, or `Ready=Unknown,30m`: a type, the status that is bad (True unless written), and
how long it must have lasted (0 unless written). Source:
https://github.com/planetlabs/draino/blob/9d39b53/README.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from kingtide.kube.durations import parse_duration_ms
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition

STATUSES = ("True", "False", "Unknown")


class ConditionError(ValueError):
    """A condition that cannot be read; the message says what to write."""


class BadCondition(msgspec.Struct, frozen=True, gc=False):
    """A condition that is bad when it has had a status for some time."""

    type: str
    status: str = "True"
    minimum_ms: int = 0


def parse_condition(text: str) -> BadCondition:
    """Return the condition of `Type` or `Type=Status,Duration`.

    Raises:
        ConditionError: it is written otherwise.
    """
    hint = "write Type or Type=Status,Duration, for example Ready=Unknown,30m"
    kind, equals, rest = text.partition("=")
    if not kind:
        raise ConditionError(f"{text!r} names no condition; {hint}")
    if not equals:
        return BadCondition(kind)
    status, comma, duration = rest.partition(",")
    if not comma:
        raise ConditionError(f"{text!r} has no duration; {hint}")
    if status not in STATUSES:
        raise ConditionError(f"{text!r}: the status {status!r} is none of {', '.join(STATUSES)}")
    minimum_ms = parse_duration_ms(duration)
    if minimum_ms is None or minimum_ms < 0:
        raise ConditionError(f"{text!r}: {duration!r} is no duration; {hint}")
    return BadCondition(kind, status, minimum_ms)


@lru_cache(maxsize=64)
def parse_conditions(texts: tuple[str, ...]) -> tuple[BadCondition, ...]:
    """Return the conditions in their order.

    Raises:
        ConditionError: one of them cannot be read.
    """
    return tuple(parse_condition(text) for text in texts)


def offending(node: Node, bad: Iterable[BadCondition], now_ms: int) -> tuple[BadCondition, ...]:
    """Return the bad conditions that a node has now; one without a time counts as ages old."""
    return tuple(it for it in bad if _is_offending(node, it, now_ms))


def may_offend(node: Node, bad: Iterable[BadCondition]) -> bool:
    """Return whether a bad condition has its status now, however short."""
    for it in bad:
        condition = condition_of(node, it.type)
        if condition is not None and condition.status == it.status:
            return True
    return False


def have_healed(node: Node, were: Sequence[BadCondition], now_ms: int) -> bool:
    """Return whether one of the conditions that were bad has had another status for its duration.

    That is draino's rule for nodes it had cordoned itself: a condition that is no longer reported
    at all does not count as healed.
    """
    for it in were:
        condition = condition_of(node, it.type)
        is_other = condition is not None and condition.status != it.status
        if condition is not None and is_other and now_ms - condition.since_ms >= it.minimum_ms:
            return True
    return False


def condition_of(node: Node, kind: str) -> Condition | None:
    """Return a node's condition of a type, None where it has none."""
    return node.ready if kind == "Ready" else node.conditions.get(kind)


def _is_offending(node: Node, bad: BadCondition, now_ms: int) -> bool:
    condition = condition_of(node, bad.type)
    if condition is None or condition.status != bad.status:
        return False
    return now_ms - condition.since_ms >= bad.minimum_ms
