"""What `kingtide up` shows while it runs: a view that stays in place, or now and then a line."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from kingtide.report.clock import clock_text
from kingtide.report.plain import plain
from kingtide.report.sentences import told
from kingtide.twin.apiserver.server import ApiServer
from kingtide.twin.world import World

LAST_DECISIONS = 20
"""Sentences that are looked back at: more than fit below the figures on most terminals."""
FIGURES_LINES = 9
"""Clock, table with a heading of two lines, and a line of air."""
VIEW_SECONDS, LINE_SECONDS = 0.5, 10.0


class View(Protocol):
    """Something that shows a world."""

    period_seconds: float

    def update(self) -> None:
        """Show the world as it is now."""


@contextmanager
def view(world: World, server: ApiServer, timezone: str, *, quiet: bool) -> Iterator[View]:
    """Give what shows a world on stderr: in place on a terminal, else as lines, or not at all."""
    figures = Figures(world, server, timezone)
    if quiet:
        yield _Nothing()
    elif sys.stderr.isatty():
        console = Console(stderr=True)
        with Live(console=console, auto_refresh=False, transient=True) as live:
            yield _InPlace(figures, live)
    else:
        yield _Lines(figures)


class Figures:
    """What there is to see of a world at this instant."""

    def __init__(self, world: World, server: ApiServer, timezone: str) -> None:
        self._world = world
        self._server = server
        self._timezone = timezone

    @property
    def clock(self) -> str:
        """The cluster's time, and what it could not keep up with."""
        lost_seconds = self._server.clock.lost_ms // 1000
        late = f", {lost_seconds} s lost" if lost_seconds else ""
        return clock_text(self._world.engine.now_ms, self._timezone) + late

    def counts(self) -> dict[str, str]:
        """Return names and values, in the order they are shown."""
        seen, store = self._world.observe(), self._world.store
        pending = sum(it.phase == "Pending" for it in store.pods.values())
        watches = self._server.api.watches.open
        return {
            "spot nodes": f"{seen['nodes.spot']:.0f}",
            "on-demand nodes": f"{seen['nodes.on_demand']:.0f}",
            "nodes not ready": f"{seen['nodes.not_ready']:.0f}",
            "pods": f"{len(store.pods):,}",
            "pending": f"{pending:,}",
            "USD per hour": f"{seen['cost.usd_per_hour']:.2f}",
            "watches": f"{watches}",
        }

    def decisions(self) -> list[str]:
        """Return the last sentences of our controllers, the newest last."""
        lines: list[str] = []
        for entry in reversed(self._world.journal.decisions[-LAST_DECISIONS:]):
            at = clock_text(entry.at_ms, self._timezone)
            lines += [f"{at} {entry.controller}: {plain(it)}" for it in reversed(told(entry))]
            if len(lines) >= LAST_DECISIONS:
                break
        return lines[:LAST_DECISIONS][::-1]


class _Nothing:
    period_seconds = LINE_SECONDS

    def update(self) -> None:
        pass


class _Lines:
    period_seconds = LINE_SECONDS

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def update(self) -> None:
        found = ", ".join(f"{value} {name}" for name, value in self._figures.counts().items())
        sys.stderr.write(f"{self._figures.clock}: {found}\n")


class _InPlace:
    period_seconds = VIEW_SECONDS

    def __init__(self, figures: Figures, live: Live) -> None:
        self._figures = figures
        self._live = live

    def update(self) -> None:
        figures, size = self._figures, self._live.console.size
        shown = frame(figures.clock, figures.counts(), figures.decisions(), size.width, size.height)
        self._live.update(shown, refresh=True)


def frame(
    clock: str, counts: Mapping[str, str], decisions: Sequence[str], width: int, height: int
) -> Group:
    """Return what a terminal of so many columns and lines shows: figures, then decisions."""
    table = Table(title=clock, title_justify="left")
    for name in counts:
        table.add_column(name, justify="right")
    table.add_row(*counts.values())
    lines = fitted(decisions, width, max(1, height - FIGURES_LINES))
    return Group(table, *(Text(it, no_wrap=True, overflow="crop") for it in lines))


def fitted(sentences: Sequence[str], width: int, height: int) -> list[str]:
    """Return the lines of the last sentences that fit whole; of a too long one its beginning."""
    lines: list[str] = []
    for sentence in reversed(sentences):
        wrapped = textwrap.wrap(
            sentence, max(20, width), subsequent_indent="  ", break_on_hyphens=False
        )
        if lines and len(wrapped) + len(lines) > height:
            break
        lines = wrapped + lines
    return lines[:height]
