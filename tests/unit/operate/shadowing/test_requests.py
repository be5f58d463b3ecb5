"""Who asks for nodes first: truth tables over what ours want and what the other asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from kingtide.operate.shadowing.scoring import course
from kingtide.operate.shadowing.scoring.board import OPEN_MAX, Board
from kingtide.operate.shadowing.scoring.requests import NOT_WANTED_MS
from kingtide.operate.shadowing.scoring.sighting import SeenGroup, Sighting
from kingtide.operate.shadowing.scoring.wishes import SCALER, Wishes

HOUR_PRICE = 3_600_000
"""A micro-USD a millisecond: dollars can be read off times."""
SPOT = SeenGroup("spot", "workers", "spot", 2, HOUR_PRICE)
OTHER_SPOT = SeenGroup("spot-8x", "workers", "spot", 0, HOUR_PRICE)
ON_DEMAND = SeenGroup("on-demand", "workers", "on-demand", 0, HOUR_PRICE)
INGRESS = SeenGroup("ingress", "ingress", "spot", 1, HOUR_PRICE)
GROUPS = {it.name: it for it in (SPOT, OTHER_SPOT, ON_DEMAND, INGRESS)}


class At(NamedTuple):
    """One look: what ours want then, and to what the other has raised groups."""

    second: int
    want: Mapping[str, int] = {}
    desired: Mapping[str, int] = {}
    pods: Mapping[str, int] = {}


def played(*looks: At, board: Board | None = None) -> Board:
    board = board or Board("prod", "UTC", 0, 0)
    before: Sighting | None = None
    sizes = {name: it.desired for name, it in GROUPS.items()}
    for it in looks:
        sizes |= it.desired
        groups = {name: replace(GROUPS[name], desired=size) for name, size in sizes.items()}
        sighting = Sighting(1000 * it.second, groups)
        board = course.seen(board, before, sighting)
        board = course.decided(board, [Wishes(SCALER, it.want, it.pods)], sighting)
        before = sighting
    return board


START = At(0)
TABLE = {
    "ours first, same group": (
        [START, At(10, {"spot": 2}), At(20, {"spot": 2}), At(30, {"spot": 2}, {"spot": 4})],
        [("both", "spot", 2, 20_000)],
    ),
    "the other first, ours agree without its raise": (
        [START, At(10, {}, {"spot": 3}), At(14, {"spot": 1})],
        [("both", "spot", 1, -4_000)],
    ),
    "the other alone: ours had a scan's time and did not want it": (
        [START, At(10, {}, {"spot": 3}), At(15), At(20)],
        [("theirs_alone", "spot", 1, None)],
    ),
    "another group of the same demand": (
        [START, At(10, {"spot": 1}), At(25, {"spot": 1}, {"spot-8x": 1})],
        [("both", "spot", 1, 15_000)],
    ),
    "a group of another demand is no match": (
        [START, At(10, {"spot": 1}), At(20, {"spot": 1}, {"ingress": 2}), At(30, {"spot": 1})],
        [("theirs_alone", "ingress", 1, None)],
    ),
    "the same group is matched before an older wish for another one": (
        [
            START,
            At(10, {"spot": 1}),
            At(20, {"spot": 1, "spot-8x": 1}),
            At(30, {"spot": 1, "spot-8x": 1}, {"spot-8x": 1}),
        ],
        [("both", "spot-8x", 1, 10_000)],
    ),
    "ours go on to another group and keep their time": (
        [START, At(10, {"spot": 1}), At(20, {"on-demand": 1}), At(30, {}, {"on-demand": 1})],
        [("both", "on-demand", 1, 20_000)],
    ),
    "the other asks for a part": (
        [START, At(10, {"spot": 3}), At(20, {"spot": 3}, {"spot": 4}), At(30, {"spot": 1})],
        [("both", "spot", 2, 10_000)],
    ),
    "ours want more later: two beginnings": (
        [START, At(10, {"spot": 1}), At(20, {"spot": 2}), At(30, {"spot": 2}, {"spot": 4})],
        [("both", "spot", 1, 20_000), ("both", "spot", 1, 10_000)],
    ),
    "a wish that pauses for a moment is the same wish": (
        [START, At(10, {"spot": 1}), At(20), At(35, {"spot": 1}), At(40, {}, {"spot": 3})],
        [("both", "spot", 1, 30_000)],
    ),
    "ours alone: not wanted any more": (
        [START, At(10, {"spot": 1}), At(20), At(11 + NOT_WANTED_MS // 1000)],
        [("ours_alone", "spot", 1, None)],
    ),
}


@pytest.mark.parametrize(("looks", "closed"), TABLE.values(), ids=TABLE.keys())
def test_what_both_want_is_matched_by_what_it_is_for(
    looks: list[At], closed: list[tuple[object, ...]]
) -> None:
    found = played(*looks).raises
    assert [(it.end, it.group, it.nodes, it.lead_ms) for it in found] == closed


def test_a_lead_costs_the_time_that_nodes_stand_longer_and_saves_their_pods_the_wait() -> None:
    board = played(
        START,
        At(10, {"spot": 2}, pods={"spot": 5}),
        At(20, {"spot": 2}, pods={"spot": 9}),
        At(30, {"spot": 2}, {"spot": 4}, {"spot": 9}),
    )
    assert board.ours.micro_usd_raises == 2 * 20_000
    assert board.ours.waiting_pod_ms == 9 * 20_000
    assert board.ours.lead_node_ms == 2 * 20_000


def test_nodes_that_only_ours_want_are_charged_until_ours_would_give_them_back() -> None:
    late = 11 + NOT_WANTED_MS // 1000
    board = played(START, At(10, {"spot": 1}), At(late), board=Board("prod", "UTC", 0, 0))
    assert board.ours.alone == 1
    assert board.ours.micro_usd_raises == board.unneeded_ms


def test_the_first_on_demand_node_is_told_of_both() -> None:
    board = played(
        START, At(10, {"on-demand": 1}), At(20, {"on-demand": 1}, {"on-demand": 1}), At(30)
    )
    assert board.ours.first_on_demand_ms == 10_000
    assert board.observed.first_on_demand_ms == 20_000


def test_a_raise_is_hidden_from_ours_until_they_have_said_what_they_would_do() -> None:
    seen = played(START, At(10, {}, {"spot": 3}))
    assert course.unanswered(seen) == ("spot",)
    answered = played(START, At(10, {"spot": 1}, {"spot": 3}))
    assert course.unanswered(answered) == ()
    waited = played(START, At(10, {}, {"spot": 3}), At(20))
    assert course.unanswered(waited) == ()


def test_what_is_open_has_a_bound_and_the_oldest_is_counted_as_cut_off() -> None:
    # Each look wants one node more than the one before: a beginning of its own.
    looks = [At(it, {"spot": it}) for it in range(1, OPEN_MAX + 4)]
    board = played(START, *looks)
    assert len(board.open_raises) == OPEN_MAX
    assert board.ours.cut_off == 3
    assert board.raises[0].end == "cut_off"
    assert board.raises[0].at_ms == 1_000


def test_the_end_of_a_shadow_closes_what_is_open_and_scores_nothing_for_it() -> None:
    board = course.ended(played(START, At(10, {"spot": 2})))
    assert [it.end for it in board.raises] == ["cut_off"]
    assert board.open_raises == ()
    assert board.ours.micro_usd_raises == 0
