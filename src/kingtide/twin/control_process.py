"""The process that runs our controllers: those due together decide, are arbitrated, and act.

It also dies, in the middle of what it does if need be, and freezes, which is how two leaders come
to be: a lease keeps a second one from starting, not a first one from waking up late.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.agenda import Agenda
from kingtide.control.arbitration import arbitrate
from kingtide.control.budget import Budget
from kingtide.control.controller import Topic
from kingtide.control.deliberation import Arbitrate, Deliberation, Loop, Turn
from kingtide.control.outcome import Outcome
from kingtide.control.prerequisites import Prerequisites
from kingtide.control.report import Report
from kingtide.control.snapshot import ClusterView
from kingtide.twin.api_faults import ApiFaults
from kingtide.twin.audit import Write, WriteAudit
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.journal import Journal
from kingtide.twin.seams import Perform

LEASE_MS = 15_000
"""A leader that has not renewed its lease for this long is replaced.

client-go's default in Kubernetes' own components (--leader-elect-lease-duration, v1.36).
"""


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
    """Our controllers in one process, which holds the lease as `leader`.

    `performs` is, by loop's name, who carries out what it decides.
    """

    def __init__(
        self,
        surroundings: Surroundings,
        loops: Sequence[Loop],
        performs: Mapping[str, Perform],
    ) -> None:
        self.loops = tuple(loops)
        self.performs = performs
        self.audit = WriteAudit()
        self.is_down = False
        self._around = surroundings
        self._engine = surroundings.engine
        self._generation = 1
        self._agenda = Agenda(self.loops)
        self._deliberation = Deliberation(
            surroundings.cluster, surroundings.budgets, surroundings.arbitrate
        )
        self._dies_after: tuple[int, int] | None = None
        self._freezes: tuple[int, int] | None = None

    @property
    def leader(self) -> str:
        """The identity under which the process now holds the lease."""
        return f"leader-{self._generation}"

    def hand_over(self, names: Container[str]) -> None:
        """Go on with the loops of these names alone: somebody else runs the others from here on."""
        self.loops = tuple(it for it in self.loops if it.name in names)
        self._agenda.keep(names)
        self._engine.trace(f"{self.leader} keeps {' '.join(it.name for it in self.loops)}")

    def start(self) -> None:
        """Have the first pass of every loop run now."""
        for loop in self.loops:
            self._ask(loop, self._engine.now_ms)

    def wake(self, topics: tuple[Topic, ...]) -> None:
        """Run a pass soon of every loop that watches one of the topics."""
        if self.is_down:
            return
        for time_ms in self._agenda.wake(topics, self._engine.now_ms):
            self._engine.at(time_ms, EventClass.CONTROL, self._pass)

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
        if self._agenda.ask(loop, time_ms):
            self._engine.at(time_ms, EventClass.CONTROL, self._pass)

    def _pass(self) -> None:
        now_ms = self._engine.now_ms
        if self.is_down:
            return
        due = self._agenda.due(now_ms)
        if not due:
            return  # an earlier pass took this one's place
        turns = self._deliberation.decide(due, now_ms)
        if self._freezes is not None and any(turn.decision.actions for turn in turns):
            self._stand_still(turns, *self._freezes)
            return
        for turn in turns:
            if not self._act(turn):
                return

    def _act(self, turn: Turn) -> bool:
        """Perform what one loop decided and was granted; return False if the process died."""
        loop, decision = turn.loop, turn.decision
        name, now_ms = loop.controller.name, self._engine.now_ms
        for action in decision.actions:
            self._engine.trace(f"{name} {type(action).__name__} {action.reason}")
        for step in turn.steps(now_ms):
            if step.refused is not None:
                if step.subject:
                    self._engine.trace(f"{step.refused.code} {step.subject}")
                turn.note(step.refused)
                continue
            if self._dies_after is not None and self._dies_after[0] <= 0:
                self._die(self._dies_after[1])
                break
            turn.note(self._perform(loop, step.action))
            if self._dies_after is not None:
                self._dies_after = (self._dies_after[0] - 1, self._dies_after[1])
        report = self._deliberation.report(turn, now_ms)
        self._around.journal.decision(name, report, decision.actions, turn.outcomes)
        if self.is_down:
            return False
        loop.tell(turn.outcomes)
        self._deliberation.granted(turn.outcomes)
        if decision.wake_at_ms is not None:
            self._ask(loop, max(decision.wake_at_ms, now_ms + 1))
        return True

    def _perform(self, loop: Loop, action: Action, late: str = "") -> Outcome:
        """Do one action, if the API takes it; `late` is the leader that asked, if it is no more."""
        now_ms = self._engine.now_ms
        fault = self._around.api_faults.of(action)
        if fault is None or fault.takes_effect:
            outcome = self.performs[loop.name](action)
        if fault is not None:
            answer = fault.answer()
            outcome = Outcome(action, answer.status, now_ms, answer.code, answer.message)
        leader = late or self.leader
        self.audit.note(Write(now_ms, loop.name, leader, action, outcome, is_late=bool(late)))
        return outcome

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
        self._deliberation.forget()
        self._dies_after = self._freezes = None
        self._around.stop_reading()
        for loop in self.loops:
            loop.forget()
            self._around.restarted(loop.name)

    def _stand_still(self, turns: Sequence[Turn], for_ms: int, in_flight: int) -> None:
        """Freeze with decisions in hand; without a renewed lease somebody else takes over."""
        now_ms = self._engine.now_ms
        held = [(turn.loop, action) for turn in turns for action in turn.granted]
        reports = [(turn.loop, self._deliberation.report(turn, now_ms)) for turn in turns]
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
        self._deliberation.granted([it for all_ in outcomes.values() for it in all_])
        self.is_down = False
        for loop in self.loops:
            loop.due_ms = None
        self.start()
