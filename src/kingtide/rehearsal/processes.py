"""Many runs in parallel processes, or in whatever executor is handed in; results in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from typing import TypeVar

J = TypeVar("J")
R = TypeVar("R")


def default_processes() -> int:
    """Return the number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_jobs(
    execute: Callable[[J], R],
    jobs: Sequence[J],
    processes: int,
    progress: Callable[[R], None] = lambda _: None,
    executor: Executor | None = None,
) -> list[R]:
    """Return each job's result, in the order of jobs; `progress` is told of each in that order.

    `executor` takes the jobs instead of processes of our own; function and jobs can be pickled.
    Ctrl-C ends it with the first jobs' results, fewer than jobs; no process of ours is left
    running.
    """
    found: list[R] = []
    if executor is not None:
        with suppress(KeyboardInterrupt):
            futures = [executor.submit(execute, job) for job in jobs]
            _collect((future.result() for future in futures), found, progress)
    elif processes == 1 or len(jobs) <= 1:
        with suppress(KeyboardInterrupt):
            _collect(map(execute, jobs), found, progress)
    else:
        _run_in_pool(execute, jobs, processes, found, progress)
    return found


def _run_in_pool(
    execute: Callable[[J], R],
    jobs: Sequence[J],
    processes: int,
    found: list[R],
    progress: Callable[[R], None],
) -> None:
    # A fresh interpreter for each process: a fork would copy the threads of a progress bar halfway.
    context = multiprocessing.get_context("spawn")
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(
        min(processes, len(jobs)), mp_context=context, initializer=_leave_interrupts
    )
    try:
        # Not pool.map: it cancels what waits when it is left, and a pool whose processes end then
        # fails on what was cancelled (InvalidStateError in its thread, Python 3.11).
        futures = [pool.submit(execute, job) for job in jobs]
        _collect((future.result() for future in futures), found, progress)
    except KeyboardInterrupt:
        # At once: the evenings in hand may take minutes yet. The shutdown waits for the processes.
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the parent, which ends this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _collect(results: Iterable[R], found: list[R], progress: Callable[[R], None]) -> None:
    for result in results:
        found.append(result)
        progress(result)
