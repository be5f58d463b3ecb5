"""Programs that live apart from this process: they go on when it ends, and it holds none of them.

A handle would be worth nothing: who starts anew finds a program by its files. One that ends while
this process runs is its child all the same, and stays a zombie until it is waited for.
Source: https://man7.org/linux/man-pages/man3/posix_spawn.3.html, man2/waitpid.2 (man-pages 6.9).
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

LOOK_SECONDS = 0.02
_children: set[int] = set()
"""Those that were not waited for yet. What else this process started is waited for elsewhere."""


def start_apart(command: Sequence[str], log: Path, *, keeps_log: bool = True) -> int:
    """Start a program in a session of its own and return its process; what it says is logged.

    Signals that Python ignores are as for any program. `keeps_log` False: the log begins anew.

    Raises:
        OSError: there is no such program, or no such folder.
    """
    written = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if keeps_log else os.O_TRUNC)
    process = os.posix_spawnp(
        command[0],
        tuple(command),
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), written, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
        setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
    )
    _children.add(process)
    return process


def has_ended(process: int) -> bool:
    """Return whether a program has ended that this process started, and wait for it if so.

    True of one that another started, which nobody here has to wait for.
    """
    if process in _children and os.waitpid(process, os.WNOHANG)[0] == process:
        _children.remove(process)
    return process not in _children


async def ends_within(process: int, seconds: float) -> bool:
    """Wait until a program has ended that this process started; return whether it has."""
    ends = time.monotonic() + seconds
    while not has_ended(process):
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def kill(process: int, seconds: float) -> bool:
    """End a program that this process started, at once; return whether it ended in time."""
    if not has_ended(process):  # else the number may be another's by now
        os.kill(process, signal.SIGKILL)
    return await ends_within(process, seconds)
