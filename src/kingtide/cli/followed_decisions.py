"""`kingtide explain FOLDER --follow`: decisions as a running process writes them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kingtide.cli.explained_decisions import is_journal_of_a_run, of_controller, told_lines
from kingtide.cli.failure import BadInput, ExitCode
from kingtide.control.decision_entry import DecisionEntry
from kingtide.operate.running.journal import JOURNAL
from kingtide.rehearsal.explanation import about
from kingtide.roster.journal import JournalError, decode_journal, encode_journal

LOOK_SECONDS = 0.5
READ_BYTES = 4_000_000
"""At once; the rest comes with the next look, which then does not wait."""


def follow_decisions(
    folder: Path, *, controller: str | None, subject: str | None, json: bool
) -> ExitCode:
    """Print decisions from now on; ends by Ctrl-C alone."""
    if not is_journal_of_a_run(folder):
        hint = "name the folder of a process, as runs/prod"
        raise BadInput(f"{folder} holds no journal of `kingtide run`", hint=hint)
    if controller is not None:
        of_controller((), controller)  # a name that is none is told now, not at the first decision
    try:
        for entries in _written(folder / JOURNAL):
            for entry in entries if controller is None else of_controller(entries, controller):
                found = entry if subject is None else about(entry, subject)
                if found is not None:
                    _show(found, json=json)
    except KeyboardInterrupt:
        return ExitCode.YES
    return ExitCode.YES


def _show(entry: DecisionEntry, *, json: bool) -> None:
    text = encode_journal([entry]).decode() if json else "\n".join(told_lines(entry, "UTC")) + "\n"
    sys.stdout.write(text)
    sys.stdout.flush()


def _written(path: Path) -> Iterator[tuple[DecisionEntry, ...]]:
    """Yield what is appended to a journal, in whole lines; goes over to its next file."""
    file = path.open("rb")
    try:
        file.seek(0, os.SEEK_END)
        rest = b""
        while True:
            rest += file.read(READ_BYTES)
            whole = rest.rfind(b"\n") + 1
            if whole:
                yield _decisions(path, rest[:whole])
                rest = rest[whole:]
                continue
            time.sleep(LOOK_SECONDS)
            if _is_another(path, os.fstat(file.fileno())):
                last = rest + file.read()
                yield _decisions(path, last[: last.rfind(b"\n") + 1])
                file.close()
                file, rest = path.open("rb"), b""
    finally:
        file.close()


def _is_another(path: Path, known: os.stat_result) -> bool:
    """Return whether a path names another file than the one that is read, or a shorter one."""
    try:
        now = path.stat()
    except FileNotFoundError:
        return False  # between two files
    return now.st_ino != known.st_ino or now.st_dev != known.st_dev


def _decisions(path: Path, text: bytes) -> tuple[DecisionEntry, ...]:
    try:
        return decode_journal(text)
    except JournalError as error:
        raise BadInput(f"{path}: {error}") from error
