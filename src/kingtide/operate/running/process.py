"""The process that runs controllers on a cluster.

The same deliberation as in the twin; between deciding and doing stands what only life needs:
the lease's age before each action, a view that is not old, bounds on what one pass may disturb.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from kingtide.control.action import Action
from kingtide.control.agenda import Agenda, Loop
from kingtide.control.budget import Budget
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.deliberation import Deliberation, Turn
from kingtide.control.outcome import Outcome
from kingtide.control.report import Phrases, Verdict
from kingtide.control.safety import SENTENCES, Guard, identity_verdict, view_verdict
from kingtide.fleet.policies.safety import SafetyPolicy
from kingtide.operate.running.health import Pulse
from kingtide.operate.running.standing import HeldActions, Standing
from kingtide.operate.running.world import Leadership, World

PAUSE_MS = 500
"""Between two passes that changes ask for. A change that comes right after a pass is to be decided
on, and what was decided asked for, within a second: half of it is left for the pass and its calls.
The twin's own (control.agenda.MIN_PAUSE_MS) is longer, because there a pass takes no time."""

LONGEST_PAUSE_MS = 10_000
"""Even where nothing happens, staleness and the lease are looked at so often."""

HELD_BACK_PAUSE_MS = 1_000
"""Who may not look, having no lease or no view, asks again after so long, or at a change."""

DRY_RUN = "DryRun"
"""The code of what a dry run leaves undone."""
NOT_LEADER = "NotLeader"
"""The code of what was decided under a lease that is not ours any more."""
PHRASES = Phrases(SENTENCES)


def _unheard(*_: object) -> None:
    """Tell nobody."""


class Observers(msgspec.Struct, frozen=True):
    """Who is told what a process does: journal, logs, metrics, Events.

    `decided` is told each pass that changed a verdict or acted; `passed` each pass by controller
    with its seconds; `refused` each refusal's code; `held_back` at each look what holds everything
    back, or None; `reacted` how long a change waited for a controller's decision; `ended` each end
    of a pass.
    """

    decided: Callable[[DecisionEntry], object]
    passed: Callable[[str, float], object]
    refused: Callable[[str], object]
    held_back: Callable[[str | None], object] = _unheard
    reacted: Callable[[str, float], object] = _unheard
    ended: Callable[[], object] = _unheard


class Settings(msgspec.Struct, frozen=True):
    """What a process runs with, where its fleet's files have changed."""

    loops: tuple[Loop, ...]
    budgets: tuple[Budget, ...]
    safety: SafetyPolicy
    entry: DecisionEntry | None = None
    """What there is to tell of the change."""


def nothing_changed(_: Sequence[Loop]) -> Settings | None:
    """Return that the settings are as they were."""
    return None


class Process:
    """Controllers on one cluster, until `stop` is set; the pass that runs then is finished.

    `settings` is asked between passes, with the loops that run, and returns what has changed.
    `clock_ms` and `sleep` are of one time; staleness and the Lease are looked at by this machine's.
    """

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
        settings: Callable[[Sequence[Loop]], Settings | None] = nothing_changed,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.agenda = Agenda(loops, PAUSE_MS)
        self.pulse = Pulse()
        self._world = world
        self._deliberation = deliberation
        self._leadership = leadership
        self._observers = observers
        self._now_ms = clock_ms
        self._expected = expected
        self._safety = safety or SafetyPolicy()
        self._is_dry = is_dry
        self._settings = settings
        self._sleep = sleep
        self._term = 0
        self._standing = Standing(observers.decided)
        self._held = HeldActions()
        self._changed_at: dict[str, float] = {}
        self.last_pass_ms: int | None = None

    async def run(self, stop: asyncio.Event, *, once: bool = False) -> None:
        """Make passes until stopped, or one pass of every loop."""
        while not stop.is_set():
            self.pulse.beat()
            self._take_in()
            now_ms = self._now_ms()
            may_look = self._may_look(now_ms)
            if may_look and await self._pass(now_ms) and once:
                return
            await self._wait(stop, self._pause_ms() if may_look else HELD_BACK_PAUSE_MS)

    def unready(self) -> str | None:
        """Return why this process could not decide now if it led, None where it could.

        Who stands by is ready: it sees everything, and waits for the Lease.
        """
        found = self._hindrance()
        return None if found is None else PHRASES.tell(found)

    def _take_in(self) -> None:
        """Take in what has arrived, and new settings, between two passes."""
        topics, waited = self._world.take_in(), self._world.waited_seconds()
        for loop in self.agenda.loops:
            if loop.watches(topics):
                self._changed_at.setdefault(loop.name, time.monotonic() - waited)
        self.agenda.wake(topics, self._now_ms())
        changed = self._settings(self.agenda.loops)
        if changed is None:
            return
        self._deliberation.adopt(changed.budgets, changed.loops)
        self._safety = changed.safety
        known, now_ms = self.agenda.loops, self._now_ms()
        self.agenda = Agenda(changed.loops, PAUSE_MS)
        for loop in changed.loops:
            if not any(loop is it for it in known):
                self.agenda.ask(loop, now_ms)
        if changed.entry is not None:
            self._observers.decided(changed.entry)

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
            asyncio.ensure_future(self._sleep(pause_ms / 1000)),
        }
        _, left = await asyncio.wait(
            waits, timeout=LONGEST_PAUSE_MS / 1000, return_when=asyncio.FIRST_COMPLETED
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
        guard, began = Guard(self._world.cluster, self._safety), time.monotonic()
        turns = self._deliberation.decide(due, now_ms)
        for loop in due:
            changed_at = self._changed_at.pop(loop.name, None)
            if changed_at is not None:
                self._observers.reacted(loop.controller.name, time.monotonic() - changed_at)
        for turn in turns:
            await self._act(turn, guard, now_ms)
            self._observers.passed(turn.loop.controller.name, time.monotonic() - began)
        self._observers.ended()
        return True

    def _may_look(self, now_ms: int) -> bool:
        """Return whether the view may be decided on, and by us; what stops it is told once."""
        if not self._leadership.is_leader:
            self._observers.held_back(None)
            return False
        if self._term != self._leadership.terms:
            self._begin(now_ms)
        found = self._hindrance()
        self._standing.tell(now_ms, *(() if found is None else (found,)))
        self._observers.held_back(None if found is None else found.code)
        if found is not None:
            self._observers.refused(found.code)
        return found is None

    def _hindrance(self) -> Verdict | None:
        """Return what is wrong with the view: it is not whole, old, or another cluster's."""
        found = view_verdict(self._world.staleness_seconds(), self._safety)
        return found or identity_verdict(self._expected, self._world.identity())

    def _begin(self, now_ms: int) -> None:
        """Lead from here on: somebody else may have led meanwhile, so nothing known is kept."""
        self._term = self._leadership.terms
        self._world.see_afresh(self._leadership.led_since)
        self._changed_at.clear()
        self._held.forget()
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
            self.pulse.beat()
        report = self._deliberation.report(turn, now_ms)
        news = self._held.news(turn.loop.name, held, now_ms)
        if news:
            report = msgspec.structs.replace(report, verdicts=(*report.verdicts, *news))
        if report.verdicts or turn.outcomes:
            entry = DecisionEntry(now_ms, name, report, turn.decision.actions, turn.outcomes)
            self._observers.decided(entry)
        turn.loop.tell(turn.outcomes)
        self._deliberation.granted(turn.outcomes)
        if turn.decision.wake_at_ms is not None:
            self.agenda.ask(turn.loop, max(turn.decision.wake_at_ms, now_ms + 1))

    async def _perform(self, name: str, action: Action) -> Outcome:
        """Do one action, if we still lead: before each, not once a pass."""
        if not self._leadership.is_leader:
            self._observers.refused(NOT_LEADER)
            return Outcome(action, "refused", self._now_ms(), NOT_LEADER)
        if self._is_dry:
            return Outcome(action, "refused", self._now_ms(), DRY_RUN)
        return await self._world.perform(name, action)
