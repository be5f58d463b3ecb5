"""Ask Go's engine in a process of its own, and end that where a template takes more than it may."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping

import msgspec

from kingtide.migration.engine_process import (
    CPU_SECONDS,
    LENGTH,
    MEMORY_BYTES,
    Answer,
    Request,
    framed,
)

WAIT_SECONDS = 120
"""Longer than the processor time that a request has, on a machine with much else to do."""

_PROGRAM = (
    "import sys; sys.path[:] = {path!r};from kingtide.migration.engine_process import main; main()"
)
_CHUNK_BYTES = 1 << 20


class EngineRefused(Exception):
    """The engine refuses, in its words."""


class Exhausted(Exception):
    """What was asked took more time or memory than it may."""

    def __init__(self, cpu_seconds: int) -> None:
        super().__init__(
            f"takes more than {cpu_seconds} s of processor time"
            f" or {MEMORY_BYTES // 1024**3} GiB of memory"
        )


def rendered(templates: Mapping[str, str], *, strict: bool, cpu_seconds: int = CPU_SECONDS) -> str:
    """Return what the template `entry` prints, within so much processor time.

    Raises:
        EngineRefused: the engine refuses a template, or fails while running it.
        Exhausted: it took too much.
    """
    return _asked(Request(templates=templates, strict=strict, cpu_seconds=cpu_seconds))


def yaml_as_json(text: str) -> str:
    """Return a map in YAML as JSON.

    Raises:
        EngineRefused: it is no YAML, or no map.
        Exhausted: it took too much.
    """
    return _asked(Request(yaml=text))


class _Engine:
    """The process, started when it is first asked, and again after it was ended."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, message: bytes) -> bytes | None:
        """Return the answer to a message; None where the process ended instead, or was ended."""
        process = self._started()
        answer = None
        try:
            answer = _exchanged(process, message)
        finally:
            if answer is None:  # also where somebody waits no longer (Ctrl-C)
                self.end()
        return answer

    def end(self) -> None:
        """End the process, if there is one, in whatever it does."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # Go tells of its end in hundreds of lines
                start_new_session=True,  # Ctrl-C is this process' to hear
            )
        return self._process


_ENGINE = _Engine()
atexit.register(_ENGINE.end)


def _asked(request: Request) -> str:
    found = _ENGINE.ask(framed(msgspec.msgpack.encode(request)))
    if found is None:
        raise Exhausted(request.cpu_seconds)
    answer = msgspec.msgpack.decode(found, type=Answer)
    if answer.refused is not None:
        raise EngineRefused(answer.refused)
    return answer.text


def _exchanged(process: subprocess.Popen[bytes], message: bytes) -> bytes | None:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(message)
        process.stdin.flush()
    except OSError:  # it ended
        return None
    until = time.monotonic() + WAIT_SECONDS
    pipe = process.stdout.fileno()
    head = _read(pipe, LENGTH.size, until)
    return None if head is None else _read(pipe, LENGTH.unpack(head)[0], until)


def _read(pipe: int, size: int, until: float) -> bytes | None:
    """Return so many bytes of a pipe, None where it ends before, or takes too long."""
    found = bytearray()
    while len(found) < size:
        ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
        part = os.read(pipe, min(size - len(found), _CHUNK_BYTES)) if ready else b""
        if not part:
            return None
        found += part
    return bytes(found)
