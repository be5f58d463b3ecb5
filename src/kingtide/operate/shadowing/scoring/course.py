"""A shadow's course: sightings and passes in their order make the scoreboard."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from kingtide.operate.shadowing.scoring import removals, requests
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.sighting import Sighting
from kingtide.operate.shadowing.scoring.watching import with_sighting
from kingtide.operate.shadowing.scoring.wishes import SCALER, Wishes


def seen(board: Board, before: Sighting | None, sighting: Sighting) -> Board:
    """Return the board after a look at the world, before ours decide on it."""
    return with_sighting(board, before, sighting)


def decided(board: Board, wishes: Iterable[Wishes], sighting: Sighting) -> Board:
    """Return the board after ours decided on a sighting; one Wishes for each that made a pass."""
    now_ms = sighting.at_ms
    for it in wishes:
        others = dict(board.ours.others)
        for name, count in it.others.items():
            others[name] = others.get(name, 0) + count
        ours = replace(board.ours, passes=board.ours.passes + 1, others=others)
        board = removals.with_removals(replace(board, ours=ours), it, sighting)
        if it.by == SCALER:
            board = requests.with_wanted(board, it, sighting.groups, now_ms)
            board = requests.matched(board, now_ms)
    return board


def unanswered(board: Board) -> tuple[str, ...]:
    """Return the groups that the other raised and of which ours have to be asked yet.

    They see such a raise when they have said what they would do without it.
    """
    return tuple(dict.fromkeys(it.group for it in board.their_raises if not it.has_joined))


def ended(board: Board) -> Board:
    """Return the board at the end of a shadow, or as a crash left it: nothing stays open."""
    board = requests.cut_off(board, board.open_raises)
    board = removals.cut_off(board, board.open_removals)
    return replace(board, their_raises=(), leaving=())
