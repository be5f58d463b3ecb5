"""How many calls may still be made: so many a second, in whatever second one looks.

A reclaim of dozens of nodes must not become a storm on the API server. What is over the bound is
left for the next pass, which sees the world anew.
"""

from __future__ import annotations

import msgspec

SECOND_MS = 1_000


class Pace(msgspec.Struct, frozen=True, gc=False):
    """The calls of the last second, as (time, number), oldest first."""

    made: tuple[tuple[int, int], ...] = ()

    def left(self, per_second: int, now_ms: int) -> int:
        """Return how many calls may be made now."""
        recent = sum(number for at_ms, number in self.made if now_ms - at_ms < SECOND_MS)
        return max(0, per_second - recent)

    def after(self, number: int, now_ms: int) -> Pace:
        """Return the pace after so many calls now; older than a second is forgotten."""
        kept = tuple(it for it in self.made if now_ms - it[0] < SECOND_MS)
        return Pace((*kept, (now_ms, number)) if number else kept)
