"""Pods that mind other pods, placed on nodes that are and on nodes that will be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest

from kingtide.control.company import Company
from kingtide.control.index import ClusterIndex
from kingtide.controllers.node_autoscaling.binpacking import Packing
from kingtide.controllers.node_autoscaling.careful_packing import pack_carefully
from kingtide.controllers.node_autoscaling.demand import Demand
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, Node
from kingtide.kube.pods import Container, HostPort, PodAffinityTerm, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.controlplane.scheduling.situations import GIBIBYTE, node, pod

EMPTY = Resources(cpu_millicores=4_000, memory_bytes=16 * GIBIBYTE, pods=110)
WANTED = Resources(cpu_millicores=1_000, memory_bytes=GIBIBYTE)
WEB = LabelSelector(match_labels=(("app", "web"),))
PORT = PodSpec(containers=(Container("main", requests=WANTED, host_ports=(HostPort(8080),)),))
WITH_WEB = PodSpec(
    containers=(Container("main", requests=WANTED),),
    required_pod_affinity=(PodAffinityTerm(HOSTNAME_LABEL, WEB),),
)


class ToCome:
    """Nodes without end, over zones in turn; counts how many were opened."""

    def __init__(self, *zones: str) -> None:
        self.opened = 0
        self._zones = cycle(zones)

    def __iter__(self) -> Iterator[Node]:
        return self

    def __next__(self) -> Node:
        self.opened += 1
        return node(f"new-{self.opened}", zone=next(self._zones))


def _packed(spec: PodSpec, pods: int, there: int, to_come: ToCome, most: int = 9) -> Packing:
    cluster = ClusterIndex()
    shape = cluster.shapes.intern(pod("p", spec))
    company = Company(cluster.node_table, [shape])
    nodes = [node(f"there-{number}") for number in range(there)]
    return pack_carefully(
        [Demand(shape, pods, "web")], [pods], nodes, to_come, EMPTY, most, company
    )


def test_a_node_is_used_by_the_pods_that_went_there_and_has_left_what_they_do_not_take() -> None:
    packing = _packed(PORT, pods=1, there=2, to_come=ToCome(""))
    assert [run.is_used for run in packing.runs] == [True, False]
    left = Resources(cpu_millicores=3_000, memory_bytes=15 * GIBIBYTE, pods=109)
    assert [run.free for run in packing.runs] == [left, EMPTY]
    assert packing.placed == (1,)


def test_nodes_are_opened_for_pods_that_find_no_place_and_no_more_than_allowed() -> None:
    packing = _packed(PORT, pods=5, there=1, to_come=ToCome(""), most=2)
    assert packing.placed == (3,)
    assert [run.is_used for run in packing.runs] == [True, True, True]


@pytest.mark.parametrize(
    ("zones", "opened"),
    [
        pytest.param(("",), 1, id="without zones all are alike"),
        pytest.param(("eu-west-1a",), 2, id="the second is in the same zone"),
        pytest.param(("eu-west-1a", "eu-west-1b"), 3, id="both zones were tried"),
    ],
)
def test_no_more_nodes_are_opened_in_vain_than_there_are_zones(
    zones: tuple[str, ...], opened: int
) -> None:
    to_come = ToCome(*zones)
    assert _packed(WITH_WEB, pods=1, there=1, to_come=to_come).placed == (0,)
    assert to_come.opened == opened
