"""Which decisions of a journal answer a question about a time and a subject."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Report


class Explanation(msgspec.Struct, frozen=True):
    """The decisions around a time; `within` is False where there are none and these are nearest."""

    entries: tuple[DecisionEntry, ...]
    within: bool


def explain_at(entries: Sequence[DecisionEntry], at_ms: int, half_ms: int) -> Explanation:
    """Return the decisions at most `half_ms` from a time.

    Where there are none, the last one before and the first one after it of each controller.
    """
    around = tuple(entry for entry in entries if abs(entry.at_ms - at_ms) <= half_ms)
    if around:
        return Explanation(around, within=True)
    before: dict[str, DecisionEntry] = {}
    after: dict[str, DecisionEntry] = {}
    for entry in entries:
        if entry.at_ms < at_ms:
            before[entry.controller] = entry
        else:
            after.setdefault(entry.controller, entry)
    nearest = [*before.values(), *after.values()]
    return Explanation(tuple(sorted(nearest, key=lambda e: e.at_ms)), within=False)


def about(entry: DecisionEntry, subject: str) -> DecisionEntry | None:
    """Return what of a decision concerns a subject, None when nothing does.

    A subject is `kind/name`; its last part alone names it too.
    """
    name = subject.rsplit("/", 1)[-1]
    verdicts = tuple(
        v
        for v in entry.report.verdicts
        if v.subject == subject or v.subject.endswith(f"/{subject}")
    )
    actions = tuple(action for action in entry.actions if _concerns(action, name))
    outcomes = tuple(outcome for outcome in entry.outcomes if _concerns(outcome.action, name))
    if not (verdicts or actions or outcomes):
        return None
    return DecisionEntry(
        entry.at_ms, entry.controller, Report(entry.report.saw, verdicts), actions, outcomes
    )


def _concerns(action: Action, name: str) -> bool:
    fields = msgspec.structs.asdict(action)
    return any(value == name for key, value in fields.items() if key != "reason")
