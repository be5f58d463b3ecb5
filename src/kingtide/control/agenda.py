"""When the loops of a process look next: at the time they asked for, or soon after a change."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from kingtide.control.controller import Topic
from kingtide.control.loop import ControlLoop

Loop = ControlLoop[Any, Any]

MIN_PAUSE_MS = 1_000
"""Passes that a watch asks for keep this distance, so that a burst of a hundred pods is one pass,
not a hundred; Cluster Autoscaler's frequent loops wait for the previous loop in the same way."""


class Agenda:
    """Keeps `due_ms` of every loop; of two that are due together, who asked first goes first."""

    def __init__(self, loops: Sequence[Loop], pause_ms: int = MIN_PAUSE_MS) -> None:
        self.loops = tuple(loops)
        self._pause_ms = pause_ms
        self._asks = 0

    def ask(self, loop: Loop, at_ms: int) -> bool:
        """Have a loop look at a time; return False where it looks earlier anyway."""
        if loop.due_ms is not None and at_ms >= loop.due_ms:
            return False
        self._asks += 1
        loop.due_ms, loop.asked = at_ms, self._asks
        return True

    def keep(self, names: Container[str]) -> None:
        """Go on with the loops of these names alone; the others look no more."""
        self.loops = tuple(it for it in self.loops if it.name in names)

    def wake(self, topics: tuple[Topic, ...], now_ms: int) -> tuple[int, ...]:
        """Have loops look soon that watch one of the topics; return the times newly asked for."""
        found: list[int] = []
        for loop in self.loops:
            if loop.watches(topics):
                last_ms = now_ms if loop.last_ms is None else loop.last_ms + self._pause_ms
                at_ms = max(now_ms, last_ms)
                if self.ask(loop, at_ms):
                    found.append(at_ms)
        return tuple(found)

    def due(self, now_ms: int) -> list[Loop]:
        """Return the loops that are to look now, in the order in which they asked."""
        found = [it for it in self.loops if it.due_ms is not None and it.due_ms <= now_ms]
        return sorted(found, key=lambda it: it.asked)

    @property
    def next_ms(self) -> int | None:
        """When the next loop is due, None when only a change can bring one."""
        return min((it.due_ms for it in self.loops if it.due_ms is not None), default=None)
