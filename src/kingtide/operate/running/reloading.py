"""Takes changed settings over between two passes, and tells what became of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kingtide.control.agenda import Loop
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Detail, Report, Verdict
from kingtide.control.safety import PROCESS
from kingtide.operate.running.asked import Asked
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.operate.running.policies import Invalid, PolicyFiles
from kingtide.operate.running.process import Observers, Settings
from kingtide.operate.running.standing import Standing

MAX_LINES = 20
"""Of mistakes in the log; `kingtide check` tells them all."""
SUBJECT = "fleet/files"

MakeLoops = Callable[[Asked], tuple[Loop, ...]]


class Reloading:
    """What `Process` asks for new settings.

    A controller whose settings have changed, or the budgets, begins anew as after a restart; one
    that was added begins, one that was taken away ends. All others go on with what they know. The
    bounds of safety hold from the next pass on.
    """

    def __init__(
        self,
        files: PolicyFiles,
        asked: Asked,
        make_loops: MakeLoops,
        observers: Observers,
        metrics: Metrics,
        log: DecisionLog,
        now_ms: Callable[[], int],
    ) -> None:
        self._files = files
        self._budgets = asked.budgets
        self._safety = asked.safety
        self._make_loops = make_loops
        self._metrics = metrics
        self._log = log
        self._now_ms = now_ms
        self._standing = Standing(observers.decided)

    def __call__(self, loops: Sequence[Loop]) -> Settings | None:
        """Return the settings that take effect now, None where nothing has changed."""
        reading = self._files.take()
        if reading is None:
            return None
        if isinstance(reading, Invalid):
            self._tell_invalid(reading)
            return None
        self._standing.tell(self._now_ms())
        made = self._make_loops(reading)
        known = {it.name: it for it in loops}
        if reading.budgets == self._budgets:
            made = tuple(_same(known.get(it.name), it) for it in made)
        is_as_safe = reading.safety == self._safety
        if made == tuple(loops) and is_as_safe:
            self._metrics.reloaded("unchanged")
            return None
        self._budgets, self._safety = reading.budgets, reading.safety
        self._metrics.reloaded("changed")
        changes = (_changes(known, made), "" if is_as_safe else "safety changed")
        details = {"changed": "; ".join(it for it in changes if it)}
        verdict = Verdict(SUBJECT, "noticed", "PolicyChanged", details)
        entry = DecisionEntry(self._now_ms(), PROCESS, Report(verdicts=(verdict,)))
        return Settings(made, reading.budgets, reading.safety, entry)

    def _tell_invalid(self, found: Invalid) -> None:
        self._metrics.reloaded("invalid")
        for line in found.why[:MAX_LINES]:
            self._log.warn("the fleet's files are not taken over", why=line)
        details: dict[str, Detail] = {"mistakes": len(found.why), "first": found.why[0]}
        self._standing.tell(self._now_ms(), Verdict(SUBJECT, "refused", "PolicyInvalid", details))


def _same(known: Loop | None, made: Loop) -> Loop:
    return known if known is not None and known.policy == made.policy else made


def _changes(known: dict[str, Loop], made: Sequence[Loop]) -> str:
    names = [it.name for it in made]
    changed = [it.name for it in made if it.name in known and known[it.name] is not it]
    added = [it.name for it in made if it.name not in known]
    gone = [name for name in known if name not in names]
    parts = (("changed", changed), ("added", added), ("ended", gone))
    return "; ".join(f"{', '.join(names)} {what}" for what, names in parts if names)
