"""What changed since somebody last looked: names in the order of their last change."""

from __future__ import annotations

from collections.abc import Container, Sequence, Sized
from typing import Protocol

# Names of what is gone are kept for readers whose cursor is older than the removal; readers look
# at least every few minutes, in which no fleet removes this many.
MAX_REMOVED_NAMES = 10_000


class Known(Sized, Container[str], Protocol):
    """The names of what exists now."""


class TouchLog:
    """Numbers changes of named things; a cursor is the number of the last one a reader saw."""

    def __init__(self) -> None:
        self._touched: dict[str, int] = {}
        self._touches = 0

    def touch(self, name: str, known: Known) -> None:
        """Note a change; `known` is what exists, of which no name is ever forgotten."""
        touched = self._touched
        self._touches += 1
        if touched.pop(name, None) is None and len(touched) >= 2 * (len(known) + MAX_REMOVED_NAMES):
            removed = [name for name in touched if name not in known]
            for gone in removed[:-MAX_REMOVED_NAMES]:
                del touched[gone]
        touched[name] = self._touches

    def since(self, cursor: int) -> tuple[Sequence[str], int]:
        """Return names touched after a cursor, oldest touch first, and the next cursor.

        A cursor of 0 returns every name.
        """
        names: list[str] = []
        for name in reversed(self._touched):
            if self._touched[name] <= cursor:
                break
            names.append(name)
        names.reverse()
        return names, self._touches
