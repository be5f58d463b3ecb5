"""The process of a shadow: keeps its eyes open, has it look, writes its scoreboard down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx2
import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.report import Verdict
from kingtide.control.safety import identity_verdict, view_verdict
from kingtide.operate.running.asked import Asked
from kingtide.operate.running.assembly import until_done
from kingtide.operate.running.beginning import first_answer
from kingtide.operate.running.clock import MachineClock, Pace, ServerClock
from kingtide.operate.shadowing.board_file import gone_on, read_board, write_board
from kingtide.operate.shadowing.deciding.shadow import LOOK_MS, Shadow
from kingtide.operate.shadowing.eyes import Eyes
from kingtide.operate.shadowing.scoring.board import Board

SAVE_SECONDS = 5.0
"""What a crash may cost of the score. The file has some hundred kilobytes at most."""
BLIND_SECONDS = 1.0


class Watcher(msgspec.Struct, frozen=True):
    """Who is told: of each decision, of each look, and why there is none (None: there is again)."""

    decided: Callable[[DecisionEntry], object]
    looked: Callable[[Board], object]
    blind: Callable[[Verdict | None], object]


class Shadowed(msgspec.Struct, frozen=True):
    """What is shadowed: a cluster with its controllers' settings, and for how long.

    `for_ms` is of the cluster's time, None until somebody stops it. `timezone` is the reader's.
    """

    asked: Asked
    folder: Path
    aws_endpoint: str | None = None
    by_server_clock: bool = False
    for_ms: int | None = None
    timezone: str = "UTC"


class OtherBoard(Exception):
    """A folder whose scoreboard is of another cluster."""


async def keep_score(
    client: httpx2.AsyncClient, shadowed: Shadowed, watcher: Watcher, stop: asyncio.Event
) -> Board:
    """Shadow a cluster until stopped, or for its time; return the final scoreboard.

    Raises:
        OtherBoard: the folder's scoreboard is of another cluster.
        BoardUnreadable: the folder holds something else in its place.
        NotReached: the cluster does not answer at the start.
        NotWritable: the scoreboard cannot be written.
        Exception: what ends a part of the process that has to run.
    """
    await first_answer(client)
    clock = ServerClock(client)
    pace: Pace = clock if shadowed.by_server_clock else MachineClock()
    now_ms = pace.now_ms
    asked = shadowed.asked
    eyes = Eyes(client, asked, shadowed.aws_endpoint, now_ms)
    if shadowed.by_server_clock:
        await clock.ask()
    board = _board(shadowed, now_ms())
    shadow = Shadow(
        eyes.cluster, eyes.cloud, board, asked.runs, asked.budgets, eyes.price, watcher.decided
    )
    process = _Process(eyes, shadow, shadowed, watcher, now_ms)
    beside = [eyes.run(), *([clock.run()] if shadowed.by_server_clock else [])]
    try:
        await until_done(process.run(stop), beside)
    finally:
        write_board(shadowed.folder, shadow.board)
    return shadow.board


def _board(shadowed: Shadowed, now_ms: int) -> Board:
    name = shadowed.asked.cluster.full_name
    known = read_board(shadowed.folder)
    if known is None:
        return Board(name, shadowed.timezone, now_ms, now_ms)
    if known.cluster != name:
        raise OtherBoard(
            f"{shadowed.folder} holds the scoreboard of {known.cluster}, not of {name}"
        )
    return gone_on(known, now_ms)


class _Process:
    """Looks at each change and each second, while the view is young and whole."""

    def __init__(
        self,
        eyes: Eyes,
        shadow: Shadow,
        shadowed: Shadowed,
        watcher: Watcher,
        now_ms: Callable[[], int],
    ) -> None:
        self._eyes = eyes
        self._shadow = shadow
        self._expected = shadowed.asked.cluster.full_name
        self._folder = shadowed.folder
        self._until_ms = None if shadowed.for_ms is None else now_ms() + shadowed.for_ms
        self._watcher = watcher
        self._now_ms = now_ms
        self._safety = shadowed.asked.safety
        self._blind: Verdict | None = None
        self._begun = False
        self._saved_at = asyncio.get_running_loop().time()

    async def run(self, stop: asyncio.Event) -> None:
        """Look until stopped or until a time, then close what is open."""
        while not stop.is_set() and (self._until_ms is None or self._now_ms() < self._until_ms):
            topics = self._eyes.take_in()
            if self._may_look():
                now_ms = self._now_ms()
                if not self._begun:
                    self._begun = True
                    self._shadow.begin(now_ms)
                self._shadow.wake(topics, now_ms)
                self._shadow.look(now_ms)
                self._watcher.looked(self._shadow.board)
                self._save()
            await self._wait(stop)
        if self._begun:
            self._shadow.end(self._now_ms())

    def _may_look(self) -> bool:
        """Return whether the view may be believed; why not is told once."""
        found = view_verdict(self._eyes.staleness_seconds(), self._safety)
        identity = self._eyes.identity()
        if found is None and identity is not None:  # a cluster of others does not say who it is
            found = identity_verdict(self._expected, identity)
        if (found and found.code) != (self._blind and self._blind.code):
            self._watcher.blind(found)
        self._blind = found
        return found is None

    def _save(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() - self._saved_at >= SAVE_SECONDS:
            self._saved_at = loop.time()
            write_board(self._folder, self._shadow.board)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Wait for a change, a second, or the end; never less than a moment."""
        seconds = BLIND_SECONDS if self._blind is not None else LOOK_MS / 1000
        next_ms = self._shadow.agenda.next_ms
        if self._begun and next_ms is not None:
            seconds = min(seconds, max(0.05, (next_ms - self._now_ms()) / 1000))
        await asyncio.sleep(0.05)
        waits = {asyncio.ensure_future(stop.wait()), asyncio.ensure_future(self._eyes.changed())}
        _, left = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in left:
            one.cancel()
        await asyncio.gather(*left, return_exceptions=True)
