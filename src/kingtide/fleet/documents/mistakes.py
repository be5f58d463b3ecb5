"""A user's mistakes: each with its place, its field, what is wrong and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from kingtide.fleet.documents.tree import Path, Place, path_text

# A file with more mistakes than a reader can use is most likely no file of ours; the rest is
# counted.
MAX_SHOWN = 200

# A line of most terminals; a reader knows a value by its beginning.
MAX_QUOTED = 80
# Quotes as repr() writes them; one inside a word is an apostrophe.
_QUOTED = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?!\w)")


MistakeKind = Literal[
    "unreadable",
    "duplicate",
    "unknown field",
    "missing",
    "value",
    "unknown name",
    "contradiction",
]
"""What sort of mistake it is, by which `kingtide check` codes it: no text of ours, something
written twice, a field nobody knows, a field that is not there, a value that is none, a name of
nothing, values that do not go together."""


class Mistake(msgspec.Struct, frozen=True):
    """One mistake; `field` is empty when the file as a whole is wrong.

    `instead` when nothing can be advised.
    """

    place: Place
    field: str
    wrong: str
    instead: str = ""
    kind: MistakeKind = "value"

    def __str__(self) -> str:
        text = ""
        if self.place.file:
            text = f"{self.place.file}:"
        if self.place.line:
            text += f"{self.place.line}:{self.place.column}:"
        if text:
            text += " "
        if self.field:
            text += f"{self.field}: "
        text += self.wrong
        return f"{text}; {self.instead}" if self.instead else text


class Mistakes(Exception):
    """All mistakes of one reading, sorted by file, line and column, each once.

    What layers share is read with each of them, so the same words about the same place count once,
    under the field under which they were noted first.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        found: dict[Mistake, Mistake] = {}
        for mistake in mistakes:
            # A command line option is one place for all the fields that it sets.
            same = msgspec.structs.replace(mistake, field="") if mistake.place.line else mistake
            found.setdefault(same, mistake)
        self.all: tuple[Mistake, ...] = tuple(
            sorted(found.values(), key=lambda m: (m.place, m.field, m.wrong))
        )
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [str(mistake) for mistake in self.all[:MAX_SHOWN]]
        if len(self.all) > MAX_SHOWN:
            lines.append(f"... and {len(self.all) - MAX_SHOWN} more")
        return "\n".join(lines)


class Findings:
    """Collects mistakes while a reading goes on, so that all are told at once."""

    def __init__(self) -> None:
        self._mistakes: list[Mistake] = []

    def __bool__(self) -> bool:
        return bool(self._mistakes)

    def add(
        self,
        place: Place,
        path: Path,
        wrong: str,
        instead: str = "",
        kind: MistakeKind = "value",
    ) -> None:
        """Note one mistake."""
        self._mistakes.append(Mistake(place, path_text(path), _shortened(wrong), instead, kind))

    def extend(self, mistakes: Iterable[Mistake]) -> None:
        """Note mistakes that another reading found."""
        self._mistakes.extend(mistakes)

    def as_error(self) -> Mistakes:
        """Return what was noted as the error to raise."""
        return Mistakes(self._mistakes)

    def raise_if_any(self) -> None:
        """Raise Mistakes when anything was noted."""
        if self._mistakes:
            raise self.as_error()


def _shortened(text: str) -> str:
    """Return a message with the values that it quotes cut where they are long."""
    return _QUOTED.sub(lambda match: _cut(match[0]), text)


def _cut(quoted: str) -> str:
    if len(quoted) <= MAX_QUOTED + 2:
        return quoted
    return f"{quoted[: MAX_QUOTED + 1]}{quoted[0]}... ({len(quoted) - 2:,} characters)"
