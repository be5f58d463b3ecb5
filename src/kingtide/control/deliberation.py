"""How a process goes from what its controllers decided to what is done, in the twin and in life.

Those due at one instant decide on the same snapshot and are arbitrated together; then each one's
actions are done in the order of ranks, one by one. Who performs them, and how long that takes, is
the world's affair: it walks over `Turn.steps` and notes what became of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from kingtide.control.action import Action
from kingtide.control.arbitration import Asked, Refusals, arbitrate, in_order
from kingtide.control.budget import Budget
from kingtide.control.decision import Decision
from kingtide.control.ledger import NOTHING_GRANTED, still_unseen, with_outcomes
from kingtide.control.loop import ControlLoop
from kingtide.control.outcome import Outcome
from kingtide.control.prerequisites import Prerequisites
from kingtide.control.refusals_told import Standing, tell
from kingtide.control.report import Report
from kingtide.control.snapshot import ClusterView

Loop = ControlLoop[Any, Any]
Arbitrate = Callable[..., tuple[Refusals, ...]]


class Step(msgspec.Struct, frozen=True, gc=False):
    """An action to perform, or, where it is `refused` already, what became of it."""

    action: Action
    refused: Outcome | None = None
    subject: str = ""


class Turn:
    """One loop's part of a pass: what it decided, and what became of that so far."""

    def __init__(
        self, loop: Loop, decision: Decision[Any], refused: Refusals, cluster: ClusterView
    ) -> None:
        self.loop = loop
        self.decision = decision
        self.refused = refused
        self._prerequisites = Prerequisites(cluster)
        self._outcomes: list[Outcome] = []

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of the actions met so far."""
        return tuple(self._outcomes)

    @property
    def granted(self) -> tuple[Action, ...]:
        """The actions that arbitration left."""
        asked = enumerate(self.decision.actions)
        return tuple(action for place, action in asked if place not in self.refused)

    def steps(self, now_ms: int) -> Iterator[Step]:
        """Yield the actions in their order; note each before asking for the next one."""
        for place, action in enumerate(self.decision.actions):
            refusal = self.refused.get(place)
            if refusal is not None:
                outcome = Outcome(action, "refused", now_ms, refusal.code)
                yield Step(action, outcome, refusal.verdict.subject)
                continue
            missing = self._prerequisites.missing(action)
            yield Step(action, Outcome(action, "refused", now_ms, missing) if missing else None)

    def note(self, outcome: Outcome) -> None:
        """Take in what became of an action."""
        self._outcomes.append(outcome)
        self._prerequisites.note(outcome)


class Deliberation:
    """What a process knows beyond its loops' memories; losing it, as in a crash, is safe.

    `ledger` are grants that the view does not show yet, `said` the refusals that were told.
    """

    def __init__(
        self,
        cluster: ClusterView,
        budgets: tuple[Budget, ...],
        judge: Arbitrate = arbitrate,
    ) -> None:
        self._cluster = cluster
        self._budgets = budgets
        self._arbitrate = judge
        self._ledger = NOTHING_GRANTED
        self._said: dict[str, Standing] = {}

    def decide(self, due: Sequence[Loop], now_ms: int) -> tuple[Turn, ...]:
        """Have loops make a pass together; return their turns in the order of ranks."""
        decisions = [loop.look(now_ms) for loop in due]
        asked = [
            Asked(loop.controller.name, decision.actions)
            for loop, decision in zip(due, decisions, strict=True)
        ]
        refused: Sequence[Refusals] = [{}] * len(due)
        if any(it.actions for it in asked):
            self._ledger = still_unseen(self._ledger, self._cluster.nodes, now_ms)
            refused = self._arbitrate(asked, self._cluster, self._budgets, self._ledger, now_ms)
        return tuple(
            Turn(due[place], decisions[place], refused[place], self._cluster)
            for place in in_order(asked)
        )

    def report(self, turn: Turn, now_ms: int) -> Report:
        """Return a turn's report with what is news of arbitration's refusals, and their ends.

        An end comes before what the controller itself says, which stands from here on.
        """
        name, report = turn.loop.name, turn.decision.report
        before = self._said.get(name, {})
        news = tell(before, turn.decision.actions, turn.refused, self._cluster, now_ms)
        self._said[name] = news.standing
        if not news.ended and not news.new:
            return report
        verdicts = (*news.ended, *report.verdicts, *news.new)
        return msgspec.structs.replace(report, verdicts=verdicts)

    def granted(self, outcomes: Sequence[Outcome]) -> None:
        """Remember what was granted until the view shows it."""
        self._ledger = with_outcomes(self._ledger, outcomes)

    def adopt(self, budgets: tuple[Budget, ...], loops: Iterable[Loop]) -> None:
        """Go on with other budgets and loops; what was granted and not seen yet stays so."""
        self._budgets = budgets
        names = [loop.name for loop in loops]
        self._said = {name: it for name, it in self._said.items() if name in names}

    def forget(self) -> None:
        """Start anew, as a process that has just begun."""
        self._ledger = NOTHING_GRANTED
        self._said = {}
