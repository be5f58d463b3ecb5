"""What stops a process, or is wrong with it, as verdicts that are told when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.refusals_told import GIVEN_UP_MS
from kingtide.control.report import Report, Verdict
from kingtide.control.safety import PROCESS


class Standing:
    """The verdicts of one kind of trouble that stand now; `decided` is told begins and ends."""

    def __init__(self, decided: Callable[[DecisionEntry], object]) -> None:
        self._decided = decided
        self._standing: Mapping[str, Verdict] = {}

    def tell(self, now_ms: int, *verdicts: Verdict) -> None:
        """Say what stands from here on, once, and the end of what stood before."""
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
            self._decided(DecisionEntry(now_ms, PROCESS, report))


class HeldActions:
    """What the guard held back of each loop: told when it begins, and when it has ended.

    Controllers do not ask in each pass; what was not asked for again in a while is not wanted.
    """

    def __init__(self) -> None:
        self._held: dict[str, dict[str, tuple[Verdict, int]]] = {}

    def news(self, loop: str, held: Mapping[str, Verdict], now_ms: int) -> tuple[Verdict, ...]:
        """Return what there is to tell after a pass of a loop; `held` is by code."""
        known = self._held.get(loop, {})
        standing = {
            code: (verdict, at_ms)
            for code, (verdict, at_ms) in known.items()
            if now_ms - at_ms < GIVEN_UP_MS
        }
        standing.update((code, (it, now_ms)) for code, it in held.items())
        ended = [
            Verdict(verdict.subject, "cleared", f"{code}Ended")
            for code, (verdict, _) in known.items()
            if code not in standing
        ]
        self._held[loop] = standing
        return (*ended, *(it for code, it in held.items() if code not in known))

    def forget(self) -> None:
        """Start anew, as a process that has just begun."""
        self._held = {}
