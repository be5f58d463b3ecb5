"""Decisions as sentences, told with each controller's own phrases."""

from __future__ import annotations

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Verdict
from kingtide.controllers.node_autoscaling.decide import CONTROLLER as NODE_AUTOSCALING
from kingtide.controllers.overprovisioning.decide import CONTROLLER as OVERPROVISIONING
from kingtide.rehearsal.record import DecisionEntry
from kingtide.twin.cluster import autoscaler_verdicts

PHRASES: dict[str, Phrases] = {
    NODE_AUTOSCALING.name: NODE_AUTOSCALING.phrases,
    OVERPROVISIONING.name: OVERPROVISIONING.phrases,
    autoscaler_verdicts.CONTROLLER: autoscaler_verdicts.PHRASES,
}
NO_PHRASES = Phrases(sentences={})

LINES_MAX = 60
"""Sentences shown of one pass.

A pass over a whole fleet has thousands, which decisions.jsonl keeps.
"""


def told(entry: DecisionEntry) -> tuple[str, ...]:
    """Return what a pass asked for, what became of it, and what it concluded.

    At most `LINES_MAX` lines.
    """
    phrases = PHRASES.get(entry.controller, NO_PHRASES)
    lines = [_action_text(action) for action in entry.actions]
    lines += [_outcome_text(outcome) for outcome in entry.outcomes if outcome.status != "done"]
    lines += [_verdict_text(phrases, verdict) for verdict in entry.report.verdicts]
    if len(lines) > LINES_MAX:
        rest = len(lines) - LINES_MAX + 1
        lines = [*lines[: LINES_MAX - 1], f"… and {rest} more, see decisions.jsonl"]
    return tuple(lines)


def seen_text(entry: DecisionEntry) -> str:
    """Return the pass in numbers, `pods pending 12, nodes 104`; zeros go without saying."""
    seen = {key.replace("_", " "): value for key, value in entry.report.saw.items() if value}
    return ", ".join(f"{key} {value}" for key, value in seen.items())


def _verdict_text(phrases: Phrases, verdict: Verdict) -> str:
    return f"{verdict.stance}: {phrases.tell(verdict)}"


def _action_text(action: Action) -> str:
    fields = msgspec.structs.asdict(action)
    reason = fields.pop("reason")
    named = {name.replace("_", " "): value for name, value in fields.items() if value is not None}
    values = ", ".join(f"{name} {value}" for name, value in named.items())
    return f"{type(action).__name__} ({values}): {reason}"


def _outcome_text(outcome: Outcome) -> str:
    why = " ".join(part for part in (outcome.code, outcome.message) if part)
    status = outcome.status.replace("_", " ")
    return f"{type(outcome.action).__name__}: {status}{': ' + why if why else ''}"
