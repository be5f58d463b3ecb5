"""Scale-down never promises one place twice, and no unneeded node leaves a pod without a place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Container, HostPort, Pod, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.controllers.node_autoscaling.situation import Situation

PORT = PodSpec(
    (Container("m", requests=Resources(cpu_millicores=50), host_ports=(HostPort(8080),)),)
)
sizes = st.sampled_from([100, 500, 900, 1500, 2500])


@settings(max_examples=150, deadline=None)
@given(
    first=st.lists(st.lists(sizes, max_size=4), min_size=1, max_size=8),
    later=st.lists(st.tuples(st.integers(0, 7), sizes), max_size=6),
)
def test_all_unneeded_nodes_could_go_together(
    first: list[list[int]], later: list[tuple[int, int]]
) -> None:
    situation = Situation()
    situation.group("spot", nodes=len(first))
    for number, pods in enumerate(first):
        for cpu in pods:
            situation.pods(1, on=f"spot-{number}", cpu=cpu, app=f"app-{cpu}")
    situation.run()
    _check(situation)
    for number, cpu in later:
        name = f"spot-{number % len(first)}"
        situation.pods(1, on=name, cpu=cpu, app=f"app-{cpu}")
        situation.run(seconds=10)
        _check(situation)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.lists(sizes, max_size=3)), min_size=2, max_size=8),
)
def test_no_two_pods_are_promised_the_same_port_of_a_node(
    first: list[tuple[bool, list[int]]],
) -> None:
    situation = Situation(scale_down=ScaleDownPolicy(max_drain_parallelism=9))
    situation.group("spot", nodes=len(first))
    for number, (holds_port, pods) in enumerate(first):
        for cpu in pods:
            situation.pods(1, on=f"spot-{number}", cpu=cpu, app=f"app-{cpu}")
        if holds_port:
            situation.pods(1, on=f"spot-{number}", app="port", spec=PORT)
    situation.run()
    cluster = situation.cluster
    unneeded = dict(situation.memory.candidates.unneeded())
    held = {name: 1 for name in cluster.nodes if _port_pods(situation, name)}
    for name, found in unneeded.items():
        moves = [it for it in found.moves if cluster.shapes[it.shape_index].rules.host_ports]
        assert sum(it.count for it in moves) == len(_port_pods(situation, name))
        for move in moves:
            held[move.destination] = held.get(move.destination, 0) + move.count
    assert all(count == 1 for name, count in held.items() if name not in unneeded)


def _port_pods(situation: Situation, name: str) -> list[Pod]:
    return [it for it in _pods(situation, name) if it.spec.containers[0].host_ports]


def _check(situation: Situation) -> None:
    cluster, table = situation.cluster, situation.cluster.node_table
    unneeded = dict(situation.memory.candidates.unneeded())
    taken: dict[str, int] = {}
    for name, found in unneeded.items():
        leaving = sum(
            it.spec.containers[0].requests.cpu_millicores for it in _pods(situation, name)
        )
        moving = 0
        for move in found.moves:
            assert move.destination not in unneeded, "a node that goes takes in nobody"
            amount = move.count * cluster.shapes[move.shape_index].cpu_millicores
            moving += amount
            taken[move.destination] = taken.get(move.destination, 0) + amount
        assert moving == leaving, "every pod has a place"
    for destination, amount in taken.items():
        row = table.row_of(destination)
        assert row is not None
        assert amount <= table.cpu_allocatable[row] - table.cpu_requested[row]


def _pods(situation: Situation, name: str) -> list[Pod]:
    return list(situation.cluster.pods_on(name).values())
