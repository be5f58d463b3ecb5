"""Where the pods of a node would go, and that a search without an end leaves no trace."""

from __future__ import annotations

import pytest

from kingtide.control.index import ClusterIndex
from kingtide.control.places import Move, find_places
from kingtide.control.room import Room
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL
from kingtide.kube.pods import Container, HostPort, PodSpec, TopologySpreadConstraint
from kingtide.kube.resources import Resources
from tests.unit.controlplane.scheduling.situations import node, pod

WEB = LabelSelector(match_labels=(("app", "web"),))
EVEN = TopologySpreadConstraint(1, HOSTNAME_LABEL, "DoNotSchedule", WEB)
ONE_CPU = Container("main", requests=Resources(1_000))


class Nodes:
    """`old`, which is to go, and others of 4 CPU; its pods are of one shape."""

    def __init__(self, *others: str, spec: PodSpec | None = None) -> None:
        self.cluster = ClusterIndex()
        for name in ("old", *others):
            self.cluster.apply(None, node(name))
        self.shape = self.cluster.shapes.intern(pod("p", spec or PodSpec((ONE_CPU,)), app="web"))
        self.room = Room(self.cluster)

    def moves(self, count: int, before: tuple[Move, ...] = ()) -> dict[str, int] | None:
        counts = {self.shape.index: count}
        found = find_places("old", counts, before, self.cluster, self.room)
        return None if found is None else {it.destination: it.count for it in found}

    def move(self, count: int, destination: str) -> Move:
        return Move(self.shape.index, count, destination)

    def free(self, name: str) -> int:
        """How many more pods a node takes."""
        return max(n for n in range(6) if self.room.fits(name, self.shape, n))


def test_places_found_before_are_taken_again_as_far_as_they_still_fit() -> None:
    nodes = Nodes("a", "b")
    assert nodes.moves(3, (nodes.move(3, "b"),)) == {"b": 3}
    nodes = Nodes("a", "b")
    nodes.room.take("b", nodes.shape, 2)
    assert nodes.moves(3, (nodes.move(3, "b"),)) == {"a": 3}


def test_of_places_found_before_only_as_many_are_taken_as_there_are_pods() -> None:
    nodes = Nodes("a", "b")
    assert nodes.moves(2, (nodes.move(1, "b"), nodes.move(3, "a"))) == {"b": 1, "a": 1}
    assert (nodes.free("a"), nodes.free("b")) == (3, 3)
    assert Nodes("a").moves(1, (nodes.move(1, "a"), nodes.move(1, "a"))) == {"a": 1}


def test_the_node_itself_is_no_place() -> None:
    nodes = Nodes("a")
    assert nodes.moves(4) == {"a": 4}
    assert not nodes.room.fits("old", nodes.shape, 1)


@pytest.mark.parametrize("is_open", [True, False])
def test_without_a_place_for_all_nothing_is_taken_and_the_node_is_as_before(is_open: bool) -> None:
    nodes = Nodes("a")
    if not is_open:
        nodes.room.close("old")
    assert nodes.moves(5, (nodes.move(2, "a"),)) is None
    assert nodes.free("a") == 4
    assert nodes.room.fits("old", nodes.shape, 1) is is_open


def test_pods_that_mind_others_are_placed_anew_whatever_was_found_before() -> None:
    nodes = Nodes("a", "b", spec=PodSpec((ONE_CPU,), topology_spread=(EVEN,)))
    assert nodes.moves(4, (nodes.move(4, "b"),)) == {"a": 2, "b": 2}


def test_after_a_search_without_an_end_pods_mind_each_other_as_before() -> None:
    nodes = Nodes("a", spec=PodSpec((ONE_CPU,), topology_spread=(EVEN,)))
    nodes.cluster.apply(None, node("full", 0))
    nodes.room = Room(nodes.cluster)
    # `full` takes none, so that `a` takes one more than it at most.
    assert nodes.moves(3) is None
    company, spread = nodes.room.company, nodes.shape
    assert company.allows(spread, nodes.cluster.nodes["old"])
    nodes.room.take("a", spread, 1)
    assert not company.allows(spread, nodes.cluster.nodes["a"])


def test_after_a_search_without_an_end_a_port_is_as_free_as_before() -> None:
    port = Container("main", host_ports=(HostPort(8080),))
    nodes = Nodes("a", spec=PodSpec((port,)))
    assert nodes.moves(2) is None
    for name in ("a", "old"):
        assert nodes.room.company.allows(nodes.shape, nodes.cluster.nodes[name])
