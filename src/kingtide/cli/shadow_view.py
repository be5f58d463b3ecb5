"""What `kingtide shadow` shows while it runs: the score in place on a terminal, else lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.live import Live

from kingtide.operate.shadowing.scoring.board import Board
from kingtide.report.shadow import ROWS_LIVE, line, scoreboard

VIEW_SECONDS, LINE_SECONDS = 1.0, 60.0


class ScoreView(Protocol):
    """Something that shows a scoreboard."""

    def update(self, board: Board, /) -> None:
        """Show it as it is now, if it is time to."""


@contextmanager
def score_view(*, quiet: bool) -> Iterator[ScoreView]:
    """Give what shows a scoreboard on stderr: in place on a terminal, as lines, or not at all."""
    if quiet:
        yield _Nothing()
    elif sys.stderr.isatty():
        with Live(console=Console(stderr=True), auto_refresh=False, transient=True) as live:
            yield _InPlace(live)
    else:
        yield _Lines()


class _Nothing:
    def update(self, board: Board, /) -> None:
        pass


class _Lines:
    def __init__(self) -> None:
        self._next = 0.0

    def update(self, board: Board, /) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_SECONDS
            sys.stderr.write(f"{line(board)}\n")


class _InPlace:
    def __init__(self, live: Live) -> None:
        self._live = live
        self._next = 0.0

    def update(self, board: Board, /) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + VIEW_SECONDS
            self._live.update(scoreboard(board, rows=ROWS_LIVE), refresh=True)
