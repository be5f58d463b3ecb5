"""How much CPU an application's traffic asks for: from a CSV file, points or a formula."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import DurationMs, Factor, Millicores
from kingtide.rehearsal.scenario.local_time import LocalDateTime, LocalTime, Timezone


class Peak(Written):
    """A rise and fall on top of the base."""

    at: LocalTime
    """When the rise begins."""
    height: Millicores
    """Cores added at its top."""
    rise: DurationMs = 60_000
    """From the base to the top."""
    hold: DurationMs = 0
    """Time at the top."""
    fall: DurationMs = 300_000
    """From the top back to the base."""


class Daily(Written):
    """A wave that repeats each day, a sine between two amounts."""

    low: Millicores
    """Cores at its lowest."""
    high: Millicores
    """Cores at its highest."""
    highest: LocalTime
    """When it is highest."""


class Formula(Written):
    """A base line, a daily wave and peaks, added up."""

    base: Millicores = 0
    """Cores at the start."""
    end: Millicores | None = None
    """Cores at the end, on a straight line from `base`; None keeps the base."""
    daily: Daily | None = None
    """A daily wave on top of the base."""
    peaks: tuple[Peak, ...] = ()
    """Peaks; where they overlap they add up."""


class Demand(Written):
    """Exactly one of `csv`, `points` and `formula`."""

    csv: str | None = None
    """A CSV file, next to the scenario's file, also gzipped. Its first line names the columns;
    values between two lines lie on a straight line."""
    time_column: str = "time"
    """The column of local times: of day (`20:52:15`), or with a date."""
    time_zone: Timezone | None = None
    """The zone of the file's times; None for the scenario's."""
    column: str | None = None
    """The column of values, in cores once multiplied by `scale`; None for the only other one."""
    begin: LocalDateTime | None = Field(default=None, alias="from")
    """The file's time that stands at the rehearsal's start, to replay another day; None keeps the
    file's times."""
    points: tuple[tuple[LocalTime, Millicores], ...] | None = None
    """Points `[time, cores]`, with straight lines between them."""
    formula: Formula | None = None
    """A base line with peaks."""
    scale: Factor = Decimal(1)
    """Every value is multiplied by this; anything but 1 is told in the report."""

    @model_validator(mode="after")
    def _has_one_form(self) -> Demand:
        forms = [self.csv is not None, self.points is not None, self.formula is not None]
        if sum(forms) != 1:
            found = "none" if not any(forms) else "several"
            raise ValueError(f"has {found} of csv, points and formula; write exactly one of them")
        return self
