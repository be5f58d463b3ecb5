"""How far a rehearsed figure is from the published one."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from kingtide.rehearsal.comparison.model import Published


class Band(msgspec.Struct, frozen=True):
    """What agrees with a published figure: its number or range, widened by its own tolerance.

    `low` None: every smaller value agrees (an upper bound was published).
    """

    low: Decimal | None
    high: Decimal

    def off_by(self, value: float) -> Decimal:
        """Return how far a value lies outside, below 0 when it is too small; 0 within."""
        # Figures have three decimals; their text is what they say.
        found = Decimal(str(value))
        if self.low is not None and found < self.low:
            return found - self.low
        return max(Decimal(0), found - self.high)


def band(published: Published) -> Band:
    """Return the band of a published figure."""
    tolerance = published.tolerance
    if published.value is not None:
        return Band(published.value - tolerance, published.value + tolerance)
    if published.at_most is not None:
        return Band(None, published.at_most + tolerance)
    assert published.low is not None  # the model takes exactly one form
    assert published.high is not None  # as above
    return Band(published.low - tolerance, published.high + tolerance)
