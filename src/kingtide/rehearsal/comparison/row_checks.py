"""A row's measure, held against what its scenario's runs will have."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path as FieldPath
from kingtide.rehearsal.comparison.measuring import FigureReading, Reading, SeriesReading, Span
from kingtide.rehearsal.comparison.model import Measure, Row, Window
from kingtide.rehearsal.comparison.plan import Counterpart, PlannedRow
from kingtide.rehearsal.expectations import Expectation, check_expectation, parse_expectation
from kingtide.rehearsal.figures import catalogue
from kingtide.rehearsal.prepare import Prepared
from kingtide.rehearsal.record import Unit
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.rehearsal.series_titles import described


class PreparedScenario(msgspec.Struct, frozen=True):
    """A scenario in the reference variant, and the series that its runs will have."""

    path: Path
    prepared: Prepared
    series: tuple[str, ...]


def planned_row(
    name: str,
    row: Row,
    ready: PreparedScenario,
    other: PreparedScenario | None,
    seeds: Mapping[str, int],
    reference: str,
    noter: Noter,
) -> PlannedRow | None:
    """Return a row that can be run, None when it has mistakes, which are noted.

    `other` is the scenario that the row is relative to, if any. `seeds` are by variant; `reference`
    is the variant that judges rows that name none.
    """
    at: FieldPath = ("spec", "rows", name)
    found = _reading(row.measure, ready, (*at, "measure"), noter)
    theirs = None if other is None else _reading(row.measure, other, (*at, "measure"), noter)
    judged_in = row.judged_in or reference
    if judged_in not in seeds:
        advice = did_you_mean(judged_in, seeds, what="variants")
        noter.note((*at, "judgedIn"), f"there is no variant {judged_in!r}", advice)
        return None
    if found is None or (other is not None and theirs is None):
        return None
    reading, unit = found
    counterpart = None
    if row.relative_to is not None and other is not None and theirs is not None:
        counterpart = Counterpart(other.path, theirs[0], row.relative_to.told_as)
        unit = "percent" if row.relative_to.told_as == "percent" else unit
    return PlannedRow(
        name=name,
        title=row.title,
        scenario=ready.path,
        reading=reading,
        unit=unit,
        statistic=row.statistic,
        seeds=seeds,
        published=row.published,
        source=row.source,
        resolution=float(row.resolution),
        note=row.note,
        sensitivity=row.sensitivity,
        expectation=_expectation(name, row, unit, at, noter),
        judged_in=judged_in,
        counterpart=counterpart,
    )


def _reading(
    measure: Measure, ready: PreparedScenario, at: FieldPath, noter: Noter
) -> tuple[Reading, Unit] | None:
    if measure.figure is not None:
        units = {spec.name: spec.unit for spec in catalogue(ready.prepared.definition)}
        if measure.figure not in units:
            advice = did_you_mean(measure.figure, units, what="figures")
            noter.note((*at, "figure"), f"there is no figure {measure.figure!r}", advice)
            return None
        return FigureReading(measure.figure), units[measure.figure]
    for field, series in (("series", measure.series), ("shareOf", measure.share_of)):
        if series is not None and series not in ready.series:
            advice = did_you_mean(series, ready.series, what="series")
            noter.note((*at, field), f"there is no series {series!r}", advice)
            return None
    clock = ready.prepared.scenario.clock
    span = _span(measure.window, clock, (*at, "window"), noter)
    left_out = [
        _span(window, clock, (*at, "leaveOut", index), noter)
        for index, window in enumerate(measure.leave_out)
    ]
    assert measure.series is not None  # a measure has either a figure or a series
    if span is None or None in left_out:
        return None
    reading = SeriesReading(
        series=measure.series,
        over=measure.over,
        span=span,
        above=float(measure.above),
        share_of=measure.share_of,
        left_out=tuple(gone for gone in left_out if gone is not None),
    )
    if measure.over == "longest":
        return reading, "seconds"
    return reading, "percent" if measure.share_of else described(measure.series)[1]


def _span(window: Window, clock: ScenarioClock, at: FieldPath, noter: Noter) -> Span | None:
    from_ms, until_ms = clock.start_ms, clock.end_ms
    try:
        if window.begin is not None:
            from_ms = clock.next_ms(window.begin)
    except ValueError as error:
        noter.note_error((*at, "from"), error)
        return None
    try:
        if window.until is not None:
            until_ms = clock.next_ms(window.until)
    except ValueError as error:
        noter.note_error((*at, "until"), error)
        return None
    if not clock.start_ms <= from_ms < until_ms <= clock.end_ms:
        wrong = f"{window.begin or 'the start'} to {window.until or 'the end'} is no part of it"
        noter.note(at, wrong, "write two times within the rehearsal, the earlier first")
        return None
    return Span(from_ms, until_ms)


def _expectation(
    name: str, row: Row, unit: Unit, at: FieldPath, noter: Noter
) -> Expectation | None:
    if row.expect is None:
        return None
    try:
        expectation = parse_expectation(f"{name} {row.expect}")
        check_expectation(expectation, {name: unit})
    except ValueError as error:
        noter.note_error((*at, "expect"), error)
        return None
    return expectation
