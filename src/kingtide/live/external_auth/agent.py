"""The agent as a process: `python -m kingtide.live.external_auth.agent FOLDER WORKERS`.

It holds the sockets that HAProxy asks at, and has workers answer; one that dies is followed by
another within milliseconds, and what HAProxy sends meanwhile waits in the socket. One agent serves
a folder: it holds the folder's lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path

from kingtide.controllers.ingress.rendering.layout import Layout
from kingtide.live.external_auth.addresses import Addresses
from kingtide.live.external_auth.answering import END_SECONDS, Answering
from kingtide.live.external_auth.asking import Asking
from kingtide.live.external_auth.connections import Connections
from kingtide.live.external_auth.counts import Counts
from kingtide.live.external_auth.known_settings import KnownSettings

BACKLOG = 1_024
"""Connections that wait for a worker; HAProxy has few at a time."""
AGAIN_SECONDS = 0.5
"""Between two workers of one place where the first lived no longer."""
FILES = 16_384
"""Open files of a worker: HAProxy's connections, and those to services."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class AlreadyServed(RuntimeError):
    """Another agent serves the folder."""


class Agent:
    """Keeps workers; `lock` is the descriptor of the folder's."""

    def __init__(self, layout: Layout, workers: int, lock: int) -> None:
        self._lock = lock
        self._layout = layout
        self._counts = Counts(workers)
        self._places: dict[int, tuple[int, float]] = {}
        self._workers = workers
        self._questions = _listening(layout.auth_socket)
        self._metrics = _listening(layout.auth_metrics_socket)
        self._is_alive, self._is_here = os.pipe()

    def serve(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for place in range(self._workers):
            self._begin(place)
        due: dict[int, float] = {}
        while True:
            wait = min(due.values(), default=time.monotonic() + 60) - time.monotonic()
            found = signal.sigtimedwait(_SIGNALS, max(wait, 0))
            if found is not None and found.si_signo != signal.SIGCHLD:
                break
            for place, began in self._ended():
                due[place] = max(began + AGAIN_SECONDS, time.monotonic())
            for place in [it for it, at in due.items() if at <= time.monotonic()]:
                del due[place]
                self._begin(place)
        self._end()

    def _begin(self, place: int) -> None:
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            self._places[pid] = place, time.monotonic()
            return
        code = 1
        try:
            os.close(self._is_here)
            os.close(self._lock)  # it is the agent's alone: a worker may outlive it for a moment
            self._counts.of_worker(place)
            asyncio.run(self._work())
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)

    async def _work(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for it in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(it, stop.set)
        loop.add_reader(self._is_alive, stop.set)  # it ends when the agent does, however that was
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        answering = Answering(
            KnownSettings(self._layout), Asking(Addresses(), Connections()), self._counts
        )
        await answering.serve(self._questions, self._metrics, stop)

    def _ended(self) -> list[tuple[int, float]]:
        """Return the places of workers that have ended, and when they began."""
        found = []
        while self._places:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            found.append(self._places.pop(pid))
        return found

    def _end(self) -> None:
        for pid in self._places:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        ends = time.monotonic() + END_SECONDS + 1
        while self._places and time.monotonic() < ends:
            signal.sigtimedwait((signal.SIGCHLD,), 0.1)
            self._ended()
        for pid in self._places:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _listening(path: str) -> socket.socket:
    """Listen on a socket that is in its place at once, with its rights, whatever was there."""
    new = f"{path}.new"
    with contextlib.suppress(FileNotFoundError):
        Path(new).unlink()
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        found.bind(new)
    finally:
        os.umask(before)
    found.listen(BACKLOG)
    found.setblocking(False)
    os.replace(new, path)  # noqa: PTH105 (atomic, as os.replace is)
    return found


def serve_folder(folder: Path, workers: int) -> None:
    """Serve a folder until a signal.

    Raises:
        AlreadyServed: another agent does.
        OSError: the folder cannot be written, or its path is too long for a socket's.
    """
    layout = Layout(str(folder))
    descriptor = os.open(layout.auth_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise AlreadyServed(f"another agent serves {folder}") from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    Agent(layout, workers, descriptor).serve()


if __name__ == "__main__":
    serve_folder(Path(sys.argv[1]), int(sys.argv[2]))
