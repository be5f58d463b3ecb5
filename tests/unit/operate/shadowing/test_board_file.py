"""scoreboard.json: whole, readable again, and going on after a crash."""

from __future__ import annotations

from pathlib import Path

import pytest

from kingtide.operate.shadowing.board_file import (
    BOARD,
    BoardUnreadable,
    gone_on,
    read_board,
    write_board,
)
from kingtide.operate.shadowing.scoring.board import Board
from kingtide.operate.shadowing.scoring.episodes import OpenRaise, Raise

OPEN = OpenRaise(1_000, "spot", "workers", "spot", 2, 3, 4_000, 96_000)
CLOSED = Raise("both", 500, "spot", "spot", 1, 2, 900, "spot", 400, 7)
KNOWN = Board("prod", "UTC", 0, 5_000, open_raises=(OPEN,), raises=(CLOSED,))


def test_a_scoreboard_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_board(tmp_path, KNOWN)
    assert read_board(tmp_path) == KNOWN
    assert [it.name for it in tmp_path.iterdir()] == [BOARD]


def test_a_folder_without_one_begins_anew(tmp_path: Path) -> None:
    assert read_board(tmp_path) is None


def test_something_else_in_its_place_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / BOARD).write_text("{}")
    with pytest.raises(BoardUnreadable, match="no scoreboard"):
        read_board(tmp_path)


def test_what_was_open_when_it_was_interrupted_is_not_scored_and_the_gap_is_told() -> None:
    board = gone_on(KNOWN, 65_000)
    assert board.open_raises == ()
    assert [it.end for it in board.raises] == ["both", "cut_off"]
    assert (board.observed.gaps, board.observed.gap_ms) == (1, 60_000)
    assert board.from_ms == KNOWN.from_ms
