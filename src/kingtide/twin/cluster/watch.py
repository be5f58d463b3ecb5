"""Watches: what controllers see, and when.

Changes reach the observed index in batches, a latency later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from kingtide.control.arrivals import Arrivals
from kingtide.control.controller import Topic
from kingtide.control.index import ClusterIndex, WatchedObject
from kingtide.twin.cluster.store import Store
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable

Change = tuple[WatchedObject | None, WatchedObject | None]


class Watch:
    """Feeds `index` from the store; `wake(topics)` is called after each batch with what it touched.

    Changes within one batch interval travel together: a watch connection delivers in order, and an
    informer hands over what arrived since it last looked.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        latencies: LatencyTable,
        wake: Callable[[tuple[Topic, ...]], None],
    ) -> None:
        self.index = ClusterIndex()
        self._arrivals = Arrivals(self.index)
        self._engine = engine
        self._wake = wake
        self._batch_ms = max(1, latencies.draw_ms("watch.controllers", "index"))
        self._pending: deque[Change] = deque()
        self._scheduled = False
        self._frozen_until_ms = 0
        self._delayed_until_ms = 0
        self._delay_ms = 0
        store.on_all(self._record)

    @property
    def undelivered(self) -> Iterable[Change]:
        """What happened but is not in the index yet, oldest first."""
        return self._pending

    def _record(self, old: WatchedObject | None, new: WatchedObject | None) -> None:
        self._pending.append((old, new))
        if not self._scheduled:
            self._scheduled = True
            delayed = self._engine.now_ms < self._delayed_until_ms
            delay_ms = self._batch_ms + (self._delay_ms if delayed else 0)
            self._engine.after(delay_ms, EventClass.OBSERVATION, self._deliver)

    def freeze(self, until_ms: int) -> None:
        """Show nothing new until a time, as a connection that hangs; then everything is listed."""
        self._frozen_until_ms = max(self._frozen_until_ms, until_ms)

    def delay(self, delay_ms: int, until_ms: int) -> None:
        """Show changes so much later than else, until a time, as behind an overloaded API server.

        What is shown stays in order.
        """
        self._delay_ms, self._delayed_until_ms = delay_ms, until_ms

    def relist(self) -> None:
        """Show everything as it is now, as the watch of a process that starts does."""
        self._frozen_until_ms = 0
        self._scheduled = False
        self._show()

    def sync(self) -> None:
        """Deliver everything at once, as the first list of an informer does."""
        while self._pending:
            self._arrivals.take(*self._pending.popleft())
        self._arrivals.topics()

    def _deliver(self) -> None:
        if self._engine.now_ms < self._frozen_until_ms:
            self._engine.at(self._frozen_until_ms, EventClass.OBSERVATION, self._deliver)
            return
        self._scheduled = False
        self._show()

    def _show(self) -> None:
        """Take what is pending into the index, and wake who watches it."""
        while self._pending:
            self._arrivals.take(*self._pending.popleft())
        topics = self._arrivals.topics()
        if topics:
            self._wake(topics)
