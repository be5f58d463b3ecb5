"""Curves that scenario authors write as a formula, compiled to points.

Formulas can be summed: `added(daily_wave(...), spike(...))` is an evening with a peak. Times are
milliseconds since the Unix epoch, amounts millicores.
"""

from __future__ import annotations

from kingtide.twin.definition import DemandPoint
from kingtide.twin.load.curves import DemandCurve

Points = tuple[DemandPoint, ...]

DAY_MS = 86_400_000

# sin of 0, 3.75, ... 90 degrees in millionths: a table, because libms differ in the last digits.
# 96 points a day are one each quarter of an hour; the chord is within 0.06 % of the arc.
_SINE_MILLIONTHS = (
    0, 65_403, 130_526, 195_090, 258_819, 321_439, 382_683, 442_289, 500_000, 555_570, 608_761,
    659_346, 707_107, 751_840, 793_353, 831_470, 866_025, 896_873, 923_880, 946_930, 965_926,
    980_785, 991_445, 997_859, 1_000_000,
)  # fmt: skip
_QUARTER = len(_SINE_MILLIONTHS) - 1


def constant(millicores: int) -> Points:
    """Return the same demand at all times."""
    return (DemandPoint(0, millicores),)


def ramp(from_ms: int, until_ms: int, from_millicores: int, to_millicores: int) -> Points:
    """Return a straight line between two times, constant before and after."""
    return (DemandPoint(from_ms, from_millicores), DemandPoint(until_ms, to_millicores))


def spike(at_ms: int, rise_ms: int, hold_ms: int, fall_ms: int, millicores: int) -> Points:
    """Return a rise from nothing that starts at a time, stays up, and falls back to nothing."""
    top_ms, end_ms = at_ms + rise_ms, at_ms + rise_ms + hold_ms
    return (
        DemandPoint(at_ms, 0),
        DemandPoint(top_ms, millicores),
        DemandPoint(end_ms, millicores),
        DemandPoint(end_ms + fall_ms, 0),
    )


def daily_wave(
    from_ms: int, until_ms: int, low_millicores: int, high_millicores: int, highest_ms: int
) -> Points:
    """Return a sine of one day between two amounts that is highest at a time, each quarter hour."""
    step_ms = DAY_MS // (4 * _QUARTER)
    span = high_millicores - low_millicores
    first = (from_ms - highest_ms) // step_ms
    last = -((highest_ms - until_ms) // step_ms)
    return tuple(
        DemandPoint(
            highest_ms + step * step_ms,
            low_millicores + span * (1_000_000 + _cosine_millionths(step)) // 2_000_000,
        )
        for step in range(first, last + 1)
    )


def scaled(points: Points, parts_per_million: int) -> Points:
    """Return a curve with every amount times so many millionths, rounded down."""
    return tuple(
        DemandPoint(p.at_ms, p.millicores * parts_per_million // 1_000_000) for p in points
    )


def shifted(points: Points, by_ms: int) -> Points:
    """Return a curve that comes later by some time."""
    return tuple(DemandPoint(p.at_ms + by_ms, p.millicores) for p in points)


def added(*curves: Points) -> Points:
    """Return the sum of curves, with a point wherever one of them has one.

    Jumps (two points of one time) are kept.
    """
    lines = [DemandCurve(points) for points in curves]
    result: list[DemandPoint] = []
    for at_ms in sorted({point.at_ms for points in curves for point in points}):
        before = sum(line.millicores_before(at_ms) for line in lines)
        after = sum(line.millicores_at(at_ms) for line in lines)
        if before != after:
            result.append(DemandPoint(at_ms, before))
        result.append(DemandPoint(at_ms, after))
    return tuple(result)


def _cosine_millionths(step: int) -> int:
    quarter, rest = divmod(step % (4 * _QUARTER), _QUARTER)
    falling, rising = _SINE_MILLIONTHS[_QUARTER - rest], _SINE_MILLIONTHS[rest]
    return (falling, -rising, -falling, rising)[quarter]
