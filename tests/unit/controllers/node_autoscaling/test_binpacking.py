"""How many nodes a number of pods needs."""

from __future__ import annotations

from kingtide.controllers.node_autoscaling.binpacking import Run, copies, less, pack
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.pods import Container, Pod, PodSpec
from kingtide.kube.resources import Resources

GIB = 1024**3
EMPTY = Resources(cpu_millicores=4000, memory_bytes=8 * GIB, pods=10)


def demand(cpu: int, count: int, memory: int = GIB, **extended: int) -> Demand:
    requests = Resources(cpu_millicores=cpu, memory_bytes=memory, extended=tuple(extended.items()))
    spec = PodSpec(containers=(Container("main", requests=requests),))
    pod = Pod("shop", "web", "uid", spec, {}, created_ms=0)
    return Demand(ShapeTable().intern(pod), count, "replicaset/shop/web")


def used(*demands: Demand, max_new_nodes: int = 100, start: tuple[Run, ...] = ()) -> int:
    counts = [it.count for it in demands]
    return pack(demands, counts, start, EMPTY, max_new_nodes).used_nodes


def test_pods_of_one_shape_fill_node_after_node() -> None:
    assert used(demand(1000, 9)) == 3


def test_memory_counts_as_much_as_cpu() -> None:
    assert used(demand(100, 6, memory=3 * GIB)) == 3


def test_the_number_of_pods_is_a_resource() -> None:
    assert used(demand(1, 25, memory=1)) == 3


def test_small_pods_go_into_the_gaps_that_big_ones_leave() -> None:
    assert used(demand(500, 4), demand(3000, 2)) == 2


def test_a_pod_bigger_than_a_node_opens_none() -> None:
    packing = pack([demand(5000, 3)], [3], (), EMPTY, 100)
    assert packing.used_nodes == 0
    assert packing.placed == (0,)


def test_no_more_nodes_are_opened_than_allowed() -> None:
    packing = pack([demand(1000, 100)], [100], (), EMPTY, 2)
    assert packing.used_nodes == 2
    assert packing.placed == (8,)


def test_nodes_on_their_way_are_filled_before_new_ones() -> None:
    packing = pack([demand(1000, 9)], [9], [Run(2, EMPTY)], EMPTY, 100)
    assert packing.used_nodes == 3
    assert packing.placed == (9,)


def test_nodes_on_their_way_that_nobody_needs_do_not_count_as_used() -> None:
    assert used(demand(1000, 1), start=(Run(5, EMPTY),)) == 1


def test_a_resource_the_node_has_not_fits_no_copy() -> None:
    wanted = Resources(cpu_millicores=1, extended=(("nvidia.com/gpu", 1),))
    assert copies(EMPTY, wanted) == 0


def test_what_is_overbooked_fits_no_copy() -> None:
    assert copies(Resources(cpu_millicores=-1, pods=5), Resources(cpu_millicores=1)) == 0


def test_what_is_left_of_a_node_is_less_by_what_was_asked_for_only() -> None:
    free = Resources(4_000, 8 * GIB, pods=10, extended=(("gpu", 4), ("fpga", 2)))
    asked = Resources(1_000, GIB, extended=(("gpu", 1),))
    left = less(free, asked, 3)
    assert left.extended == (("gpu", 1), ("fpga", 2))
    assert (left.cpu_millicores, left.memory_bytes, left.pods) == (1_000, 5 * GIB, 7)


def test_a_node_without_what_is_asked_for_holds_no_pod() -> None:
    assert copies(EMPTY, Resources(extended=(("gpu", 1),))) == 0
    assert copies(EMPTY, Resources(extended=(("gpu", 0),))) == EMPTY.pods


def test_a_pod_exactly_as_large_as_a_node_fits_on_it() -> None:
    assert used(demand(4_000, 2)) == 2
    assert used(demand(1, 2, memory=8 * GIB)) == 2
    full = Resources(cpu_millicores=0, memory_bytes=GIB, pods=1)
    last = (Run(1, Resources(1_000, GIB, pods=1)), Run(1, full))
    packing = pack([demand(1_000, 2)], [2], last, EMPTY, 0)
    assert packing.placed == (1,)
    nothing = pack([demand(0, 2)], [2], (Run(2, full),), EMPTY, 0)
    assert nothing.placed == (2,)
