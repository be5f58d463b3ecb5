"""Packing in runs gives what placing pod by pod gives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kingtide.controllers.node_autoscaling.binpacking import by_size, copies, less, pack
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.pods import Container, Pod, PodSpec
from kingtide.kube.resources import Resources


def demand_of(table: ShapeTable, number: int, cpu: int, memory: int, count: int) -> Demand:
    requests = Resources(cpu_millicores=cpu, memory_bytes=memory)
    spec = PodSpec(containers=(Container("main", requests=requests),))
    pod = Pod("shop", f"app-{number}", f"uid-{number}", spec, {"app": str(number)}, created_ms=0)
    return Demand(table.intern(pod), count, f"replicaset/shop/app-{number}")


@st.composite
def demands(draw: st.DrawFn) -> list[Demand]:
    table = ShapeTable()
    drawn = draw(
        st.lists(
            st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 30)),
            min_size=1,
            max_size=6,
        )
    )
    return [demand_of(table, n, cpu, memory, count) for n, (cpu, memory, count) in enumerate(drawn)]


def pod_by_pod(
    wanted: list[Demand], empty: Resources, max_new: int
) -> tuple[list[Resources], list[int]]:
    nodes: list[Resources] = []
    placed = [0] * len(wanted)
    for place, demand in by_size(wanted, empty):
        requests = demand.shape.requests
        for _ in range(demand.count):
            for number, free in enumerate(nodes):
                if copies(free, requests):
                    nodes[number] = less(free, requests, 1)
                    placed[place] += 1
                    break
            else:
                if len(nodes) < max_new and copies(empty, requests):
                    nodes.append(less(empty, requests, 1))
                    placed[place] += 1
    return nodes, placed


@given(demands(), st.integers(0, 12))
def test_packing_in_runs_equals_first_fit_pod_by_pod(wanted: list[Demand], max_new: int) -> None:
    empty = Resources(cpu_millicores=40, memory_bytes=40, pods=8)
    packing = pack(wanted, [it.count for it in wanted], (), empty, max_new)
    nodes, placed = pod_by_pod(wanted, empty, max_new)
    assert list(packing.placed) == placed
    assert packing.used_nodes == len(nodes)
    in_order = [run.free for run in packing.runs for _ in range(run.nodes)]
    assert in_order == nodes


@given(demands(), st.integers(0, 12))
def test_no_node_is_filled_above_what_it_offers(wanted: list[Demand], max_new: int) -> None:
    empty = Resources(cpu_millicores=40, memory_bytes=40, pods=8)
    packing = pack(wanted, [it.count for it in wanted], (), empty, max_new)
    assert packing.used_nodes <= max_new
    for run in packing.runs:
        assert run.free.cpu_millicores >= 0
        assert run.free.memory_bytes >= 0
        assert run.free.pods >= 0
