"""What a run of a plan has done: a line of JSON for every event, on disk before anything follows.

A crash at any moment leaves a journal from which a run can be resumed. A step stands there before
it begins and after it ended; one that began and has no end is done again, which every step allows.
A line that was cut while it was written counts as not written.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from kingtide.operate.failures import RunInTheWay

Event = Literal["began", "resumed", "step started", "step ended", "finished"]
Outcome = Literal["", "done", "failed", "timed out"]

JOURNAL_FILE = "journal.jsonl"
LOCK_FILE = "lock"
MAX_BYTES = 64_000_000
"""A step takes three lines of 300 bytes; this is a hundred thousand of them."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event; `plan` is the digest of the plan, `at` the time in UTC."""

    at: str
    event: Event
    plan: str = ""
    cluster: str = ""
    step: str = ""
    attempt: int = 0
    outcome: Outcome = ""
    seconds: int = 0
    said: str = ""


def utc_now() -> str:
    """Return the time, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Journal:
    """The journal of one run, which nobody else writes as long as it is open.

    `lock_descriptor` holds the lock; a process that inherits it keeps the lock while it lives.
    """

    def __init__(self, file: Path, lock_descriptor: int, now: Callable[[], str]) -> None:
        self._file = file
        self._now = now
        self.lock_descriptor = lock_descriptor
        self.entries = tuple(_read(file))

    @property
    def plan(self) -> str:
        """The digest of the plan whose run this is, empty before it began."""
        return next((it.plan for it in self.entries if it.event == "began"), "")

    @property
    def is_finished(self) -> bool:
        """Whether every step is done."""
        return any(it.event == "finished" for it in self.entries)

    def is_done(self, cluster: str, step: str) -> bool:
        """Whether a step has been done."""
        return any(
            it.cluster == cluster and it.step == step and it.outcome == "done"
            for it in self.entries
        )

    def has_begun(self, cluster: str, step: str) -> bool:
        """Whether a step was begun, whatever became of it."""
        return any(
            it.event == "step started" and it.cluster == cluster and it.step == step
            for it in self.entries
        )

    def write(
        self,
        event: Event,
        *,
        plan: str = "",
        cluster: str = "",
        step: str = "",
        attempt: int = 0,
        outcome: Outcome = "",
        seconds: int = 0,
        said: str = "",
    ) -> None:
        """Append an event; it is on disk when this returns."""
        entry = Entry(self._now(), event, plan, cluster, step, attempt, outcome, seconds, said)
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, self._after_a_cut_line() + msgspec.json.encode(entry) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.entries = (*self.entries, entry)

    def _after_a_cut_line(self) -> bytes:
        """Return what ends a line that was cut, so that the next one is whole."""
        if not self._file.is_file() or self._file.stat().st_size == 0:
            return b""
        with self._file.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return b"" if file.read(1) == b"\n" else b"\n"


@contextmanager
def open_journal(folder: Path, now: Callable[[], str] = utc_now) -> Iterator[Journal]:
    """Give the journal in a run's folder, locked.

    Raises:
        RunInTheWay: another process has it open, or a command that one started still runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunInTheWay(
                f"{folder} is in use: this plan is being applied, or a command of a run that was"
                " killed has not ended",
                hint="wait until it ends; `ps` shows kops and kubectl",
            ) from error
        yield Journal(folder / JOURNAL_FILE, descriptor, now)
    finally:
        os.close(descriptor)


def _read(file: Path) -> Iterator[Entry]:
    if not file.is_file():
        return
    with file.open("rb") as lines:
        content = lines.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise RunInTheWay(f"{file} is larger than {MAX_BYTES:,} bytes", hint="plan again")
    decoder = msgspec.json.Decoder(Entry)
    for line in content.split(b"\n"):
        try:
            yield decoder.decode(line)
        except msgspec.DecodeError:
            continue  # empty, or cut: as if it had not been written
