from kingtide.control.controller import Topic
from kingtide.kube.pods import Condition
from kingtide.kube.workloads import ConfigMap
from kingtide.twin.cluster.watch import Watch
from tests.unit.twin.cluster.parts import Parts, replica_set

BATCH_MS = 100
UNSCHEDULABLE = Condition("False", 0, "Unschedulable")


class Watched(Parts):
    """A watch and whom it woke."""

    def __init__(self) -> None:
        super().__init__()
        self.woken: list[tuple[int, tuple[Topic, ...]]] = []
        self.watch = Watch(self.engine, self.store, self.latencies, self._wake)
        self._start_ms = self.engine.now_ms

    def _wake(self, topics: tuple[Topic, ...]) -> None:
        self.woken.append((self.engine.now_ms - self._start_ms, topics))


def test_changes_are_seen_a_latency_later_in_one_batch() -> None:
    watched = Watched()
    watched.add_node()
    watched.after(60)
    watched.add_pod("a", "n1")
    watched.after(BATCH_MS - 1)
    assert watched.watch.index.nodes == {}
    assert len(list(watched.watch.undelivered)) == 2
    watched.after(BATCH_MS)
    assert list(watched.watch.index.nodes) == ["n1"]
    assert list(watched.watch.index.pods_on("n1")) == ["a"]
    assert list(watched.watch.undelivered) == []
    assert watched.woken == [(BATCH_MS, ("nodes",))]


def test_a_sync_shows_everything_at_once_and_wakes_nobody() -> None:
    watched = Watched()
    watched.add_node()
    watched.watch.sync()
    assert list(watched.watch.index.nodes) == ["n1"]
    watched.after(1_000)
    assert watched.woken == []


def test_who_is_woken_is_told_by_what() -> None:
    watched = Watched()
    watched.add_pod("a")
    watched.after(BATCH_MS)
    assert watched.woken == []
    watched.store.update_pod(watched.pod("a"), scheduled=UNSCHEDULABLE)
    watched.store.put_replica_set(replica_set("api", 1))
    watched.store.put_config_map(ConfigMap("a", "b", {}))
    watched.after(2 * BATCH_MS)
    assert watched.woken == [(2 * BATCH_MS, ("unschedulable_pods", "workloads", "configuration"))]


def test_a_pod_that_stays_unschedulable_wakes_nobody_again() -> None:
    watched = Watched()
    watched.store.update_pod(watched.add_pod("a"), scheduled=UNSCHEDULABLE)
    watched.after(BATCH_MS)
    watched.store.update_pod(watched.pod("a"), nominated_node_name="n1")
    watched.after(1_000)
    assert [topics for _, topics in watched.woken] == [("unschedulable_pods",)]


def test_a_pod_that_came_and_went_within_a_batch_leaves_nothing() -> None:
    watched = Watched()
    watched.store.delete_pod(watched.add_pod("a", "n1"))
    watched.after(1_000)
    assert watched.watch.index.pod("a") is None
    assert watched.watch.index.pods_on("n1") == {}


def test_a_frozen_watch_shows_nothing_until_it_lists_everything_again() -> None:
    watched = Watched()
    watched.add_node()
    watched.watch.freeze(watched.engine.now_ms + 30_000)
    watched.after(29_999)
    assert watched.watch.index.nodes == {}
    watched.after(30_000)
    assert list(watched.watch.index.nodes) == ["n1"]
    assert watched.woken == [(30_000, ("nodes",))]


def test_a_process_that_starts_lists_everything_though_the_old_connection_hangs() -> None:
    watched = Watched()
    watched.watch.freeze(watched.engine.now_ms + 30_000)
    watched.add_node()
    watched.after(BATCH_MS)
    watched.watch.relist()
    assert list(watched.watch.index.nodes) == ["n1"]
    watched.add_pod("a", "n1")
    watched.after(3 * BATCH_MS)
    assert list(watched.watch.index.pods_on("n1")) == ["a"]


def test_a_delayed_watch_shows_changes_later_until_it_is_prompt_again() -> None:
    watched = Watched()
    watched.watch.delay(5_000, watched.engine.now_ms + 10_000)
    watched.add_node()
    watched.after(5_000 + BATCH_MS - 1)
    assert watched.watch.index.nodes == {}
    watched.after(5_000 + BATCH_MS)
    assert list(watched.watch.index.nodes) == ["n1"]
    watched.after(10_000)
    watched.add_pod("a", "n1")
    watched.after(10_000 + BATCH_MS)
    assert list(watched.watch.index.pods_on("n1")) == ["a"]
