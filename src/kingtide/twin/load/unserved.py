"""Demand that ready pods could not serve, counted exactly."""

from __future__ import annotations

import numpy as np

from kingtide.twin.load.filling import Integers


class UnservedDemand:
    """Adds up unserved demand by application, in millicores x milliseconds.

    What one step says holds until the next one: the sum is exact for the steps, and the step is the
    resolution.
    """

    def __init__(self, applications: int, start_ms: int) -> None:
        self._total = np.zeros(applications, np.int64)
        self._present = np.zeros(applications, np.int64)
        self._until_ms = start_ms

    def record(self, now_ms: int, unserved: Integers) -> None:
        """Take over the unserved millicores int64[A] of each application from now on."""
        self._accrue(now_ms)
        self._present = unserved.copy()

    def core_milliseconds(self, application: int, now_ms: int) -> int:
        """Return an application's unserved demand so far, rounded down to a core-millisecond."""
        self._accrue(now_ms)
        return int(self._total[application]) // 1000

    def _accrue(self, now_ms: int) -> None:
        if now_ms > self._until_ms:
            self._total += self._present * (now_ms - self._until_ms)
            self._until_ms = now_ms
