"""Changes that wait for the end of a pass: which objects, and what was known of each before.

A pass has to see one cluster from its first line to its last, so what watches tell is put here and
taken by the index between passes. An object is here once, however often it changed: there can be
no more entries than objects that are known to the watches or to the index, and so no overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kingtide.live.kubernetes.reflector import key_of, uid_of

Key = tuple[str, str]
"""Kind and key of an object."""


class Waiting:
    """Objects that changed, in the order of their first change since they were last taken."""

    def __init__(self, arrived: Callable[[], None] = lambda: None) -> None:
        self._before: dict[Key, Any] = {}
        self._after: dict[Key, Any] = {}
        self._arrived = arrived

    def __len__(self) -> int:
        return len(self._before)

    def sink(self, kind: str) -> Callable[[Any, Any], None]:
        """Return what a reflector of a kind tells of each change."""

        def tell(old: Any, new: Any) -> None:
            key = kind, key_of(old if new is None else new)
            if key not in self._before:
                self._before[key] = old
                self._arrived()
            self._after[key] = new
            if new is None and self._before[key] is None:
                del self._before[key], self._after[key]  # it came and went unseen

        return tell

    def take(self) -> Iterator[tuple[Any, Any]]:
        """Yield each change (before, after), None where there is none, and forget it."""
        before, after = self._before, self._after
        self._before, self._after = {}, {}
        for key, old in before.items():
            new = after[key]
            if old is None or new is None or uid_of(old) == uid_of(new):
                yield old, new
            else:
                yield old, None
                yield None, new
