"""How many calls a minute each controller may make; what is beyond is not sent.

A loop that goes wrong must not use up the account's rate, which the cluster's own components and
whoever looks for the fault need too.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping

from kingtide.live.aws.failures import CallLimit

MINUTE_SECONDS = 60.0
CALLS_PER_MINUTE = 240
"""A controller's. A group's change takes two calls and a termination three: forty groups changed
and fifty instances ended within a minute are more than a sane evening needs."""
OBSERVING = "observing"
OBSERVING_PER_MINUTE = 600
"""Twelve refreshes a minute of a cluster with forty groups of which every one lacks instances."""


class CallLimits:
    """Counts calls by who makes them; `refused` is how many were not sent."""

    def __init__(
        self,
        per_minute: int = CALLS_PER_MINUTE,
        of: Mapping[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.refused: dict[str, int] = {}
        self._per_minute = per_minute
        self._of = {OBSERVING: OBSERVING_PER_MINUTE} if of is None else dict(of)
        self._clock = clock
        self._made: dict[str, deque[float]] = {}

    def take(self, by: str) -> None:
        """Count a call.

        Raises:
            CallLimit: there were as many as there may be within the last minute.
        """
        now, most = self._clock(), self._of.get(by, self._per_minute)
        made = self._made.setdefault(by, deque())
        while made and made[0] <= now - MINUTE_SECONDS:
            made.popleft()
        if len(made) >= most:
            self.refused[by] = self.refused.get(by, 0) + 1
            raise CallLimit(f"{by} made {most} calls within a minute")
        made.append(now)
