"""Runs an external command: no shell, bounded in time and in what is kept, everything logged."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from kingtide.operate.redaction import Redaction

KEPT_BYTES = 32_000_000
"""Of what a command says to stdout; `kops get -o json` of hundreds of groups is 1 MB."""
KEPT_LINES = 20
"""Of everything that it says, the last: what a person looks at first when it fails."""
LONGEST_LINE_BYTES = 1_000_000
"""A line without an end is logged in parts of this size."""
GRACE_SECONDS = 30
"""From being asked to end to being killed. kops stops between two instances by then."""


class Result(msgspec.Struct, frozen=True):
    """How a command ended; `exit_code` is negative after a signal, as subprocess has it.

    `stdout` is what it said, up to a bound and as it is; `last_lines` are for people: the last of
    stderr, where commands say what is wrong, or of stdout where they said nothing there.
    """

    exit_code: int
    stdout: bytes = b""
    last_lines: tuple[str, ...] = ()
    timed_out: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it did its work."""
        return self.exit_code == 0 and not self.timed_out

    @property
    def ending(self) -> str:
        """How it ended, as in `kops ended with exit code 1`."""
        if self.timed_out:
            return "did not end in time and was stopped"
        if self.exit_code < 0:
            return f"was ended by {signal.Signals(-self.exit_code).name}"
        return f"ended with exit code {self.exit_code}"


class NotRunnable(Exception):
    """A command that cannot be started; the message says why."""


class Commands:
    """Runs commands with one environment, so that only what it says decides where they act.

    `held` is a descriptor that every command keeps open as long as it lives: whoever holds a lock
    on it knows then that no command of an earlier run is alive.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        held: int | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._environment = dict(environment)
        self._redaction = Redaction(environment)
        self._held = () if held is None else (held,)
        self._now = now

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        timeout_seconds: int,
        log: Path,
        also: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command to its end; `also` are further variables, `log` gets all it says.

        Raises:
            NotRunnable: there is no such command, or it may not be started.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        with _private(log) as file:
            file.write(f"$ {' '.join(command)}\n".encode())
            file.flush()
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=folder,
                    env={**self._environment, **(also or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                    pass_fds=self._held,
                )
            except OSError as error:
                raise NotRunnable(f"{command[0]} cannot be started ({error.strerror})") from error
            return self._followed(process, timeout_seconds, file)

    def _followed(
        self, process: subprocess.Popen[bytes], timeout_seconds: int, file: BinaryIO
    ) -> Result:
        deadline = self._now() + timeout_seconds
        lines = _Lines(file, self._redaction)
        timed_out = False
        try:
            with selectors.DefaultSelector() as selector:
                for stream, name in ((process.stdout, "stdout"), (process.stderr, "stderr")):
                    assert stream is not None  # both are pipes, see above
                    selector.register(stream, selectors.EVENT_READ, name)
                while selector.get_map():
                    left = deadline - self._now()
                    if left <= 0:
                        timed_out = True
                        break
                    for key, _ in selector.select(left):
                        content = os.read(key.fd, 65_536)
                        lines.take(str(key.data), content)
                        if not content:
                            selector.unregister(key.fileobj)
            if not timed_out:
                timed_out = not _ended(process, max(0.0, deadline - self._now()))
        finally:
            # Also when we are interrupted: nothing goes on that nobody waits for.
            _stop(process)
            lines.end()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()
        last = tuple(lines.last["stderr"] or lines.last["stdout"])
        return Result(process.returncode, bytes(lines.stdout), last, timed_out)


class _Lines:
    """Cuts what comes from a command into lines, for the log and for the end of a message."""

    def __init__(self, file: BinaryIO, redaction: Redaction) -> None:
        self._file = file
        self._redaction = redaction
        self._open: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self.stdout = bytearray()
        self.last: dict[str, list[str]] = {"stdout": [], "stderr": []}

    def take(self, name: str, content: bytes) -> None:
        """Take what a stream said."""
        if name == "stdout" and len(self.stdout) < KEPT_BYTES:
            self.stdout += content[: KEPT_BYTES - len(self.stdout)]
        pending = self._open[name]
        pending += content
        *whole, rest = bytes(pending).split(b"\n")
        if len(rest) > LONGEST_LINE_BYTES:
            whole, rest = [*whole, rest], b""
        self._open[name] = bytearray(rest)
        for line in whole:
            self._line(name, line)

    def end(self) -> None:
        """Take what stands behind the last line break."""
        for name, pending in self._open.items():
            if pending:
                self._line(name, bytes(pending))
                pending.clear()

    def _line(self, name: str, line: bytes) -> None:
        text = self._redaction.of(line.decode(errors="replace").rstrip("\r"))
        self._file.write(f"{text}\n".encode())
        self._file.flush()
        if text.strip():
            self.last[name] = [*self.last[name][1 - KEPT_LINES :], text.strip()]


def _private(log: Path) -> BinaryIO:
    """Open a log for appending that only its owner can read."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "ab")


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, with everything it started."""
    if process.poll() is not None:
        return
    for sent, seconds in ((signal.SIGTERM, GRACE_SECONDS), (signal.SIGKILL, GRACE_SECONDS)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        if _ended(process, seconds):
            return
