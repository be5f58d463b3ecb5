"""The process that runs controllers on a cluster.

The same deliberation as in the twin; between deciding and doing stands what only life needs:
the lease's age before each action, a view that is not old, bounds on what one pass may disturb.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.agenda import Agenda, Loop
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.deliberation import Deliberation, Turn
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report, Verdict
from kingtide.control.safety import PROCESS, Guard, identity_verdict, view_verdict
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.operate.running.world import Leadership, World

LONGEST_PAUSE_MS = 10_000
"""Even where nothing happens, staleness and the lease are looked at so often."""

HELD_BACK_PAUSE_MS = 1_000
"""Who may not look, having no lease or no view, asks again after so long, or at a change."""

DRY_RUN = "DryRun"
"""The code of what a dry run leaves undone."""
NOT_LEADER = "NotLeader"
"""The code of what was decided under a lease that is not ours any more."""


class Observers(msgspec.Struct, frozen=True):
    """Who is told what a process does: journal, logs, metrics.

    `decided` is told each pass that changed a verdict or acted; `passed` each pass by controller
    with its seconds; `refused` each refusal's code.
    """

    decided: Callable[[DecisionEntry], object]
    passed: Callable[[str, float], object]
    refused: Callable[[str], object]


class Process:
    """Controllers on one cluster, until `stop` is set; the pass that runs then is finished."""

    def __init__(
        self,
        world: World,
        loops: Sequence[Loop],
        deliberation: Deliberation,
        leadership: Leadership,
        observers: Observers,
        clock_ms: Callable[[], int],
        *,
        expected: str,
        safety: SafetyPolicy | None = None,
        is_dry: bool = False,
    ) -> None:
        self.agenda = Agenda(loops)
        self._world = world
        self._deliberation = deliberation
        self._leadership = leadership
        self._observers = observers
        self._now_ms = clock_ms
        self._expected = expected
        self._safety = safety or SafetyPolicy()
        self._is_dry = is_dry
        self._led = False
        self._standing: Mapping[str, Verdict] = {}
        self.last_pass_ms: int | None = None

    async def run(self, stop: asyncio.Event, *, once: bool = False) -> None:
        """Make passes until stopped, or one pass of every loop."""
        while not stop.is_set():
            self.agenda.wake(self._world.take_in(), self._now_ms())
            now_ms = self._now_ms()
            may_look = self._may_look(now_ms)
            if may_look and await self._pass(now_ms) and once:
                return
            await self._wait(stop, self._pause_ms() if may_look else HELD_BACK_PAUSE_MS)

    def _pause_ms(self) -> int:
        next_ms = self.agenda.next_ms
        return LONGEST_PAUSE_MS if next_ms is None else next_ms - self._now_ms()

    async def _wait(self, stop: asyncio.Event, pause_ms: int) -> None:
        """Wait for a change, the next loop's time, or the end."""
        pause_ms = min(pause_ms, LONGEST_PAUSE_MS)
        if pause_ms <= 0:
            await asyncio.sleep(0)
            return
        waits = {
            asyncio.ensure_future(stop.wait()),
            asyncio.ensure_future(self._world.changed()),
        }
        _, left = await asyncio.wait(
            waits, timeout=pause_ms / 1000, return_when=asyncio.FIRST_COMPLETED
        )
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _pass(self, now_ms: int) -> bool:
        """Make a pass of what is due; return whether one was made."""
        due = self.agenda.due(now_ms)
        if not due:
            return False
        self.last_pass_ms = now_ms
        guard = Guard(self._world.cluster, self._safety)
        for turn in self._deliberation.decide(due, now_ms):
            await self._act(turn, guard, now_ms)
        return True

    def _may_look(self, now_ms: int) -> bool:
        """Return whether the view may be decided on, and by us; what stops it is told once."""
        if not self._leadership.is_leader:
            self._led = False
            return False
        found = view_verdict(self._world.staleness_seconds(), self._safety)
        if found is None:
            found = identity_verdict(self._expected, self._world.identity())
        self._tell(now_ms, () if found is None else (found,))
        if found is not None:
            self._observers.refused(found.code)
            return False
        if not self._led:
            self._led = True
            self._begin(now_ms)
        return True

    def _begin(self, now_ms: int) -> None:
        """Lead from here on: somebody else may have led meanwhile, so nothing known is kept."""
        self._deliberation.forget()
        for loop in self.agenda.loops:
            loop.forget()
            self.agenda.ask(loop, now_ms)

    async def _act(self, turn: Turn, guard: Guard, now_ms: int) -> None:
        name = turn.loop.controller.name
        held: dict[str, Verdict] = {}
        for step in turn.steps(now_ms):
            if step.refused is not None:
                turn.note(step.refused)
                self._observers.refused(step.refused.code)
                continue
            verdict = guard.refuses(name, step.action)
            if verdict is not None:
                held[verdict.code] = verdict
                turn.note(Outcome(step.action, "refused", now_ms, verdict.code))
                self._observers.refused(verdict.code)
                continue
            turn.note(await self._perform(name, step.action))
        report = self._deliberation.report(turn, now_ms)
        if held:
            report = msgspec.structs.replace(report, verdicts=(*report.verdicts, *held.values()))
        if report.verdicts or turn.outcomes:
            entry = DecisionEntry(now_ms, name, report, turn.decision.actions, turn.outcomes)
            self._observers.decided(entry)
        turn.loop.tell(turn.outcomes)
        self._deliberation.granted(turn.outcomes)
        if turn.decision.wake_at_ms is not None:
            self.agenda.ask(turn.loop, max(turn.decision.wake_at_ms, now_ms + 1))
        self._observers.passed(name, (self._now_ms() - now_ms) / 1000)

    async def _perform(self, name: str, action: Action) -> Outcome:
        """Do one action, if we still lead: before each, not once a pass."""
        if not self._leadership.is_leader:
            self._led = False
            self._observers.refused(NOT_LEADER)
            return Outcome(action, "refused", self._now_ms(), NOT_LEADER)
        if self._is_dry:
            return Outcome(action, "refused", self._now_ms(), DRY_RUN)
        return await self._world.perform(name, action)

    def _tell(self, now_ms: int, verdicts: tuple[Verdict, ...]) -> None:
        """Journal what stops the process, when it begins and when it ends."""
        wanted = {it.subject: it for it in verdicts}
        news = [
            it
            for subject, it in wanted.items()
            if subject not in self._standing or self._standing[subject].code != it.code
        ]
        ended = [
            Verdict(subject, "cleared", f"{it.code}Ended")
            for subject, it in self._standing.items()
            if subject not in wanted
        ]
        self._standing = wanted
        if news or ended:
            report = Report(verdicts=(*ended, *news))
            self._observers.decided(DecisionEntry(now_ms, PROCESS, report))
