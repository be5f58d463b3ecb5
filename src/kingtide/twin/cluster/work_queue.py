"""A controller's queue of keys: one is looked at once, however often that is asked for."""

from __future__ import annotations

from collections.abc import Callable

from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable


class WorkQueue:
    """Has a key looked at `delay_ms` after it is added: the way of a change to its controller.

    `look` begins with `taken`, from where on the key can be added again. `name` is the controller's
    for its draw of `watch.workloads`.
    """

    def __init__(
        self, engine: Engine, latencies: LatencyTable, name: str, look: Callable[[str], None]
    ) -> None:
        self.delay_ms = latencies.draw_ms("watch.workloads", name)
        self._engine = engine
        self._look = look
        self._keys: dict[str, None] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def add(self, key: str) -> None:
        """Have a key looked at, unless it is waiting for that."""
        self.add_at(key, self._engine.now_ms + self.delay_ms)

    def add_at(self, key: str, at_ms: int) -> None:
        """Have a key looked at at a time, unless it is waiting to be looked at."""
        if key not in self._keys:
            self._keys[key] = None
            self._engine.at(at_ms, EventClass.WORLD, self._look, key)

    def taken(self, key: str) -> None:
        """Note that a key is being looked at."""
        self._keys.pop(key, None)
