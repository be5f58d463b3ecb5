"""Room for pods that mind other pods: what they take, and the ports they hold."""

from __future__ import annotations

import msgspec

from kingtide.control.company import Company
from kingtide.control.index import ClusterIndex
from kingtide.control.room import Room
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL, LIFECYCLE_LABEL
from kingtide.kube.pods import Container, HostPort, PodSpec, TopologySpreadConstraint
from kingtide.kube.resources import Resources
from tests.unit.controlplane.scheduling.situations import node, pod

GPU = "nvidia.com/gpu"
WEB = LabelSelector(match_labels=(("app", "web"),))
EVEN = TopologySpreadConstraint(1, HOSTNAME_LABEL, "DoNotSchedule", WEB)


def _cluster() -> ClusterIndex:
    """One node: 4 CPU, 2 GPUs."""
    it = ClusterIndex()
    it.apply(None, node("a", 4_000, extended=((GPU, 2),)))
    return it


def _spread(it: ClusterIndex, **wanted: int | tuple[tuple[str, int], ...]) -> PodShape:
    requests = Resources(**wanted)  # type: ignore[arg-type]  # checked by msgspec's __init__
    spec = PodSpec(containers=(Container("main", requests=requests),), topology_spread=(EVEN,))
    return it.shapes.intern(pod("p", spec, app="web"))


def test_each_pod_that_minds_others_takes_its_own_amount_and_no_more() -> None:
    it = _cluster()
    shape, room = _spread(it, cpu_millicores=1_000), Room(it)
    assert room.place(shape, 2) == {"a": 2}
    assert room.fits("a", shape, 2)
    assert not room.fits("a", shape, 3)


def test_pods_that_mind_others_get_a_nodes_last_gpu_too() -> None:
    it = _cluster()
    shape = _spread(it, extended=((GPU, 1),))
    assert Room(it).place(shape, 9) == {"a": 2}


def test_a_port_is_free_again_when_the_pod_that_held_it_is_taken_back() -> None:
    it = _cluster()
    spec = PodSpec(containers=(Container("main", host_ports=(HostPort(8080),)),))
    shape, company = it.shapes.intern(pod("p", spec)), Company(it.node_table)
    there = it.nodes["a"]
    mark = company.mark()
    assert company.allows(shape, there)
    company.note(there, shape, 1)
    assert not company.allows(shape, there)
    company.undo_to(mark)
    assert company.allows(shape, there)


def _two(**labels: dict[str, str]) -> ClusterIndex:
    """Nodes `a` and `b` of 4 CPU."""
    it = ClusterIndex()
    for name in ("a", "b"):
        it.apply(None, node(name, 4_000, labels=labels.get(name)))
    return it


def test_pods_that_mind_others_fill_a_node_to_its_last_place_and_not_beyond() -> None:
    it = _cluster()
    shape = _spread(it, cpu_millicores=1_000)
    assert Room(it).place(shape, 9) == {"a": 4}
    whole = _spread(it, cpu_millicores=4_000)
    assert Room(it).place(whole, 9) == {"a": 1}


def test_pods_that_mind_others_go_last_to_nodes_that_are_to_be_avoided() -> None:
    it = _two()
    spec = PodSpec(containers=(Container("main", host_ports=(HostPort(8080),)),))
    shape, room = it.shapes.intern(pod("p", spec)), Room(it)
    room.avoid(["a"])
    assert room.place(shape, 1) == {"b": 1}
    assert room.place(shape, 2) == {"a": 1}


def test_on_demand_is_no_place_for_pods_that_mind_others_and_want_spot() -> None:
    it = _two(b={LIFECYCLE_LABEL: "spot"})
    spec = PodSpec(containers=(Container("main", host_ports=(HostPort(8080),)),))
    assert Room(it).place(it.shapes.intern(pod("p", spec)), 2, spot_only=True) == {"b": 1}


def test_a_place_that_is_given_back_has_its_port_free() -> None:
    it = _cluster()
    spec = PodSpec(containers=(Container("main", host_ports=(HostPort(8080),)),))
    shape, room = it.shapes.intern(pod("p", spec)), Room(it)
    assert room.place(shape, 1) == {"a": 1}
    assert room.place(shape, 1) == {}
    room.take("a", shape, -1)
    assert room.place(shape, 1) == {"a": 1}


def test_pods_that_leave_their_node_free_its_ports_until_they_come_back() -> None:
    it = _cluster()
    spec = PodSpec(containers=(Container("main", host_ports=(HostPort(8080),)),))
    it.apply(None, msgspec.structs.replace(pod("p", spec), node_name="a"))
    shape, room = it.shapes.intern(pod("q", spec)), Room(it)
    assert not room.company.allows(shape, it.nodes["a"])
    room.leave("a", shape, 1)
    room.leave("unknown", shape, 1)
    assert room.company.allows(shape, it.nodes["a"])
    room.leave("a", shape, -1)
    assert not room.company.allows(shape, it.nodes["a"])
