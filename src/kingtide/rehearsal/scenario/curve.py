"""An application's demand as points in time and millicores."""

from __future__ import annotations

from decimal import Decimal

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Path
from kingtide.rehearsal.scenario.curve_file import MAX_MILLICORES, read_curve_file
from kingtide.rehearsal.scenario.demand_model import Demand, Formula
from kingtide.rehearsal.scenario.local_time import instant_ms
from kingtide.rehearsal.scenario.notes import Noter
from kingtide.rehearsal.scenario.times import ScenarioClock
from kingtide.twin.definition import DemandPoint
from kingtide.twin.load.formulas import added, constant, daily_wave, ramp, scaled, spike

Points = tuple[DemandPoint, ...]

_MILLION = Decimal(1_000_000)


def read_curve(demand: Demand, path: Path, clock: ScenarioClock, noter: Noter) -> Points:
    """Return a demand's scaled points; `path` is where it stands in the scenario."""
    if demand.csv is not None:
        named_at = noter.place((*path, "csv"))
        try:
            begin_ms = _begin_ms(demand, clock)
        except ValueError as error:
            noter.note_error((*path, "from"), error)
            return ()
        file = noter.folder((*path, "csv")) / demand.csv
        try:
            # The file is scaled while it is read, so that the scale may stand for another unit.
            return read_curve_file(file, demand, begin_ms, clock, named_at)
        except Mistakes as error:
            noter.findings.extend(error.all)
            return ()
    if demand.points is not None:
        points = _written_points(demand.points, (*path, "points"), clock, noter)
    else:
        assert demand.formula is not None  # exactly one form is written
        points = _formula_points(demand.formula, (*path, "formula"), clock, noter)
    if demand.scale != 1:
        points = scaled(points, int(demand.scale * _MILLION))
    if max((point.millicores for point in points), default=0) > MAX_MILLICORES:
        noter.note(path, "makes more than a million cores", "write less, or a smaller scale")
        return ()
    return points


def _begin_ms(demand: Demand, clock: ScenarioClock) -> int | None:
    if demand.begin is None:
        return None
    return instant_ms(demand.begin, demand.time_zone or clock.timezone)


def _written_points(
    written: tuple[tuple[str, int], ...], path: Path, clock: ScenarioClock, noter: Noter
) -> Points:
    if not written:
        noter.note(path, "holds no points", "write for example [[20:40, 163], [20:52, 327]]")
        return ()
    points: list[DemandPoint] = []
    near_ms = clock.start_ms
    above = ""
    for index, (text, millicores) in enumerate(written):
        try:
            at_ms = clock.nearest_ms(text, near_ms)
        except ValueError as error:
            noter.note_error((*path, index, 0), error)
            continue
        if points and at_ms < points[-1].at_ms:
            wrong = f"{text} is before {above}, the point above it"
            noter.note((*path, index, 0), wrong, "sort the points by time")
            continue
        points.append(DemandPoint(at_ms, millicores))
        near_ms, above = at_ms, text
    return tuple(points)


def _formula_points(formula: Formula, path: Path, clock: ScenarioClock, noter: Noter) -> Points:
    end = formula.base if formula.end is None else formula.end
    curves = [ramp(clock.start_ms, clock.end_ms, formula.base, end)]
    if formula.end is None:
        curves = [constant(formula.base)]
    if formula.daily is not None:
        daily = formula.daily
        if daily.low > daily.high:
            noter.note((*path, "daily", "low"), "low is above high", "swap them")
        begin_ms = clock.start_ms - clock.warm_up_ms
        try:
            highest_ms = clock.next_ms(daily.highest)
        except ValueError as error:
            noter.note_error((*path, "daily", "highest"), error)
        else:
            wave = daily_wave(begin_ms, clock.end_ms, daily.low, daily.high, highest_ms)
            curves.append(wave)
    for index, peak in enumerate(formula.peaks):
        try:
            at_ms = clock.next_ms(peak.at)
        except ValueError as error:
            noter.note_error((*path, "peaks", index, "at"), error)
            continue
        curves.append(spike(at_ms, peak.rise, peak.hold, peak.fall, peak.height))
    return curves[0] if len(curves) == 1 else added(*curves)
