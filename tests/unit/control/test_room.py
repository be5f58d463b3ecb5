"""How much fits on a node: exactly what is free, of every resource."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.index import ClusterIndex
from kingtide.control.room import Room
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.nodes import LIFECYCLE_LABEL
from kingtide.kube.pods import Container, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.controlplane.scheduling.situations import GIBIBYTE, node, pod

GPU = "nvidia.com/gpu"


def cluster(*, spot: bool = False) -> ClusterIndex:
    """One node: 4 CPU, 16 GiB, 100 GiB of disk, 8 pods, 2 GPUs."""
    it = ClusterIndex()
    labels = {LIFECYCLE_LABEL: "spot"} if spot else {}
    it.apply(None, node("a", 4_000, 16, pods=8, extended=((GPU, 2),), labels=labels))
    return it


def asking(it: ClusterIndex, requests: Resources) -> PodShape:
    spec = PodSpec(containers=(Container("main", requests=requests),))
    return it.shapes.intern(pod("p", spec))


EACH = [
    pytest.param(Resources(cpu_millicores=1_000), 4, id="cpu"),
    pytest.param(Resources(memory_bytes=4 * GIBIBYTE), 4, id="memory"),
    pytest.param(Resources(ephemeral_storage_bytes=20 * GIBIBYTE), 5, id="storage"),
    pytest.param(Resources(), 8, id="pods"),
    pytest.param(Resources(extended=((GPU, 1),)), 2, id="gpus"),
]


@pytest.mark.parametrize(("requests", "most"), EACH)
def test_as_many_fit_as_there_is_room_for(requests: Resources, most: int) -> None:
    it = cluster()
    shape = asking(it, requests)
    assert Room(it).fits("a", shape, most)
    assert not Room(it).fits("a", shape, most + 1)


@pytest.mark.parametrize(("requests", "most"), EACH)
def test_what_is_taken_is_gone_and_what_is_given_back_fits_again(
    requests: Resources, most: int
) -> None:
    it = cluster()
    shape, room = asking(it, requests), Room(it)
    assert room.place(shape, 100) == {"a": most}
    assert not room.fits("a", shape, 1)
    room.take("a", shape, -2)
    assert room.place(shape, 100) == {"a": 2}


@pytest.mark.parametrize(("spot", "expected"), [(True, {"a": 1}), (False, {})])
def test_on_demand_is_no_place_for_what_wants_spot(spot: bool, expected: dict[str, int]) -> None:
    it = cluster(spot=spot)
    shape = asking(it, Resources(cpu_millicores=1_000))
    assert Room(it).place(shape, 1, spot_only=True) == expected


def test_nothing_fits_on_a_closed_node_until_it_is_open_again() -> None:
    it = cluster()
    shape, room = asking(it, Resources(cpu_millicores=1_000)), Room(it, closed=("a",))
    assert not room.fits("a", shape, 1)
    assert not room.close("a")
    room.reopen("a")
    assert room.fits("a", shape, 1)


def two() -> ClusterIndex:
    """Nodes `a` and `b` of 4 CPU."""
    it = ClusterIndex()
    for name in ("a", "b"):
        it.apply(None, node(name, 4_000))
    return it


def test_nodes_to_be_avoided_are_taken_last() -> None:
    it = two()
    shape, room = asking(it, Resources(cpu_millicores=1_000)), Room(it)
    room.avoid(["a", "unknown"])
    assert room.place(shape, 3) == {"b": 3}
    assert room.place(shape, 3) == {"b": 1, "a": 2}


def test_the_room_of_a_pod_that_was_promised_a_place_is_kept_once() -> None:
    it = cluster()
    spec = PodSpec(containers=(Container("main", requests=Resources(cpu_millicores=1_000)),))
    promised = msgspec.structs.replace(pod("p", spec), nominated_node_name="a")
    gone = msgspec.structs.replace(pod("q", spec), nominated_node_name="unknown")
    room = Room(it)
    room.reserve([promised, gone])
    assert room.place(it.shapes.intern(promised), 9) == {"a": 3}


def test_what_a_node_does_not_offer_fits_nowhere_on_it() -> None:
    it = two()
    shape = asking(it, Resources(extended=((GPU, 1),)))
    assert not Room(it).fits("a", shape, 1)
    assert Room(it).place(shape, 3) == {}


def test_what_pods_of_the_node_hold_is_not_free() -> None:
    it = cluster()
    shape = asking(it, Resources(extended=((GPU, 1),)))
    holder = msgspec.structs.replace(
        pod("h", PodSpec((Container("c", requests=Resources(extended=((GPU, 1),))),))),
        node_name="a",
    )
    it.apply(None, holder)
    assert Room(it).place(shape, 3) == {"a": 1}
