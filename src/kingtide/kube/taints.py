"""Taints, tolerations and which tolerates which.

Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

TaintEffect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
UNSCHEDULABLE = "node.kubernetes.io/unschedulable"


class Taint(msgspec.Struct, frozen=True, gc=False):
    """A taint of a node; `time_added_ms` is None where nobody set it."""

    key: str
    effect: TaintEffect
    value: str = ""
    time_added_ms: int | None = None


class Toleration(msgspec.Struct, frozen=True, gc=False):
    """A pod's toleration; an empty key with Exists tolerates all, an empty effect every effect.

    `toleration_seconds` None means for ever (it only matters for NoExecute).
    """

    key: str = ""
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str = ""
    effect: TaintEffect | Literal[""] = ""
    toleration_seconds: int | None = None


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    """Return whether one toleration covers one taint."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    return toleration.key != "" and toleration.value == taint.value


def untolerated(
    taints: Iterable[Taint],
    tolerations: tuple[Toleration, ...],
    effects: tuple[TaintEffect, ...] = ("NoSchedule", "NoExecute"),
) -> Taint | None:
    """Return the first taint with one of the effects that nothing tolerates.

    None when there is none.
    """
    for taint in taints:
        if taint.effect in effects and not any(tolerates(t, taint) for t in tolerations):
            return taint
    return None
