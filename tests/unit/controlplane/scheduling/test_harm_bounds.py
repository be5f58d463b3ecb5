"""What preemption looks at: work is counted, so that a search that grew dear is seen."""

from __future__ import annotations

import pytest

from kingtide.controlplane.scheduling.cache import SchedulerCache
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controlplane.scheduling.situations import node, pod, requesting

NODES = 300
URGENT = requesting(2_000, priority=100)
WEB = LabelSelector((("app", "web"),))


def urgent(number: int) -> Pod:
    return pod(f"urgent{number}", URGENT)


@pytest.fixture
def cache() -> SchedulerCache:
    """Nodes of 4 cores, each with a pause pod of 2 cores and two pods of one core."""
    cache = SchedulerCache()
    for number in range(NODES):
        name = f"n{number}"
        cache.set_node(node(name, zone="abc"[number % 3]))
        pause = requesting(2_000, priority=-10)
        cache.place(pod(f"pause{number}", pause, started_ms=number % 7), name)
        for which in "ab":
            it = pod(f"{which}{number}", requesting(1_000), app="web", started_ms=number)
            cache.place(it, name)
    return cache


def preempt(cache: SchedulerCache, number: int) -> tuple[str, ...]:
    """Let one pod preempt, its victims leave at once, and return them."""
    it = urgent(number)
    assert cache.pick(it) is None
    found = cache.preempt(it, 10_000, ())
    assert found is not None
    for uid in found.victims:
        cache.displace(uid)
    cache.place(it, found.node_name)
    return found.victims


def test_one_victim_after_another_is_found_with_a_close_look_each(cache: SchedulerCache) -> None:
    victims = [preempt(cache, number) for number in range(100)]
    assert all(len(one) == 1 and one[0].startswith("pause") for one in victims)
    assert cache.nodes_looked_at == 100


def test_what_a_search_learned_serves_the_next(cache: SchedulerCache) -> None:
    for number in range(NODES):
        preempt(cache, number)
    looked_at = cache.nodes_looked_at
    assert preempt(cache, NODES) == (f"a{NODES - 1}", f"b{NODES - 1}")
    assert cache.nodes_looked_at - looked_at <= 3


def test_a_vain_search_looks_at_no_node(cache: SchedulerCache) -> None:
    meek = pod("meek", requesting(3_000, priority=-5))
    for _ in range(5):
        assert cache.preempt(meek, 10_000, ()) is None
    assert cache.nodes_looked_at == 0


def test_a_refused_shape_is_not_compared_again_before_a_node_changed(cache: SchedulerCache) -> None:
    for number in range(10):
        assert cache.pick(urgent(number)) is None
    assert cache.placement.looks == 1
    cache.displace("pause7")
    assert cache.pick(urgent(11)) == "n7"
    assert cache.placement.looks == 2


def test_budgets_that_changed_are_heard(cache: SchedulerCache) -> None:
    for number in range(NODES):
        cache.displace(f"pause{number}")
        cache.place(pod(f"firm{number}", requesting(2_000, priority=1_000)), f"n{number}")
    strict, lenient = (PodDisruptionBudget("default", "web", WEB, left) for left in (0, 1_000))
    cache.displace("a5")
    cache.place(pod("c5", requesting(1_000, priority=50)), "n5")
    for budgets, node_name in (((strict,), "n5"), ((lenient,), "n299"), ((strict,), "n5")):
        found = cache.preempt(urgent(0), 10_000, budgets)
        assert found is not None
        assert found.node_name == node_name


def test_the_latest_start_is_found_again_when_its_pod_leaves(cache: SchedulerCache) -> None:
    level = cache.evictable.below(1)[-1]
    row = cache.table.row_of("n9")
    assert row is not None
    cache.place(pod("late", requesting(0), started_ms=500), "n9")
    assert level.latest_start_at(row) == 500
    cache.place(pod("late", requesting(0), started_ms=400), "n9")
    assert level.latest_start_at(row) == 400
    cache.displace("late")
    assert level.latest_start_at(row) == 9


def test_room_kept_for_a_pod_is_its_own_when_it_searches_again(cache: SchedulerCache) -> None:
    first = urgent(0)
    cache.nominate(first, "n5")
    again = cache.preempt(first, 10_000, ())
    assert again is not None
    other = cache.preempt(urgent(1), 10_000, ())
    assert other is not None
    assert other.node_name != "n5"
    for name in (f"n{number}" for number in range(NODES) if number != 5):
        cache.remove_node(name)
    again = cache.preempt(first, 10_000, ())
    assert again is not None
    assert (again.node_name, again.victims) == ("n5", ("pause5",))
