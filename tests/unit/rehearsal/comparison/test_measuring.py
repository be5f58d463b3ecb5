from __future__ import annotations

import msgspec
import pytest

from kingtide.rehearsal.comparison.measuring import FigureReading, SeriesReading, Span, read_off
from kingtide.rehearsal.comparison.model import Over
from kingtide.rehearsal.record import Figure, RunRecord, Series

STEP_MS = 5_000


def record(values: list[float], whole: list[float] | None = None) -> RunRecord:
    series = {"part": Series("part", "cores", tuple(values))}
    if whole is not None:
        series["whole"] = Series("whole", "cores", tuple(whole))
    return RunRecord(
        name="small",
        cluster="prod",
        seed=1,
        timezone="UTC",
        start_ms=0,
        end_ms=STEP_MS * (len(values) - 1),
        reached_ms=STEP_MS * (len(values) - 1),
        partial=False,
        step_seconds=5,
        trace_hash="",
        versions={},
        times_ms=tuple(STEP_MS * i for i in range(len(values))),
        series=series,
        figures={"waited": Figure(12.5, "seconds", "w"), "never": Figure(None, "seconds", "n")},
        events=(),
        decisions=(),
    )


def reading(over: Over, until: int, *, above: float = 0, since: int = 0) -> SeriesReading:
    return SeriesReading("part", over, Span(since * STEP_MS, until * STEP_MS), above)


def test_a_figure_is_read_as_it_stands() -> None:
    assert read_off(record([0]), FigureReading("waited")) == 12.5
    assert read_off(record([0]), FigureReading("never")) is None


@pytest.mark.parametrize(
    ("over", "expected"),
    [("max", 9), ("min", 1), ("mean", 4.25), ("first", 3), ("last", 4)],
)
def test_a_series_becomes_one_number(over: Over, expected: float) -> None:
    assert read_off(record([3, 9, 1, 4]), reading(over, 3)) == expected


def test_only_the_window_counts() -> None:
    assert read_off(record([9, 1, 2, 9]), reading("max", 2, since=1)) == 2


def test_what_is_left_out_does_not_count() -> None:
    left_out = msgspec.structs.replace(
        reading("max", 3), left_out=(Span(STEP_MS, STEP_MS), Span(3 * STEP_MS, 3 * STEP_MS))
    )
    assert read_off(record([1, 9, 2, 9]), left_out) == 2
    all_of_it = msgspec.structs.replace(left_out, left_out=(Span(0, 3 * STEP_MS),))
    assert read_off(record([1, 9, 2, 9]), all_of_it) is None


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        pytest.param([0, 0, 0, 0], 0, id="never above"),
        pytest.param([0, 7, 0, 0], 5, id="one step lasts until the next"),
        pytest.param([7, 7, 0, 7], 10, id="the longest of two"),
        pytest.param([0, 7, 7, 7], 10, id="no longer than the record"),
        pytest.param([0, 2, 2, 2], 0, id="at the bound is not above it"),
    ],
)
def test_the_longest_time_above_a_bound_is_unbroken(values: list[float], seconds: int) -> None:
    assert read_off(record(values), reading("longest", 3, above=2)) == seconds


def test_a_share_leaves_out_where_there_is_no_whole() -> None:
    share = msgspec.structs.replace(reading("mean", 2), share_of="whole")
    assert read_off(record([1, 5, 3], [4, 0, 4]), share) == 50
