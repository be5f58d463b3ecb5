"""Demand curves and the formulas that make them."""

from __future__ import annotations

import pytest

from kingtide.twin.definition import DemandPoint
from kingtide.twin.load.curves import CurveOutOfOrder, DemandCurve
from kingtide.twin.load.formulas import (
    DAY_MS,
    added,
    constant,
    daily_wave,
    ramp,
    scaled,
    shifted,
    spike,
)

EVENING = DemandCurve(
    (
        DemandPoint(1_000, 100),
        DemandPoint(2_000, 200),
        DemandPoint(2_000, 500),
        DemandPoint(5_000, 200),
    )
)


@pytest.mark.parametrize(
    ("now_ms", "millicores"),
    [
        pytest.param(0, 100, id="before the first point"),
        pytest.param(1_000, 100, id="at the first point"),
        pytest.param(1_555, 155, id="on the way up, rounded to the earlier point"),
        pytest.param(1_999, 199, id="just before a jump"),
        pytest.param(2_000, 500, id="from a jump on"),
        pytest.param(3_500, 350, id="half of the way down"),
        pytest.param(4_999, 201, id="on the way down, rounded to the earlier point"),
        pytest.param(5_000, 200, id="at the last point"),
        pytest.param(9_000, 200, id="after the last point"),
    ],
)
def test_demand_is_linear_between_points(now_ms: int, millicores: int) -> None:
    assert EVENING.millicores_at(now_ms) == millicores


def test_just_before_a_jump_the_earlier_amount_holds() -> None:
    assert EVENING.millicores_before(2_000) == 200
    assert EVENING.millicores_before(3_500) == EVENING.millicores_at(3_500)


def test_no_points_are_no_demand() -> None:
    assert DemandCurve(()).millicores_at(5) == 0


def test_points_that_go_back_in_time_are_refused() -> None:
    with pytest.raises(CurveOutOfOrder, match="1000 ms follows one at 2000 ms"):
        DemandCurve((DemandPoint(2_000, 1), DemandPoint(1_000, 1)))


def at(points: tuple[DemandPoint, ...], *times_ms: int) -> list[int]:
    curve = DemandCurve(points)
    return [curve.millicores_at(time_ms) for time_ms in times_ms]


def test_a_constant_is_the_same_at_all_times() -> None:
    assert at(constant(7), 0, 10**13) == [7, 7]


def test_a_ramp_is_a_line_between_two_constants() -> None:
    assert at(ramp(100, 200, 10, 20), 0, 100, 150, 200, 300) == [10, 10, 15, 20, 20]


def test_a_spike_rises_holds_and_falls() -> None:
    peak = spike(at_ms=100, rise_ms=10, hold_ms=50, fall_ms=20, millicores=40)
    assert at(peak, 0, 100, 105, 110, 160, 170, 180, 999) == [0, 0, 20, 40, 40, 20, 0, 0]


def test_a_daily_wave_is_highest_at_its_time_and_lowest_half_a_day_away() -> None:
    noon = 10 * DAY_MS
    wave = daily_wave(noon - DAY_MS, noon + DAY_MS, 100, 500, noon)
    times = (noon, noon + DAY_MS // 4, noon + DAY_MS // 2, noon - DAY_MS // 4, noon - DAY_MS)
    assert at(wave, *times) == [500, 300, 100, 300, 500]
    assert all(100 <= point.millicores <= 500 for point in wave)


def test_a_daily_wave_covers_the_time_asked_for() -> None:
    noon = 10 * DAY_MS
    wave = daily_wave(noon + 1, noon + 7_200_001, 0, 1_000, noon)
    assert wave[0].at_ms <= noon + 1
    assert wave[-1].at_ms >= noon + 7_200_001
    assert wave[0].at_ms == noon
    assert len(wave) == 10


def test_a_daily_wave_is_the_same_on_the_way_up_and_down() -> None:
    noon = 10 * DAY_MS
    wave = daily_wave(noon - DAY_MS // 2, noon + DAY_MS // 2, 0, 1_000_000, noon)
    amounts = [point.millicores for point in wave]
    assert amounts == amounts[::-1]
    assert amounts[:49] == sorted(amounts[:49])


def test_curves_add_up_at_every_point_of_each() -> None:
    total = added(ramp(0, 100, 0, 100), spike(50, 10, 10, 10, 1_000))
    assert at(total, 0, 50, 55, 60, 70, 80, 100, 200) == [0, 50, 555, 1060, 1070, 80, 100, 100]


def test_a_jump_survives_adding() -> None:
    jump = (DemandPoint(0, 0), DemandPoint(50, 0), DemandPoint(50, 10))
    assert at(added(jump, constant(1)), 49, 50, 51) == [1, 11, 11]


def test_a_curve_can_be_scaled_and_shifted() -> None:
    line = ramp(100, 200, 1_000, 2_000)
    assert scaled(line, 1_030_000) == ramp(100, 200, 1_030, 2_060)
    assert shifted(line, -50) == ramp(50, 150, 1_000, 2_000)
