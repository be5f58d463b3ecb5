"""The demands of all applications at one instant."""

from __future__ import annotations

import pytest

from kingtide.twin.definition import DemandPoint, Outage
from kingtide.twin.load.curves import DemandCurve
from kingtide.twin.load.demands import Demands

Points = tuple[tuple[int, int], ...]


def demands(*curves: Points, cuts: tuple[tuple[Outage, ...], ...] = ()) -> Demands:
    made = [DemandCurve([DemandPoint(at, amount) for at, amount in points]) for points in curves]
    return Demands(made, cuts or ((),) * len(made))


RISE: Points = ((100, 0), (200, 1_000), (300, 1_000), (300, 50))


@pytest.mark.parametrize(
    ("now_ms", "millicores"),
    [(0, 0), (100, 0), (150, 500), (155, 550), (200, 1_000), (299, 1_000), (300, 50), (900, 50)],
)
def test_a_demand_is_that_of_its_curve_however_time_gets_there(
    now_ms: int, millicores: int
) -> None:
    stepping = demands(RISE, ((0, 7),))
    for before_ms in range(0, now_ms, 10):
        stepping.at(before_ms)
    assert stepping.at(now_ms).tolist() == [millicores, 7]
    assert demands(RISE, ((0, 7),)).at(now_ms).tolist() == [millicores, 7]


def test_without_applications_nothing_is_demanded() -> None:
    assert demands().at(5).tolist() == []


def test_an_outage_in_front_cuts_the_demand_off_while_it_lasts() -> None:
    cuts = ((Outage(140, 160), Outage(150, 170)),)
    cut = demands(RISE, cuts=cuts)
    assert [int(cut.at(now_ms)[0]) for now_ms in (139, 140, 159, 160, 169, 170)] == [
        390, 0, 0, 0, 0, 700,
    ]  # fmt: skip


def test_a_demand_that_stands_still_is_the_same_array() -> None:
    still = demands(((0, 5), (100, 5)), ((50, 9), (60, 9)))
    first = still.at(0)
    assert all(still.at(now_ms) is first for now_ms in range(0, 200, 7))


def test_lines_are_drawn_once_an_edge_not_once_a_look() -> None:
    looked_at = demands(RISE, RISE)
    for now_ms in range(1_000):
        looked_at.at(now_ms)
    # Before the first point, and from each of the other three times on.
    assert looked_at.lines_drawn == 2 * 4


def test_time_may_go_back() -> None:
    there = demands(RISE)
    assert [int(there.at(now_ms)[0]) for now_ms in (250, 150, 300, 0)] == [1_000, 500, 50, 0]


def test_a_line_too_long_for_64_bits_is_still_exact() -> None:
    long = ((0, 0), (10**11, 10**9))
    at_ms = 77_777_777_777
    assert demands(long).at(at_ms).tolist() == [10**9 * at_ms // 10**11]
    follow = demands(long)
    assert [int(follow.at(at_ms + n)[0]) for n in (0, 1, 100)] == [
        10**9 * (at_ms + n) // 10**11 for n in (0, 1, 100)
    ]


def test_what_was_told_stays_as_it_was_told() -> None:
    there = demands(RISE, ((0, 7),))
    told = [(now_ms, there.at(now_ms)) for now_ms in range(0, 400, 10)]
    assert [found.tolist() for _, found in told] == [
        demands(RISE, ((0, 7),)).at(now_ms).tolist() for now_ms, _ in told
    ]
