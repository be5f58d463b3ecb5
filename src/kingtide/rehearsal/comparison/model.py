"""`kind: Comparison`, as a user writes it: rows, variants, and what is judged and not known."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from kingtide.fleet.documents.written import Written
from kingtide.fleet.fields import Name, PositiveCount, Switch, duration_ms
from kingtide.fleet.models.metadata import Metadata
from kingtide.rehearsal.scenario.local_time import LocalTime

Over = Literal["max", "min", "mean", "first", "last", "longest"]
Statistic = Literal["p10", "p50", "p90"]
Change = Literal["percent", "difference"]


def amount(value: object) -> Decimal:
    """Return a number as it is written, and a duration (`4m`, `45s`) in seconds.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, str):
        return Decimal(duration_ms(value)) / 1000
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{value!r} is not an amount; write for example 357, 0.4 or 45s")
    return Decimal(value)


Amount = Annotated[
    Decimal,
    BeforeValidator(amount),
    WithJsonSchema({"type": ["number", "string"], "examples": [357, 0.4, "45s"]}),
]


class Window(Written):
    """A stretch of the evening."""

    begin: LocalTime | None = Field(default=None, alias="from")
    """When it begins; None for the start of the rehearsal."""
    until: LocalTime | None = None
    """When it ends; None for the end of the rehearsal."""


class Measure(Written):
    """What is read off a run: one of its figures, or something of one of its series."""

    figure: str | None = None
    """A figure of the summary, as in `expect:`."""
    series: str | None = None
    """A series of the record (`app.api.unavailable`), instead of a figure."""
    over: Over = "max"
    """How a series becomes one number; `longest` is the longest unbroken time above `above`, in
    seconds."""
    above: Amount = Decimal(0)
    """The bound of `longest`."""
    share_of: str | None = None
    """Another series of which each value is taken as a percentage."""
    window: Window = Window()
    """The part of the evening that counts."""
    leave_out: tuple[Window, ...] = ()
    """Parts of the window that do not."""

    @model_validator(mode="after")
    def _is_one(self) -> Measure:
        if (self.figure is None) == (self.series is None):
            raise ValueError("needs either figure or series; write one of them")
        own = self.model_fields_set - {"figure"}
        if self.figure is not None and own:
            raise ValueError("has settings that only a series takes; write only `figure:`")
        return self


class Published(Written):
    """A figure as somebody published it, in the unit of what it is compared with."""

    value: Amount | None = None
    """A number; or write `from` and `to`, or `atMost`."""
    low: Amount | None = Field(default=None, alias="from")
    """The lower end of a range."""
    high: Amount | None = Field(default=None, alias="to")
    """The upper end of a range."""
    at_most: Amount | None = None
    """An upper bound."""
    tolerance: Amount = Decimal(0)
    """How far off the published number may be itself, in its unit: its reading error, its
    rounding."""
    told: str | None = None
    """How tables show it; None for the number with its unit."""

    @model_validator(mode="after")
    def _is_one(self) -> Published:
        ranged = (self.low is not None, self.high is not None)
        if ranged[0] != ranged[1]:
            raise ValueError("has one end of a range; write both `from` and `to`")
        if (self.value is not None) + ranged[0] + (self.at_most is not None) != 1:
            raise ValueError("needs one of value, from and to, atMost")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("from is above to; swap them")
        return self


class RelativeTo(Written):
    """Another scenario of which the same is measured, seed by seed, to be told as a change."""

    scenario: str
    """The other scenario's file, next to this one."""
    told_as: Change = Field(default="percent", alias="as")
    """`percent`: how much more (below 0: less) than there, which does not arise where there it is
    0. `difference`: in the measure's own unit."""


class Row(Written):
    """One line of the table."""

    title: str
    """What is compared, in a few words."""
    scenario: str
    """The scenario's file, next to this one."""
    measure: Measure
    """What is read off its runs."""
    relative_to: RelativeTo | None = None
    """What the measure is held against in each run; None for the measure itself. Such a row needs
    `sensitivity: false`."""
    statistic: Statistic = "p50"
    """Which of the runs' values stands against the published one: the p50 is the smallest that half
    of the runs do not exceed."""
    seeds: PositiveCount | None = None
    """Runs of the reference variant, each with another seed; None for the comparison's."""
    variant_seeds: PositiveCount | None = None
    """Runs of each other variant; None for the comparison's."""
    published: Published | None = None
    """What it is held against; None where nothing was published."""
    source: str | None = None
    """Where that stands, and what it says, in own words."""
    resolution: Amount = Decimal(0)
    """The smallest difference of this figure that means something."""
    note: str | None = None
    """What a reader must know."""
    needs: tuple[str, ...] = ()
    """Files that are not part of the repository; where one is absent the row is skipped and
    counted."""
    sensitivity: Switch = True
    """Whether judged values are varied for this row."""
    expect: str | None = None
    """What the statistic must come out as, for example `<= 4m`."""
    judged_in: Name | None = None
    """The variant that is held against `published` and `expect`; None for the reference."""

    @model_validator(mode="after")
    def _is_not_tried_when_relative(self) -> Row:
        if self.relative_to is not None and self.sensitivity:
            raise ValueError("is relative and cannot be tried; write `sensitivity: false`")
        return self


class Judgement(Written):
    """A value of scenarios that is judged and not known, tried lower and higher."""

    title: str
    """What is judged."""
    low: tuple[str, ...]
    """Settings `path=value` for the lower try."""
    high: tuple[str, ...]
    """Settings for the higher try."""


class Sensitivity(Written):
    """What judged values do to the figures: each latency with `assumed: true` at half and twice."""

    seeds: PositiveCount = 3
    """Runs for every try: few, because there are many tries and each is compared with the same
    seeds."""
    judgements: dict[Name, Judgement] = {}
    """Further judged values, by name."""


class ComparisonSpec(Written):
    """Rows, each rehearsed in every variant. Files are relative to the file that names them."""

    title: str
    """What is compared with what."""
    base: str
    """The scenario that all of them extend; differences are listed against it."""
    document: str | None = None
    """A Markdown file that takes the tables between its markers; None for none."""
    seeds: PositiveCount = 20
    """Runs of every row in the reference variant: seeds 1, 2, 3 and so on."""
    variant_seeds: PositiveCount | None = None
    """Runs of every row in each other variant; None for as many."""
    variants: dict[Name, tuple[str, ...]]
    """Settings `path=value` by variant, as after `--set`; none for the scenario as it is."""
    reference: Name
    """The variant that is what was published."""
    rows: dict[Name, Row]
    """Rows by name."""
    sensitivity: Sensitivity | None = None
    """What judged values do; None leaves it out."""


class Comparison(Written):
    """A comparison."""

    api_version: Literal["fleet.kingtide.dev/v1alpha1"]
    kind: Literal["Comparison"]
    metadata: Metadata
    spec: ComparisonSpec
