"""Percentiles over seeds by nearest rank, so that a table only shows values that some run had."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Spread(msgspec.Struct, frozen=True):
    """What the runs of one row and variant came out as.

    A run in which the figure did not arise (no node ever came) ranks above every other, so a
    percentile of None says that it did not arise in that share of the runs. `arose` counts the runs
    in which it did.
    """

    runs: int
    arose: int
    p10: float | None
    p50: float | None
    p90: float | None

    def at(self, statistic: str) -> float | None:
        """Return a percentile by name."""
        return {"p10": self.p10, "p50": self.p50, "p90": self.p90}[statistic]


def spread(values: Sequence[float | None]) -> Spread:
    """Return the spread of one value a run."""
    found = sorted(value for value in values if value is not None)
    count = len(values)
    return Spread(
        runs=count,
        arose=len(found),
        p10=_ranked(found, count, 10),
        p50=_ranked(found, count, 50),
        p90=_ranked(found, count, 90),
    )


def _ranked(found: Sequence[float], count: int, percent: int) -> float | None:
    """Return the smallest value that this share of all runs does not exceed."""
    rank = -(-count * percent // 100)
    return found[rank - 1] if 0 < rank <= len(found) else None
