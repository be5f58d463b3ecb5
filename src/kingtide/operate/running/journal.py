"""decisions.jsonl of a running process: appended to, bounded, and whole after a crash."""

from __future__ import annotations

import os
from pathlib import Path

from kingtide.control.decision_entry import DecisionEntry
from kingtide.roster.journal import encode_journal

JOURNAL = "decisions.jsonl"
MAX_BYTES = 200_000_000
"""Of one file; a busy cluster writes some tens of megabytes a night. At the bound the file becomes
decisions.1.jsonl in place of the one before, so that two are the most there is."""


class DecisionFile:
    """Appends each decision as one line.

    A line that a crash cut off is completed by the next one, which readers see as one bad line: it
    is therefore ended first.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / JOURNAL
        self._max_bytes = max_bytes
        self._drop_cut_line()
        self._file = self._path.open("ab")

    def write(self, entry: DecisionEntry) -> None:
        """Append one decision.

        Raises:
            OSError: the file system refuses.
        """
        if self._file.tell() >= self._max_bytes:
            self._file.close()
            os.replace(self._path, self._path.with_name("decisions.1.jsonl"))  # noqa: PTH105
            self._file = self._path.open("ab")
        self._file.write(encode_journal([entry]))
        self._file.flush()

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._file.close()

    def _drop_cut_line(self) -> None:
        """Take away what follows the last whole line: a crash left it."""
        if not self._path.is_file():
            return
        with self._path.open("rb+") as file:
            text = file.read()
            whole = text.rfind(b"\n") + 1
            if whole != len(text):
                file.truncate(whole)
