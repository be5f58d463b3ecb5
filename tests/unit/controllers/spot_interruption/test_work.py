"""What a pass looks at: the nodes that bear a notice, and of them what changed."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView

import msgspec

from kingtide.control.index import ClusterIndex
from kingtide.control.node_actions import ClaimDisruption
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from tests.unit.controllers.spot_interruption.situation import Situation

FLEET = 200
NOTICED = ("n0", "n1", "n2")


class Walked(dict[str, Node]):
    """A mapping that counts how often somebody walks over all of it."""

    walks = 0

    def __iter__(self) -> Iterator[str]:
        self.walks += 1
        return super().__iter__()

    def items(self) -> ItemsView[str, Node]:  # type: ignore[override]  # dict's own view is narrower
        self.walks += 1
        return super().items()

    def values(self) -> ValuesView[Node]:  # type: ignore[override]  # as above
        self.walks += 1
        return super().values()


class CountingIndex(ClusterIndex):
    """A cluster that counts whose pods are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: Walked = Walked()
        self.asked: list[str] = []

    def pods_on(self, node: str) -> Mapping[str, Pod]:
        self.asked.append(node)
        return super().pods_on(node)

    def forget(self) -> None:
        self.asked.clear()
        self.nodes.walks = 0


def _held() -> tuple[Situation, CountingIndex]:
    """Three nodes of a fleet whose pods stay for now: others wait for a node already."""
    situation = Situation(surge=False)
    situation.cluster = cluster = CountingIndex()
    for number in range(FLEET):
        situation.node(f"n{number}")
        situation.pods(2, on=f"n{number}")
    for name in NOTICED:
        situation.pods(30, on=name)
        situation.interrupt(name)
    situation.waiting()
    for _ in range(3):
        _pass(situation)
    assert len(situation.asked(ClaimDisruption)) == len(NOTICED)
    assert situation.inbox == {}
    cluster.forget()
    return situation, cluster


def _pass(situation: Situation) -> int:
    """Make a pass and return how many pods it found that have to leave."""
    situation.now_ms += 1000
    left = situation.run().report.saw["pods_to_leave"]
    assert type(left) is int
    return left


def test_a_pass_in_which_nothing_changed_looks_at_no_pod_of_the_cluster() -> None:
    situation, cluster = _held()
    assert [_pass(situation) for _ in range(20)] == [32 * len(NOTICED)] * 20
    assert situation.evicted == []
    assert cluster.asked == []
    assert cluster.nodes.walks == 0


def test_a_pod_that_changes_has_the_pods_of_its_node_looked_at_once() -> None:
    situation, cluster = _held()
    pod = next(iter(cluster.pods_on("n1").values()))
    other = next(iter(cluster.pods_on("n7").values()))
    for it in (pod, other):
        cluster.apply(it, msgspec.structs.replace(it, deletion_ms=situation.now_ms))
    cluster.forget()
    assert [_pass(situation) for _ in range(3)] == [32 * len(NOTICED) - 1] * 3
    assert cluster.asked == ["n1"]
    assert cluster.nodes.walks == 0


def test_a_wait_of_a_hook_has_only_its_own_node_looked_at() -> None:
    situation, cluster = _held()
    situation.hold("n2")
    _pass(situation)
    assert dict.fromkeys(cluster.asked) == {"n2": None}
    assert cluster.nodes.walks == 0
