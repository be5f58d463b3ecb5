"""Scale-down never promises one place twice, and no unneeded node leaves a pod without a place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kingtide.kube.pods import Pod
from tests.unit.controllers.node_autoscaling.situation import Situation

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
