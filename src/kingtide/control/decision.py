"""What a controller returns.

Actions, its next memory, its report, and when it wants to look again.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

from kingtide.control.action import Action
from kingtide.control.report import EMPTY_REPORT, Report

M = TypeVar("M")


class Decision(msgspec.Struct, Generic[M], frozen=True):
    """The outcome of one pass; `wake_at_ms` None means: only when something watched changes."""

    memory: M
    actions: tuple[Action, ...] = ()
    report: Report = EMPTY_REPORT
    wake_at_ms: int | None = None
