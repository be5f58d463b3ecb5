"""Decisions as sentences, told with each controller's own phrases."""

from __future__ import annotations

from kingtide.control import arbitration, safety
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Phrases, Verdict
from kingtide.report.action_sentences import action_text, outcome_text
from kingtide.roster.registry import CONTROLLERS
from kingtide.twin.cluster import autoscaler_verdicts


def _with_arbitration(own: Phrases) -> Phrases:
    """Return a controller's sentences with those that arbitration adds to its report."""
    return Phrases({**arbitration.SENTENCES, **safety.SENTENCES, **own.sentences})


PHRASES: dict[str, Phrases] = {
    **{it.controller.name: _with_arbitration(it.controller.phrases) for it in CONTROLLERS.values()},
    autoscaler_verdicts.CONTROLLER: autoscaler_verdicts.PHRASES,
    safety.PROCESS: Phrases(safety.SENTENCES),
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
    lines = [action_text(action) for action in entry.actions]
    lines += [outcome_text(outcome) for outcome in entry.outcomes if outcome.status != "done"]
    lines += [_verdict_text(phrases, verdict) for verdict in entry.report.verdicts]
    if len(lines) > LINES_MAX:
        rest = len(lines) - LINES_MAX + 1
        lines = [*lines[: LINES_MAX - 1], f"… and {rest} more, see decisions.jsonl"]
    return tuple(lines)


def _verdict_text(phrases: Phrases, verdict: Verdict) -> str:
    return f"{verdict.stance}: {phrases.tell(verdict)}"
