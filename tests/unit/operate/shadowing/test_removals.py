"""Who removes nodes first, and what the sums say of what stood."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from kingtide.operate.shadowing.scoring import course
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.sighting import SeenNode, Sighting
from kingtide.operate.shadowing.scoring.watching import GAP_MS
from kingtide.operate.shadowing.scoring.wishes import RECLAIMER, SCALER, Wishes

PRICE = 3_600_000


class At(NamedTuple):
    """One look at one node: what ours say of it, since when the other removes it, if it stands."""

    second: int
    remove: bool = False
    ripe: int | None = -1
    leaving: int | None = None
    stands: bool = True
    by: str = SCALER


def node(at: At) -> SeenNode:
    leaving_ms = None if at.leaving is None else 1000 * at.leaving
    return SeenNode(
        "n", "spot", "workers", "m5.large", "spot", 0, 100_000, 10_000, leaving_ms, PRICE,
        spot_price=PRICE // 4,
    )  # fmt: skip


def played(*looks: At) -> Board:
    board, before = Board("prod", "UTC", 0, 0, unneeded_ms=300_000), None
    for it in looks:
        sighting = Sighting(1000 * it.second, {}, {"n": node(it)} if it.stands else {})
        board = course.seen(board, before, sighting)
        ripe_ms = {} if it.ripe == -1 else {"n": None if it.ripe is None else 1000 * it.ripe}
        wishes = Wishes(it.by, removals=("n",) if it.remove else (), ripe_ms=ripe_ms)
        board = course.decided(board, [wishes], sighting)
        before = sighting
    return board


START = At(0)
TABLE = {
    "ours first": (
        [START, At(10, remove=True), At(40), At(50, leaving=50), At(60, stands=False)],
        ("both", 40_000, -40_000, False),
    ),
    "ours first, and it left without the other": (
        [START, At(10, remove=True), At(40, stands=False)],
        ("gone", None, -30_000, False),
    ),
    "ours first, then it is needed again": (
        [START, At(10, remove=True), At(40, ripe=None)],
        ("taken_back", None, -30_000, False),
    ),
    "the other first, ours were about to: what was left, and a scan": (
        [START, At(10, ripe=90), At(50, leaving=50)],
        ("theirs_first", -50_000, 50_000, False),
    ),
    "the other first, ours held it for needed: the most it can be": (
        [START, At(10, ripe=90), At(20, ripe=None), At(50, leaving=50)],
        ("theirs_first", -300_000, 300_000, True),
    ),
}


@pytest.mark.parametrize(("looks", "closed"), TABLE.values(), ids=TABLE.keys())
def test_a_removal_is_scored_by_how_long_the_node_stood(
    looks: list[At], closed: tuple[object, ...]
) -> None:
    found = played(*looks).removals
    assert [(it.end, it.lead_ms, it.micro_usd, it.is_bound) for it in found] == [closed]


def test_a_removal_is_counted_once_however_long_it_takes() -> None:
    board = played(START, At(10, leaving=10), At(20, leaving=10), At(30, stands=False))
    assert board.observed.removed == 1
    assert board.observed.gone == 0


def test_a_reclaimed_node_saves_what_it_costs_over_the_spot_node_in_its_place() -> None:
    board = played(START, At(10, remove=True, by=RECLAIMER), At(50, leaving=50))
    assert board.ours.micro_usd_reclaims == -40_000 * 3 // 4
    assert board.ours.micro_usd_removals == 0


def test_what_stood_and_waited_is_summed_between_two_looks() -> None:
    board = played(START, At(10), At(20))
    assert board.observed.node_ms == 20_000
    assert board.observed.micro_usd == 20_000
    assert board.boots_ms == {"spot": (90_000,)}


def test_a_time_in_which_nobody_looked_is_told_and_not_counted() -> None:
    board = played(START, At(GAP_MS // 1000 + 1), At(GAP_MS // 1000 + 11))
    assert board.observed.gaps == 1
    assert board.observed.watched_ms == 10_000


def test_a_node_without_a_price_is_left_out_of_the_dollars_and_named() -> None:
    bare = SeenNode("n", "", "", "q9.huge", "spot", 0)
    looks = [Sighting(it, {}, {"n": bare}) for it in (0, 60_000)]
    board = Board("prod", "UTC", 0, 0)
    for before, seen in zip([None, looks[0]], looks, strict=True):
        board = course.seen(board, before, seen)
    assert board.observed.unpriced == ("q9.huge",)
    assert board.observed.unpriced_node_ms == 60_000
    assert board.observed.micro_usd == 0


def test_a_node_of_karpenter_is_asked_for_by_the_time_it_joined() -> None:
    joined = SeenNode("k", "", "workers", "m5.large", "spot", 30_000, pool="default", price=PRICE)
    board = course.seen(
        Board("prod", "UTC", 0, 0), Sighting(0), Sighting(31_000, {}, {"k": joined})
    )
    assert board.observed.requested == 1
    (raised,) = board.their_raises
    assert (raised.at_ms, raised.group, raised.has_joined) == (30_000, "default", True)
    assert course.unanswered(board) == ()
