"""Room for pods that mind other pods: what they take, and the ports they hold."""

from __future__ import annotations

from kingtide.control.company import Company
from kingtide.control.index import ClusterIndex
from kingtide.control.room import Room
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.kube.labels import LabelSelector
from kingtide.kube.nodes import HOSTNAME_LABEL
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
