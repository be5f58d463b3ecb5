"""Forks: a bounded number at once, each answers through a pipe."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn

import msgspec

from mutations.trial import Outcome, Trial

# A child that neither answers nor ends within this is stuck outside of Python; the longest trial
# has its processor time bounded, and a busy machine gives a tenth of a core.
_WALL_SECONDS = 900.0

Answer = tuple[Outcome, str]


def fork_each(
    trials: Iterable[Trial], at_once: int, run: Callable[[Trial, int], NoReturn]
) -> Iterator[tuple[Trial, Answer]]:
    """Run each trial in a fork and yield its answer as it comes.

    A child that ends without an answer (killed, out of memory) has caught its mutant.
    """
    waiting = iter(trials)
    running: dict[int, tuple[int, Trial, float]] = {}
    while True:
        while len(running) < at_once and (trial := next(waiting, None)) is not None:
            reading, pid = _fork(trial, run)
            running[reading] = (pid, trial, time.monotonic() + _WALL_SECONDS)
        if not running:
            return
        ready, _, _ = select.select(list(running), [], [], 5.0)
        now = time.monotonic()
        for reading in list(running):
            pid, trial, until = running[reading]
            if reading not in ready and now < until:
                continue
            yield trial, _answer(reading, pid, is_late=reading not in ready)
            del running[reading]


def _fork(trial: Trial, run: Callable[[Trial, int], NoReturn]) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            run(trial, writing)
        finally:
            # Nothing of the parent may run in the child, whatever was raised.
            os._exit(1)
    os.close(writing)
    return reading, pid


def _answer(reading: int, pid: int, *, is_late: bool) -> Answer:
    if is_late:
        os.kill(pid, signal.SIGKILL)
    written = os.read(reading, 1 << 16)
    os.close(reading)
    os.waitpid(pid, 0)
    if is_late:
        return ("timeout", "")
    return msgspec.json.decode(written, type=Answer) if written else ("caught", "(process ended)")
