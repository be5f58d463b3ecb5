"""Read one number off a run: a figure of its summary, or something of one of its series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kingtide.rehearsal.comparison.model import Over
from kingtide.rehearsal.record import RunRecord


class Span(msgspec.Struct, frozen=True):
    """From one instant to another, both included; Unix milliseconds."""

    from_ms: int
    until_ms: int

    def holds(self, at_ms: int) -> bool:
        """Return whether an instant lies in it."""
        return self.from_ms <= at_ms <= self.until_ms


class FigureReading(msgspec.Struct, frozen=True, tag=True):
    """A figure of the summary."""

    figure: str


class SeriesReading(msgspec.Struct, frozen=True, tag=True):
    """One number of a series within a span; `above` is in the series' unit."""

    series: str
    over: Over
    span: Span
    above: float = 0.0
    share_of: str | None = None
    left_out: tuple[Span, ...] = ()


Reading = FigureReading | SeriesReading


def read_off(record: RunRecord, reading: Reading) -> float | None:
    """Return what a reading says of a run, None when it did not arise."""
    if isinstance(reading, FigureReading):
        return record.figures[reading.figure].value
    points = list(_points(record, reading))
    return None if not points else round(_reduced(points, reading), 3)


def _points(record: RunRecord, reading: SeriesReading) -> Iterable[tuple[int, float]]:
    """Return the series' points that count."""
    values = record.series[reading.series].values
    whole = None if reading.share_of is None else record.series[reading.share_of].values
    for index, at_ms in enumerate(record.times_ms):
        if not reading.span.holds(at_ms) or any(gone.holds(at_ms) for gone in reading.left_out):
            continue
        if whole is None:
            yield at_ms, values[index]
        elif whole[index]:
            yield at_ms, 100 * values[index] / whole[index]


def _reduced(points: Sequence[tuple[int, float]], reading: SeriesReading) -> float:
    values = [value for _, value in points]
    match reading.over:
        case "max":
            return max(values)
        case "min":
            return min(values)
        case "first":
            return values[0]
        case "last":
            return values[-1]
        case "mean":
            return sum(values) / len(values)
        case "longest":
            return _longest_ms(points, reading.above) / 1000


def _longest_ms(points: Sequence[tuple[int, float]], above: float) -> int:
    """Return the longest unbroken time above a bound; a step counts from its start to the next."""
    longest = 0
    since_ms: int | None = None
    for at_ms, value in points:
        if since_ms is not None:
            longest = max(longest, at_ms - since_ms)
        started_ms = at_ms if since_ms is None else since_ms
        since_ms = started_ms if value > above else None
    return longest
