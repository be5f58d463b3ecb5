"""The calls of one pass besides evictions: within the pace, and none again before it could show."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.control.action import Action

AGAIN_MS = 5_000
"""A write that the watch has not shown after this is made again: several times a watch's lag."""


class Writes:
    """Collects calls; `allowed` is how many may still be made in this pass."""

    def __init__(self, allowed: int, written_ms: Mapping[str, int], now_ms: int) -> None:
        self.actions: list[Action] = []
        self._allowed = allowed
        self._now_ms = now_ms
        self._written_ms = {
            key: at_ms for key, at_ms in written_ms.items() if now_ms - at_ms < AGAIN_MS
        }

    @property
    def left(self) -> int:
        """How many calls may still be made."""
        return self._allowed - len(self.actions)

    @property
    def written_ms(self) -> Mapping[str, int]:
        """When each call was made, by what it is for, as long as it is not made again."""
        return self._written_ms

    def ask(self, key: str, action: Action) -> bool:
        """Make a call unless it was just made or the pace is used up; return whether it is made."""
        if not self.left or key in self._written_ms:
            return False
        self._written_ms[key] = self._now_ms
        self.actions.append(action)
        return True
