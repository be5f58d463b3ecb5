"""When a group looks at its zones, as AWS' process AZRebalance does, and has them balanced."""

from __future__ import annotations

from collections.abc import Callable

from kingtide.twin.cloud import wording
from kingtide.twin.cloud.replacements import Replacements
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable


class ZoneBalancing:
    """One group's looks at its zones: none while they are balanced.

    `is_complete` says whether the group has all it wants; what is missing is launched first, and
    that where it is missing.
    """

    def __init__(
        self,
        engine: Engine,
        latencies: LatencyTable,
        group: str,
        replacements: Replacements,
        is_complete: Callable[[], bool],
    ) -> None:
        self._engine = engine
        self._latencies = latencies
        self._group = group
        self._replacements = replacements
        self._is_complete = is_complete
        self._looks = 0
        self._is_due = False

    def instances_changed(self) -> None:
        """Look some time later, if the zones differ now and no look is due."""
        if self._is_due or self._replacements.is_balanced:
            return
        self._is_due = True
        self._looks += 1
        delay_ms = self._latencies.draw_ms("cloud.zone_rebalance", self._group, self._looks)
        self._engine.after(delay_ms, EventClass.WORLD, self._look)

    def _look(self) -> None:
        self._is_due = False
        if self._is_complete():
            self._replacements.balance(wording.zones_balanced(self._engine.now_ms))
        self.instances_changed()
