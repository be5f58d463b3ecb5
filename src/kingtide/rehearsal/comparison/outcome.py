"""What a comparison came out as: the value from which tables and JSON are made."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from kingtide.rehearsal.comparison.plan import Skipped
from kingtide.rehearsal.comparison.ranks import Spread
from kingtide.rehearsal.record import ExpectationResult, Unit


class RowOutcome(msgspec.Struct, frozen=True):
    """One row: what was published and what the runs of each variant came out as.

    `off_by` is how far the variant `judged_in` lies outside what was published and its tolerance (0
    within, below 0 when too small); None where nothing was published, or the figure did not arise.
    `published` is None where nothing was published.
    """

    name: str
    title: str
    scenario: str
    measured: str
    unit: Unit
    statistic: str
    published: str | None
    off_by: Decimal | None
    variants: Mapping[str, Spread]
    source: str | None
    note: str | None
    expectation: ExpectationResult | None
    judged_in: str


class Moved(msgspec.Struct, frozen=True):
    """A row's figure with a judged value lower, as it is, and higher, over the same seeds."""

    row: str
    title: str
    unit: Unit
    low: float | None
    as_is: float | None
    high: float | None


class TryOutcome(msgspec.Struct, frozen=True):
    """A judged value, and the rows that it moves by more than their resolution."""

    name: str
    title: str
    source: str | None
    scaled: bool
    """Tried at half and twice; otherwise at the two values of its settings."""
    moved: tuple[Moved, ...]


class Outcome(msgspec.Struct, frozen=True):
    """A comparison. `differences` are by scenario file.

    `partial` is True where it was interrupted: only what was complete by then is here.
    """

    name: str
    title: str
    reference: str
    variants: tuple[str, ...]
    rows: tuple[RowOutcome, ...]
    skipped: tuple[Skipped, ...]
    differences: Mapping[str, tuple[str, ...]]
    tries: tuple[TryOutcome, ...]
    tries_seeds: int
    runs: int
    partial: bool = False

    @property
    def failed(self) -> tuple[RowOutcome, ...]:
        """Rows whose own expectation was not met."""
        return tuple(r for r in self.rows if r.expectation is not None and not r.expectation.passed)
