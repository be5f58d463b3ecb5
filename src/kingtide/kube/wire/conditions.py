"""Conditions of objects' status, to and from the API's form."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.pods import Condition, ConditionStatus
from kingtide.kube.wire.times import time_ms, time_text


class WireCondition(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """A condition with its type."""

    type: str
    status: ConditionStatus
    last_transition_time: str | None = None
    reason: str | None = None
    message: str | None = None

    def value(self) -> Condition:
        """Return the condition."""
        since_ms = time_ms(self.last_transition_time) or 0
        return Condition(self.status, since_ms, self.reason or "", self.message or "")


def condition_body(kind: str, it: Condition) -> dict[str, Any]:
    """Return a condition as the API writes it."""
    body: dict[str, Any] = {
        "type": kind,
        "status": it.status,
        "lastTransitionTime": time_text(it.since_ms),
    }
    if it.reason:
        body["reason"] = it.reason
    if it.message:
        body["message"] = it.message
    return body
