"""How far it is: a bar with the virtual clock or the runs done, or now and then a line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kingtide.report.clock import clock_text

# A log gets no line from a run that is over before anybody wonders, and few from a long one.
FIRST_LINE_SECONDS = 2.0
LINE_SECONDS = 10.0


@contextmanager
def progress_shown(
    name: str, from_ms: int, until_ms: int, timezone: str, *, quiet: bool
) -> Iterator[Callable[[int], None]]:
    """Give a function that shows a virtual time on stderr, which tells nothing when `quiet`."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bar(name, from_ms, until_ms, timezone) as show:
            yield show
    else:
        yield _lines(name, timezone)


@contextmanager
def _bar(name: str, from_ms: int, until_ms: int, timezone: str) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[clock]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        clock = clock_text(from_ms, timezone)
        task = bar.add_task(name, total=until_ms - from_ms, clock=clock)

        def show(at_ms: int) -> None:
            bar.update(task, completed=at_ms - from_ms, clock=clock_text(at_ms, timezone))

        yield show


def _lines(name: str, timezone: str) -> Callable[[int], None]:
    next_at = time.monotonic() + FIRST_LINE_SECONDS

    def show(at_ms: int) -> None:
        nonlocal next_at
        now = time.monotonic()
        if now >= next_at:
            next_at = now + LINE_SECONDS
            sys.stderr.write(f"{name}: {clock_text(at_ms, timezone)}\n")

    return show


@contextmanager
def runs_shown(name: str, total: int, what: str, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Give a function that counts runs on stderr; `what` is their name (`seeds`)."""
    if quiet:
        yield lambda _: None
        return
    if not sys.stderr.isatty():
        yield _run_lines(name, total, what)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=total)

        def advance(runs: int) -> None:
            bar.update(task, advance=runs)

        yield advance


def _run_lines(name: str, total: int, what: str) -> Callable[[int], None]:
    next_at = time.monotonic() + FIRST_LINE_SECONDS
    done = 0

    def advance(runs: int) -> None:
        nonlocal next_at, done
        done += runs
        now = time.monotonic()
        if now >= next_at:
            next_at = now + LINE_SECONDS
            sys.stderr.write(f"{name}: {done:,} of {total:,} {what}\n")

    return advance
