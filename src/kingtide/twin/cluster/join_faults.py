"""Instances that join late, never, or for good broken, because a fault says so for a time."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.twin.engine import Engine
from kingtide.twin.seed import SeedTree

Joining = Literal["joins", "never joins", "joins broken"]


class _Window(msgspec.Struct, frozen=True):
    joining: Joining
    parts_per_million: int
    until_ms: int


class JoinFaults:
    """What becomes of instances on their way to a node; without a fault they all join."""

    def __init__(self, engine: Engine, seeds: SeedTree) -> None:
        self._engine = engine
        self._seeds = seeds
        self._windows: list[_Window] = []
        self._slow: list[tuple[int, int]] = []

    def slow_boots(self, percent: int, until_ms: int) -> None:
        """Have boot and registration take this percentage of their time until an instant."""
        self._slow.append((percent, until_ms))

    def never_join(self, parts_per_million: int, until_ms: int) -> None:
        """Have this share of the instances that begin to boot until an instant never register."""
        self._windows.append(_Window("never joins", parts_per_million, until_ms))

    def join_broken(self, parts_per_million: int, until_ms: int) -> None:
        """Have this share register and never become Ready."""
        self._windows.append(_Window("joins broken", parts_per_million, until_ms))

    def delay_ms(self, usual_ms: int) -> int:
        """Return how long boot and registration of an instance that begins now take."""
        for percent, until_ms in self._slow:
            if self._engine.now_ms < until_ms:
                usual_ms = usual_ms * percent // 100
        return usual_ms

    def joining(self, instance_id: str) -> Joining:
        """Return what becomes of an instance that begins to boot now."""
        for number, window in enumerate(self._windows):
            if self._engine.now_ms < window.until_ms and self._seeds.happens(
                window.parts_per_million, "faults/join", instance_id, number
            ):
                return window.joining
        return "joins"
