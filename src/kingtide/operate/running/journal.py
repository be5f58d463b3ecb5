"""decisions.jsonl of a running process: appended to, bounded, and whole after a crash."""

from __future__ import annotations

import os
from pathlib import Path

from kingtide.control.decision_entry import DecisionEntry
from kingtide.roster.journal import encode_journal

JOURNAL = "decisions.jsonl"
FORMER = "decisions.1.jsonl"
"""The file before the one that is written now."""
MAX_BYTES = 200_000_000
"""Of one file; a busy cluster writes some tens of megabytes a night. At the bound the file becomes
decisions.1.jsonl in place of the one before, so that two are the most there is."""
_TAIL_BYTES = 65_536
"""Read at once when the last whole line is looked for."""


class DecisionFile:
    """Appends each decision as one line, or nothing of it.

    What a crash or a full disk cut off is taken away before the next line. A file that could not be
    written is opened anew for the next one: the disk may be another by then.

    Raises:
        OSError: the folder or the file cannot be written.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / JOURNAL
        self._max_bytes = max_bytes
        self._file: int | None = None
        self._open()

    def write(self, entry: DecisionEntry) -> None:
        """Append one decision.

        Raises:
            OSError: the file system refuses; nothing of it is in the file then.
        """
        try:
            self._append(encode_journal([entry]))
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; what was written stays."""
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)

    def _append(self, line: bytes) -> None:
        file = self._open()
        if os.fstat(file).st_size >= self._max_bytes:
            self.close()
            self._path.replace(self._path.with_name(FORMER))
            file = self._open()
        written = 0
        while written < len(line):  # a disk that fills up takes a part first
            written += os.write(file, line[written:])

    def _open(self) -> int:
        if self._file is None:
            self._drop_cut_line()
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._file = os.open(self._path, flags, 0o644)
        return self._file

    def _drop_cut_line(self) -> None:
        """Take away what follows the last whole line."""
        if not self._path.is_file():
            return
        with self._path.open("rb+") as file:
            end = file.seek(0, os.SEEK_END)
            whole = end
            while whole > 0:
                start = max(0, whole - _TAIL_BYTES)
                file.seek(start)
                found = file.read(whole - start).rfind(b"\n")
                if found >= 0:
                    whole = start + found + 1
                    break
                whole = start
            if whole != end:
                file.truncate(whole)
