"""A controller's queue: asked often, looked at once."""

from __future__ import annotations

from kingtide.twin.cluster.work_queue import WorkQueue
from tests.twin.worlds import START_MS
from tests.unit.twin.cluster.parts import Parts


class Controller(Parts):
    """Notes when it looks at what."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[tuple[str, int]] = []
        self.queue = WorkQueue(self.engine, self.latencies, "replica-sets", self.look)

    def look(self, key: str) -> None:
        self.queue.taken(key)
        self.looks.append((key, self.engine.now_ms - START_MS))


def test_a_key_that_is_added_often_is_looked_at_once_after_the_watch() -> None:
    it = Controller()
    for key in ("a", "b", "a", "a"):
        it.queue.add(key)
    assert "a" in it.queue
    it.after(60_000)
    assert it.looks == [("a", it.queue.delay_ms), ("b", it.queue.delay_ms)]
    assert "a" not in it.queue
    it.queue.add("a")
    it.after(120_000)
    assert it.looks[-1] == ("a", 60_000 + it.queue.delay_ms)


def test_a_key_that_waits_for_a_time_is_not_looked_at_earlier() -> None:
    it = Controller()
    it.queue.add_at("a", START_MS + 30_000)
    it.queue.add("a")
    it.after(60_000)
    assert it.looks == [("a", 30_000)]
