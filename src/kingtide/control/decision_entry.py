"""One pass of a controller as journals keep it, in the twin and in life."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report


class DecisionEntry(msgspec.Struct, frozen=True):
    """One pass of a controller that changed a verdict or acted, as written to decisions.jsonl."""

    at_ms: int
    controller: str
    report: Report
    actions: tuple[Action, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
