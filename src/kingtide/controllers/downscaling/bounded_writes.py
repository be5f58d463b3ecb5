"""What one pass writes, tells and remembers: so many objects at most, the others next time."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.control.report import Verdict
from kingtide.control.said import changed
from kingtide.controllers.downscaling import report
from kingtide.controllers.downscaling.judge import Judgement
from kingtide.controllers.downscaling.memory import DownscalingMemory
from kingtide.controllers.downscaling.retries import CONFIRM_MS, failed_object, pause_ms
from kingtide.controllers.downscaling.step import Step

NEXT_WRITES_MS = 1_000
"""When the writes follow that a pass left over."""


class Writes:
    """Gathers a pass; the memory it began with stays as it is."""

    def __init__(self, memory: DownscalingMemory, now_ms: int) -> None:
        self._before = memory
        self._now_ms = now_ms
        self._is_changed = False
        self._due: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._acted: list[Verdict] = []
        self._standing: list[Verdict] = []
        self._cleared: list[Verdict] = []
        self._forgotten: list[str] = []
        self.actions: list[Action] = []
        self.left = 0

    def note(self, outcomes: Iterable[Outcome]) -> None:
        """Count the writes of the last pass that came to nothing, and try them again later."""
        for outcome in outcomes:
            key = failed_object(outcome)
            if key is None:
                continue
            self._begin()
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            self._due[key] = self._now_ms + pause_ms(failures)
            self._acted.append(report.failed(key, failures, outcome))

    def forget(self, key: str) -> None:
        """Drop what is remembered of an object that is gone, or not looked at any more."""
        self._begin()
        self._due.pop(key, None)
        self._failures.pop(key, None)
        self._forgotten += (key, report.annotations_of(key))

    def take(self, key: str, judgement: Judgement, max_writes: int) -> None:
        """Take in what becomes of one workload."""
        self._begin()
        step = judgement.step
        if step.action is not None and len(self.actions) >= max_writes:
            self.left += 1
            self._due[key] = self._now_ms + NEXT_WRITES_MS
            return
        self._due.pop(key, None)
        if step.again_ms is not None:
            self._due[key] = step.again_ms
        if step.action is not None:
            self.actions.append(step.action)
            confirm_ms = self._now_ms + CONFIRM_MS
            self._due[key] = min(confirm_ms, self._due.get(key, confirm_ms))
        else:
            self._failures.pop(key, None)
        self._tell(key, step)
        ignored = report.annotations_of(key)
        if judgement.ignored:
            self._standing.append(report.ignored(key, judgement.ignored))
        else:
            self._forgotten.append(ignored)

    def finish(
        self, cursor: int, *, is_forced_up: bool
    ) -> tuple[DownscalingMemory, tuple[Verdict, ...]]:
        """Return what the next pass begins with, and the verdicts that are news."""
        before = self._before
        if not self._is_changed:
            after = msgspec.structs.replace(before, cursor=cursor, is_forced_up=is_forced_up)
            return after, ()
        said, news = changed(before.said, self._standing, self._cleared, self._forgotten)
        next_due_ms = min(self._due.values(), default=None)
        after = DownscalingMemory(
            cursor, is_forced_up, self._due, next_due_ms, said, self._failures
        )
        return after, (*self._acted, *news)

    def _begin(self) -> None:
        """Copy what is remembered before the first change of it; most passes change nothing."""
        if not self._is_changed:
            self._is_changed = True
            self._due = dict(self._before.due)
            self._failures = dict(self._before.failures)

    def _tell(self, key: str, step: Step) -> None:
        verdict = report.verdict(key, step)
        if step.action is not None:
            self._acted.append(verdict)
            self._forgotten.append(key)
        elif step.code in report.AS_IT_SHOULD_BE:
            self._cleared.append(verdict)
        else:
            self._standing.append(verdict)
