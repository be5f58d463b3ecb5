import pytest

from kingtide.controlplane.workloads.daemons import runs_on
from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, PodSpec, PodTemplate
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import NOT_READY, UNREACHABLE, UNSCHEDULABLE, Taint, Toleration
from kingtide.kube.workloads import DaemonSet


def node(*taints: Taint, cordoned: bool = False) -> Node:
    return Node(
        "n1", "u", {"disk": "ssd"}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0),
        taints=taints, unschedulable=cordoned,
    )  # fmt: skip


def daemon_set(
    *tolerations: Toleration,
    node_selector: tuple[tuple[str, str], ...] = (),
    affinity: tuple[NodeSelectorTerm, ...] = (),
) -> DaemonSet:
    spec = PodSpec(
        (Container("c"),),
        tolerations=tolerations,
        node_selector=node_selector,
        required_node_affinity=affinity,
    )
    return DaemonSet("kube-system", "agent", "d", PodTemplate({}, spec), LabelSelector())


@pytest.mark.parametrize(
    ("taint", "runs"),
    [
        pytest.param(Taint(NOT_READY, "NoExecute"), True, id="not ready, would evict"),
        pytest.param(Taint(NOT_READY, "NoSchedule"), True, id="not ready yet"),
        pytest.param(Taint(UNREACHABLE, "NoExecute"), True, id="unreachable, would evict"),
        pytest.param(Taint(UNSCHEDULABLE, "NoSchedule"), True, id="cordoned"),
        pytest.param(Taint("node.kubernetes.io/disk-pressure", "NoSchedule"), True, id="disk"),
        pytest.param(Taint("node.kubernetes.io/memory-pressure", "NoSchedule"), True, id="memory"),
        pytest.param(Taint("node.kubernetes.io/pid-pressure", "NoSchedule"), True, id="pids"),
        pytest.param(
            Taint("node.kubernetes.io/network-unavailable", "NoSchedule"), False, id="no network"
        ),
        pytest.param(Taint(UNREACHABLE, "NoSchedule"), False, id="unreachable"),
        pytest.param(Taint("dedicated", "NoSchedule", "gpu"), False, id="dedicated to others"),
        pytest.param(Taint("dedicated", "NoExecute", "gpu"), False, id="evicting others"),
        pytest.param(Taint("dedicated", "PreferNoSchedule", "gpu"), True, id="a wish only"),
    ],
)
def test_a_daemon_runs_on_a_tainted_node(taint: Taint, *, runs: bool) -> None:
    assert runs_on(daemon_set(), node(taint)) is runs


def test_a_daemon_with_a_toleration_of_its_own_runs_on_dedicated_nodes() -> None:
    tolerant = daemon_set(Toleration("dedicated", "Exists"))
    assert runs_on(tolerant, node(Taint("dedicated", "NoSchedule", "gpu")))


def test_a_cordon_keeps_no_daemon_away() -> None:
    assert runs_on(daemon_set(), node(cordoned=True))


def test_a_daemon_runs_where_its_selector_and_affinity_say() -> None:
    assert runs_on(daemon_set(node_selector=(("disk", "ssd"),)), node())
    assert not runs_on(daemon_set(node_selector=(("disk", "hdd"),)), node())
    elsewhere = NodeSelectorTerm((Requirement("disk", "NotIn", ("ssd",)),))
    here = NodeSelectorTerm((), (Requirement("metadata.name", "In", ("n1",)),))
    assert not runs_on(daemon_set(affinity=(elsewhere,)), node())
    assert runs_on(daemon_set(affinity=(elsewhere, here)), node())
