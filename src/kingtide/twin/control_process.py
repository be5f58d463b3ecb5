"""The process that runs our controllers: those due together decide, are arbitrated, and act.

It also dies, in the middle of what it does if need be, and freezes, which is how two leaders come
to be: a lease keeps a second one from starting, not a first one from waking up late.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from kingtide.control.action import Action
from kingtide.control.arbitration import (
    Asked,
    Refusals,
    arbitrate,
    in_order,
)
from kingtide.control.budget import Budget
from kingtide.control.controller import Topic
from kingtide.control.decision import Decision
from kingtide.control.ledger import NOTHING_GRANTED, still_unseen, with_outcomes
from kingtide.control.outcome import Outcome
from kingtide.control.prerequisites import Prerequisites
from kingtide.control.refusals_told import Standing, tell
from kingtide.control.report import Report
from kingtide.control.snapshot import ClusterView
from kingtide.twin.api_faults import ApiFaults
from kingtide.twin.audit import Write, WriteAudit
from kingtide.twin.control_loop import ControlLoop
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal

MIN_PAUSE_MS = 1_000
"""Passes that a watch asks for keep this distance, so that a burst of a hundred pods is one pass,
not a hundred; Cluster Autoscaler's frequent loops wait for the previous loop in the same way."""

LEASE_MS = 15_000
"""A leader that has not renewed its lease for this long is replaced.

client-go's default in Kubernetes' own components (--leader-elect-lease-duration, v1.36).
"""

Loop = ControlLoop[Any, Any]
Arbitrate = Callable[..., tuple[Refusals, ...]]


class Surroundings(msgspec.Struct, frozen=True):
    """What a process lives in. `relist` brings the view up to date, as a first list does.

    `restarted` is told the loops that lost their memory.
    """

    engine: Engine
    journal: Journal
    cluster: ClusterView
    budgets: tuple[Budget, ...]
    api_faults: ApiFaults
    relist: Callable[[], None]
    restarted: Callable[[str], None]
    arbitrate: Arbitrate = arbitrate
    late: Callable[[bool], object] = bool
    """Told before (True) and after (False) writes that an old leader had sent arrive."""
    stop_reading: Callable[[], object] = bool
    """Told that the process reads its queue no more: what it had received is hidden for a while."""
    start_reading: Callable[[], object] = bool
    """Told that a process reads the queue, from what is visible on."""


class ControlProcess:
    """Our controllers in one process, which holds the lease as `leader`."""

    def __init__(self, surroundings: Surroundings, loops: Sequence[Loop]) -> None:
        self.loops = tuple(loops)
        self.audit = WriteAudit()
        self.is_down = False
        self._around = surroundings
        self._engine = surroundings.engine
        self._generation = 1
        self._asks = 0
        self._ledger = NOTHING_GRANTED
        self._said: dict[str, Standing] = {}
        self._dies_after: tuple[int, int] | None = None
        self._freezes: tuple[int, int] | None = None

    @property
    def leader(self) -> str:
        """The identity under which the process now holds the lease."""
        return f"leader-{self._generation}"

    def start(self) -> None:
        """Have the first pass of every loop run now."""
        for loop in self.loops:
            self._ask(loop, self._engine.now_ms)

    def wake(self, topics: tuple[Topic, ...]) -> None:
        """Run a pass soon of every loop that watches one of the topics."""
        if self.is_down:
            return
        now_ms = self._engine.now_ms
        for loop in self.loops:
            if loop.watches(topics):
                last_ms = now_ms if loop.last_ms is None else loop.last_ms + MIN_PAUSE_MS
                self._ask(loop, max(now_ms, last_ms))

    # ------------------------------------------------------------ faults

    def kill(self, restart_after_ms: int, after_actions: int | None = None) -> None:
        """End the process, now or in its next pass that acts, after so many of its actions.

        What it knew is lost. After `restart_after_ms` another one starts with a fresh list.
        """
        if self.is_down:
            return
        if after_actions is None:
            self._die(restart_after_ms)
        else:
            self._dies_after = (after_actions, restart_after_ms)

    def freeze(self, for_ms: int, in_flight: int = 1) -> None:
        """Have the process stand still between deciding and acting, in its next pass that acts.

        It acts `for_ms` later. If that is beyond its lease, another leader has taken over by then:
        what was `in_flight` when it froze still arrives, the rest is stopped by the lease's age.
        """
        self._freezes = (for_ms, in_flight)

    # ------------------------------------------------------------ a pass

    def _ask(self, loop: Loop, time_ms: int) -> None:
        if loop.due_ms is None or time_ms < loop.due_ms:
            self._asks += 1
            loop.due_ms, loop.asked = time_ms, self._asks
            self._engine.at(time_ms, EventClass.CONTROL, self._pass)

    def _pass(self) -> None:
        now_ms = self._engine.now_ms
        if self.is_down:
            return
        due = sorted((it for it in self.loops if it.due_ms == now_ms), key=lambda it: it.asked)
        if not due:
            return  # an earlier pass took this one's place
        decisions = [loop.look(now_ms) for loop in due]
        asked = [
            Asked(loop.controller.name, decision.actions)
            for loop, decision in zip(due, decisions, strict=True)
        ]
        refused: Sequence[Refusals] = [{}] * len(due)
        if any(it.actions for it in asked):
            around = self._around
            self._ledger = still_unseen(self._ledger, around.cluster.nodes, now_ms)
            refused = around.arbitrate(asked, around.cluster, around.budgets, self._ledger, now_ms)
            if self._freezes is not None:
                self._stand_still(due, decisions, refused, *self._freezes)
                return
        for place in in_order(asked):
            if not self._act(due[place], decisions[place], refused[place]):
                return

    def _act(self, loop: Loop, decision: Decision[Any], refused: Refusals) -> bool:
        """Perform what one loop decided and was granted; return False if the process died."""
        name, now_ms = loop.controller.name, self._engine.now_ms
        for action in decision.actions:
            self._engine.trace(f"{name} {type(action).__name__} {action.reason}")
        outcomes: list[Outcome] = []
        prerequisites = Prerequisites(self._around.cluster)
        for place, action in enumerate(decision.actions):
            if place in refused:
                outcomes.append(self._refuse(action, refused, place))
                continue
            missing = prerequisites.missing(action)
            if missing:
                outcomes.append(Outcome(action, "refused", now_ms, missing))
                continue
            if self._dies_after is not None and self._dies_after[0] <= 0:
                self._die(self._dies_after[1])
                break
            outcomes.append(self._perform(loop, action))
            prerequisites.note(outcomes[-1])
            if self._dies_after is not None:
                self._dies_after = (self._dies_after[0] - 1, self._dies_after[1])
        report = self._report(loop.name, decision, refused)
        self._around.journal.decision(name, report, decision.actions, tuple(outcomes))
        if self.is_down:
            return False
        loop.tell(tuple(outcomes))
        self._ledger = with_outcomes(self._ledger, outcomes)
        if decision.wake_at_ms is not None:
            self._ask(loop, max(decision.wake_at_ms, now_ms + 1))
        return True

    def _perform(self, loop: Loop, action: Action, late: str = "") -> Outcome:
        """Do one action, if the API takes it; `late` is the leader that asked, if it is no more."""
        now_ms = self._engine.now_ms
        fault = self._around.api_faults.of(action)
        if fault is None or fault.takes_effect:
            outcome = loop.perform(action)
        if fault is not None:
            answer = fault.answer()
            outcome = Outcome(action, answer.status, now_ms, answer.code, answer.message)
        leader = late or self.leader
        self.audit.note(Write(now_ms, loop.name, leader, action, outcome, is_late=bool(late)))
        return outcome

    def _refuse(self, action: Action, refused: Refusals, place: int) -> Outcome:
        refusal = refused[place]
        self._engine.trace(f"{refusal.code} {refusal.verdict.subject}")
        return Outcome(action, "refused", self._engine.now_ms, refusal.code)

    def _report(self, name: str, decision: Decision[Any], refused: Refusals) -> Report:
        """Return a report with what arbitration refused as far as that is news, and its ends.

        An end comes before what the controller itself says, which stands from here on.
        """
        before, now_ms = self._said.get(name, {}), self._engine.now_ms
        news = tell(before, decision.actions, refused, self._around.cluster, now_ms)
        self._said[name] = news.standing
        report = decision.report
        if not news.ended and not news.new:
            return report
        verdicts = (*news.ended, *report.verdicts, *news.new)
        return msgspec.structs.replace(report, verdicts=verdicts)

    # ------------------------------------------------------------ ends and beginnings

    def _die(self, restart_after_ms: int) -> None:
        self.is_down = True
        self._engine.trace(f"{self.leader} died")
        self._forget()
        self._engine.after(restart_after_ms, EventClass.CONTROL, self._begin)

    def _begin(self) -> None:
        """Take the lease, list everything afresh, and look."""
        self.is_down = False
        self._generation += 1
        self._engine.trace(f"{self.leader} leads")
        self._around.relist()
        self._around.start_reading()
        self.start()

    def _forget(self) -> None:
        self._ledger = NOTHING_GRANTED
        self._said = {}
        self._dies_after = self._freezes = None
        self._around.stop_reading()
        for loop in self.loops:
            loop.forget()
            self._around.restarted(loop.name)

    def _stand_still(
        self,
        due: Sequence[Loop],
        decisions: Sequence[Decision[Any]],
        refused: Sequence[Refusals],
        for_ms: int,
        in_flight: int,
    ) -> None:
        """Freeze with decisions in hand; without a renewed lease somebody else takes over."""
        asked = [
            Asked(loop.controller.name, decision.actions)
            for loop, decision in zip(due, decisions, strict=True)
        ]
        order = in_order(asked)
        held = [
            (due[place], action)
            for place in order
            for number, action in enumerate(asked[place].actions)
            if number not in refused[place]
        ]
        reports = [
            (due[place], self._report(due[place].name, decisions[place], refused[place]))
            for place in order
        ]
        self._engine.trace(f"{self.leader} freezes")
        self.is_down = True
        self._freezes = None
        self._engine.after(
            for_ms, EventClass.CONTROL, self._thaw, held, reports, self.leader, in_flight
        )
        if for_ms >= LEASE_MS:
            self._forget()
            self._engine.after(LEASE_MS, EventClass.CONTROL, self._begin)

    def _thaw(
        self,
        held: Sequence[tuple[Loop, Action]],
        reports: Sequence[tuple[Loop, Report]],
        leader: str,
        in_flight: int,
    ) -> None:
        """Go on where it stood still; an old leader's lease stops all but what was on its way."""
        if leader != self.leader:
            self._around.late(True)
            for loop, action in held[:in_flight]:
                self._engine.trace(f"{leader} late {type(action).__name__}")
                self._perform(loop, action, late=leader)
            self._around.late(False)
            return
        outcomes: dict[str, list[Outcome]] = {loop.name: [] for loop, _ in reports}
        cluster = self._around.cluster
        prerequisites = {loop.name: Prerequisites(cluster) for loop, _ in reports}
        for loop, action in held:
            missing = prerequisites[loop.name].missing(action)
            outcome = (
                Outcome(action, "refused", self._engine.now_ms, missing)
                if missing
                else self._perform(loop, action)
            )
            prerequisites[loop.name].note(outcome)
            outcomes[loop.name].append(outcome)
        for loop, report in reports:
            done = tuple(outcomes[loop.name])
            actions = tuple(it.action for it in done)
            self._around.journal.decision(loop.controller.name, report, actions, done)
        for loop in self.loops:
            loop.tell(tuple(outcomes.get(loop.name, ())))
        self._ledger = with_outcomes(
            self._ledger, [it for all_ in outcomes.values() for it in all_]
        )
        self.is_down = False
        for loop in self.loops:
            loop.due_ms = None
        self.start()
