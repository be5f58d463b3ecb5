"""A comparison that was read and found right: what is run, and what is read off it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from kingtide.rehearsal.comparison.measuring import Reading
from kingtide.rehearsal.comparison.model import Change as ChangeKind
from kingtide.rehearsal.comparison.model import Published, Statistic
from kingtide.rehearsal.expectations import Expectation
from kingtide.rehearsal.record import Unit

Settings = tuple[str, ...]
"""`path=value`, as after `--set`."""


class Counterpart(msgspec.Struct, frozen=True):
    """The scenario that a row is told as a change against, and the same measure read off it."""

    scenario: Path
    reading: Reading
    told_as: ChangeKind


class PlannedRow(msgspec.Struct, frozen=True):
    """A row whose scenario was read; `unit` is that of what is told, `resolution` is in it."""

    name: str
    title: str
    scenario: Path
    reading: Reading
    unit: Unit
    statistic: Statistic
    seeds: Mapping[str, int]
    """Runs by variant."""
    published: Published | None
    source: str | None
    resolution: float
    note: str | None
    sensitivity: bool
    expectation: Expectation | None
    judged_in: str
    """The variant that is held against what was published and expected."""
    counterpart: Counterpart | None = None
    """None for a row that tells the measure itself."""

    @property
    def scenarios(self) -> tuple[Path, ...]:
        """The scenarios that it takes."""
        other = self.counterpart
        return (self.scenario,) if other is None else (self.scenario, other.scenario)


class Column(msgspec.Struct, frozen=True):
    """One number read off each run of a scenario, for a row or for what that is held against."""

    row: PlannedRow
    reading: Reading
    is_counterpart: bool = False


class Skipped(msgspec.Struct, frozen=True):
    """A row that cannot be run here, and why."""

    name: str
    title: str
    reason: str


class Change(msgspec.Struct, frozen=True):
    """One judged value changed: settings laid over a scenario, or a latency at a percentage."""

    settings: Settings = ()
    latency: str | None = None
    percent: int = 100


class Try(msgspec.Struct, frozen=True):
    """A judged value and how it is tried; `scenarios` are those in which it exists.

    `source` is why it is judged as it is; None where only its title says so.
    """

    name: str
    title: str
    source: str | None
    low: Change
    high: Change
    scenarios: tuple[Path, ...]


class Plan(msgspec.Struct, frozen=True):
    """A whole comparison. `differences` are by scenario, in the order of rows."""

    name: str
    title: str
    path: Path
    document: Path | None
    variants: Mapping[str, Settings]
    reference: str
    rows: tuple[PlannedRow, ...]
    skipped: tuple[Skipped, ...]
    differences: Mapping[Path, tuple[str, ...]]
    tries: tuple[Try, ...]
    tries_seeds: int

    def rows_of(self, scenario: Path) -> tuple[PlannedRow, ...]:
        """Return the rows that are read off one scenario's runs."""
        return tuple(row for row in self.rows if row.scenario == scenario)

    def columns_of(self, scenario: Path) -> tuple[Column, ...]:
        """Return all that is read off one scenario's runs, its own rows first."""
        own = [Column(row, row.reading) for row in self.rows_of(scenario)]
        others = [
            Column(row, row.counterpart.reading, is_counterpart=True)
            for row in self.rows
            if row.counterpart is not None and row.counterpart.scenario == scenario
        ]
        return (*own, *others)

    @property
    def scenarios(self) -> tuple[Path, ...]:
        """Every scenario once, in the order of rows."""
        return tuple(dict.fromkeys(path for row in self.rows for path in row.scenarios))
