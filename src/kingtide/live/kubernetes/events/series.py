"""Events that are counted instead of written again and again.

Of one controller, object and reason there is one Event: a repetition raises its count and brings
the newest words. So a fleet has no more Events than objects times reasons, however the numbers in
their sentences change; what was said before stands in the decision journal.
"""

from __future__ import annotations

from collections import OrderedDict

from kingtide.live.kubernetes.events.told_event import ToldEvent

MAX_SERIES = 2_000
"""Kept at once: two Events for each node of a large fleet. The one told longest ago goes first."""
REPEAT_MS = 60_000
"""A repetition is written once a minute at most: who looks at Events looks for longer."""
FORGOTTEN_MS = 3_000_000
"""After 50 minutes without a word a series begins anew: the API server deletes an Event an hour
after its last write (`--event-ttl`, v1.36)."""

Key = tuple[str, str, str, str, str, str]


class Series:
    """One Event: how often it was told and when; `count_written` is what the cluster knows."""

    def __init__(self, told: ToldEvent, name: str, at_ms: int) -> None:
        self.told = told
        self.name = name
        self.first_ms = self.last_ms = at_ms
        self.count = 1
        self.count_written = 0
        self.written_ms = -REPEAT_MS

    @property
    def namespace(self) -> str:
        """Where the Event stands: with its object, in `default` for what is in no namespace."""
        return self.told.regarding.namespace or "default"


class Counted:
    """All series of a process, and which of them are to be written."""

    def __init__(self) -> None:
        self.dropped = 0
        """Series that were forgotten before all of them was written."""
        self._series: OrderedDict[Key, Series] = OrderedDict()
        self._numbers = 0

    def __len__(self) -> int:
        return len(self._series)

    def tell(self, told: ToldEvent, at_ms: int) -> None:
        """Count an event that was told."""
        it = told.regarding
        key = (told.controller, told.reason, told.type, it.kind, it.namespace, it.name)
        known = self._series.get(key)
        if known is not None and at_ms - known.last_ms < FORGOTTEN_MS:
            known.told, known.last_ms = told, at_ms
            known.count += 1
        else:
            self._numbers += 1
            name = f"{it.name[:200]}.{at_ms:x}{self._numbers % 0x10000:04x}"
            self._series[key] = Series(told, name, at_ms)
        self._series.move_to_end(key)
        if len(self._series) > MAX_SERIES:
            _, gone = self._series.popitem(last=False)
            self.dropped += gone.count > gone.count_written

    def due(self, now_ms: int) -> list[Series]:
        """Return the series to write now, the one told longest ago first."""
        return [
            it
            for it in self._series.values()
            if it.count > it.count_written and now_ms - it.written_ms >= REPEAT_MS
        ]
