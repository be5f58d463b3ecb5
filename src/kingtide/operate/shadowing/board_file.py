"""scoreboard.json: all that a shadow knows of its score, whole at every moment."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from kingtide.files.writing import write_file
from kingtide.operate.shadowing.scoring import course
from kingtide.operate.shadowing.scoring.board import Board

BOARD = "scoreboard.json"


class BoardUnreadable(Exception):
    """A scoreboard that cannot be read; the message says why."""


def read_board(folder: Path) -> Board | None:
    """Return the scoreboard of a folder, None where there is none.

    Raises:
        BoardUnreadable: there is one that is none of ours.
    """
    path = folder / BOARD
    try:
        return msgspec.json.decode(path.read_bytes(), type=Board)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise BoardUnreadable(f"{path} is no scoreboard ({error})") from error


def write_board(folder: Path, board: Board) -> None:
    """Write the scoreboard of a folder, all or nothing; the same board gives the same bytes.

    Raises:
        NotWritable: the file system refuses.
    """
    text = msgspec.json.format(msgspec.json.encode(board, order="deterministic"), indent=1)
    write_file(folder / BOARD, text + b"\n")


def gone_on(board: Board, now_ms: int) -> Board:
    """Return a scoreboard as it goes on after an interruption, in which nobody watched."""
    board = course.ended(board)
    away_ms = max(0, now_ms - board.to_ms)
    observed = replace(
        board.observed, gaps=board.observed.gaps + 1, gap_ms=board.observed.gap_ms + away_ms
    )
    return replace(board, observed=observed, to_ms=max(board.to_ms, now_ms))
