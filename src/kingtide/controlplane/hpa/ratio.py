"""The band around 1 in which a usage ratio changes nothing."""

from __future__ import annotations

import msgspec


class Tolerances(msgspec.Struct, frozen=True, gc=False):
    """The two tolerances as the controller computes with them: doubles, fractions of 1."""

    down: float
    up: float

    def allow(self, ratio: float) -> bool:
        """Return whether a usage ratio is close enough to 1 to change nothing.

        Both ends are allowed.
        """
        return (1.0 - self.down) <= ratio <= (1.0 + self.up)
