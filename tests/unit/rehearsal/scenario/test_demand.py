"""Demand curves of scenarios: CSV files, points, formulas, scale."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from tests.small_rehearsal import SCENARIO, with_lines
from tests.unit.rehearsal.scenario.reading import mistakes, read


def test_a_bad_csv_is_told_with_line_and_column(tmp_path: Path) -> None:
    demand = "time,cores\n20:00,4\n20:10,x\n25:00,3\n20:20,-1\n20:05,2\n20:30,NaN\n"
    assert mistakes(tmp_path, demand=demand) == [
        "demand.csv:3:7: cores: 'x' is not a number; write cores, as 163.5",
        (
            "demand.csv:4:1: '25:00' is not a time; write for example 20:52, 20:52:15 or"
            " 2020-10-07 20:52"
        ),
        "demand.csv:5:7: cores: -1 is negative; write 0 or more",
        "demand.csv:6:1: 20:05 is before 20:20 in line 5; sort the lines by time",
        "demand.csv:7:7: cores: 'NaN' is not a number; write cores, as 163.5",
    ]


def test_a_csv_of_another_day_is_replayed_from_a_time_of_its_own(tmp_path: Path) -> None:
    demand = "time,cores\n1998-06-30 18:59:00,1\n1998-06-30 19:00:00,2\n1998-06-30 21:00:00,4\n"
    setting = 'applications.web.demand.from="1998-06-30 19:00"'
    scenario = read(tmp_path, setting, "applications.web.demand.timeZone=UTC", demand=demand)
    points = scenario.demands["web"]
    start_ms = scenario.clock.start_ms
    assert [(p.at_ms - start_ms, p.millicores) for p in points] == [
        (-60_000, 1000),
        (0, 2000),
        (7_200_000, 4000),
    ]


def test_a_csv_without_values_in_the_rehearsals_time_is_a_mistake(tmp_path: Path) -> None:
    demand = "time,cores\n1998-06-30 19:00:00,2\n"
    (found,) = mistakes(tmp_path, demand=demand)
    assert "has no values within the rehearsal's time" in found


def test_times_of_a_csv_pass_midnight(tmp_path: Path) -> None:
    demand = "time,cores\n23:50,1\n00:10,2\n"
    scenario = with_lines(
        SCENARIO, ("2020-10-07 20:00", "2020-10-07 23:55"), ("20:15", "00:01"), ("20:18", "00:02")
    )
    points = read(tmp_path, scenario=scenario, demand=demand).demands["web"]
    assert points[1].at_ms - points[0].at_ms == 20 * 60_000


def test_demand_is_scaled_exactly(tmp_path: Path) -> None:
    scenario = read(tmp_path, "applications.web.demand.scale=103%")
    assert [p.millicores for p in scenario.demands["web"]] == [4120, 20_600, 6180]
    demand = scenario.spec.applications["web"].demand
    assert demand is not None
    assert demand.scale == Decimal("1.03")


def test_a_formula_adds_its_parts_up(tmp_path: Path) -> None:
    formula = (
        "applications.web.demand={formula: {base: 10, end: 20, peaks: [{at: '20:10', height: 5,"
        " rise: 1m, hold: 1m, fall: 1m}]}}"
    )
    scenario = read(tmp_path, formula)
    start_ms = scenario.clock.start_ms
    assert [((p.at_ms - start_ms) // 60_000, p.millicores) for p in scenario.demands["web"]] == [
        (0, 10_000),
        (10, 15_000),
        (11, 20_500),
        (12, 21_000),
        (13, 16_500),
        (20, 20_000),
    ]


def test_written_points_may_begin_before_the_start(tmp_path: Path) -> None:
    scenario = read(tmp_path, "applications.web.demand={points: [['19:55', 1], ['20:05', 3]]}")
    start_ms = scenario.clock.start_ms
    assert [p.at_ms - start_ms for p in scenario.demands["web"]] == [-300_000, 300_000]


@pytest.mark.parametrize(
    ("points", "told"),
    [
        pytest.param("['20:00', 3], ['20:99', 4]", ["'20:99' is not a time"], id="no time"),
        pytest.param("['20:00', 3], ['20:05', x]", ["'x' is not a quantity"], id="no cores"),
        pytest.param(
            "['20:99', x]", ["'20:99' is not a time", "'x' is not a quantity"], id="neither"
        ),
    ],
)
def test_a_mistake_in_a_point_is_told_once(tmp_path: Path, points: str, told: list[str]) -> None:
    with pytest.raises(Mistakes) as raised:
        read(tmp_path, f"applications.web.demand={{points: [{points}]}}")
    assert [it.wrong for it in raised.value.all] == told
