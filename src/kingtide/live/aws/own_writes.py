"""What we ourselves wrote lately, which describe calls may not tell yet.

AWS' describe calls may be behind its writes. Of a group whose desired capacity we changed a moment
ago, the value from before is no news, and an instance that we ended is not still there.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

BEHIND_SECONDS = 10.0
"""How long a describe call may tell what was before a write. AWS gives no bound; this is ten times
the lag that the twin assumes (latency `cloud.describe`)."""
TERMINATED_SECONDS = 300.0
"""How long an instance that was ended may be listed: its shutdown."""
MAX_KEPT = 5_000


class _Change(msgspec.Struct, frozen=True):
    overwritten: tuple[int, ...]
    written: int
    at: float


class OwnWrites:
    """The newest change of each group, and the instances that were ended."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changes: dict[str, _Change] = {}
        self._ended: dict[str, float] = {}

    def desired(self, group: str, described: int) -> int:
        """Return a group's desired capacity, given what was just described."""
        change = self._changes.get(group)
        if change is None or self._clock() - change.at > BEHIND_SECONDS:
            return described
        return change.written if described in change.overwritten else described

    def wrote_desired(self, group: str, before: int, after: int) -> None:
        """Note that a group's desired capacity was changed."""
        now = self._clock()
        change = self._changes.pop(group, None)
        overwritten: tuple[int, ...] = (before,)
        if change is not None and now - change.at <= BEHIND_SECONDS:
            overwritten = (*change.overwritten, before)
        # A value that is wanted again is not one of the past.
        kept = tuple(it for it in dict.fromkeys(overwritten) if it != after)
        self._changes[group] = _Change(kept, after, now)

    def has_ended(self, instance_id: str) -> bool:
        """Return whether we ended an instance lately."""
        at = self._ended.get(instance_id)
        return at is not None and self._clock() - at <= TERMINATED_SECONDS

    def ended(self, instance_id: str) -> None:
        """Note that an instance was ended."""
        self._ended.pop(instance_id, None)
        self._ended[instance_id] = self._clock()
        while len(self._ended) > MAX_KEPT:
            del self._ended[next(iter(self._ended))]
