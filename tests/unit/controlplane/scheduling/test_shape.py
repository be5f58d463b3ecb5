"""What makes two pods one shape, and what a shape knows."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.controlplane.scheduling.shape import ShapeTable
from kingtide.kube.labels import LabelSelector, NodeSelectorTerm, Requirement
from kingtide.kube.nodes import HOSTNAME_LABEL, ZONE_LABEL
from kingtide.kube.pods import (
    Container,
    HostPort,
    OwnerReference,
    PodAffinityTerm,
    PodSpec,
    TopologySpreadConstraint,
)
from kingtide.kube.resources import Resources
from kingtide.kube.workloads import Service
from tests.unit.controlplane.scheduling.situations import pod, requesting

MEBIBYTE = 1 << 20


def test_equal_content_is_one_shape_whatever_the_objects() -> None:
    shapes = ShapeTable()
    first = shapes.intern(pod("a", requesting(100, 64), app="web"))
    assert shapes.intern(pod("b", requesting(100, 64), app="web")) is first
    others = [
        pod("c", requesting(101, 64), app="web"),
        pod("d", requesting(100, 64), app="api"),
        pod("e", requesting(100, 64), app="web", namespace="other"),
        pod("f", requesting(100, 64, priority=1), app="web"),
    ]
    assert [shapes.intern(other).index for other in others] == [1, 2, 3, 4]
    assert len(shapes) == 5
    assert shapes[3].namespace == "other"


def test_shapes_that_differ_in_resources_and_priority_are_of_one_kind() -> None:
    shapes = ShapeTable()
    kinds = {
        shapes.intern(pod("a", requesting(cpu, 64, priority=cpu), app="web")).kind
        for cpu in (100, 200)
    }
    assert len(kinds) == 1
    assert shapes.intern(pod("b", requesting(100, 64), app="api")).kind not in kinds


def test_scores_assume_something_for_containers_that_request_nothing() -> None:
    silent = Container("silent")
    asking = Container("asking", requests=Resources(50, 10 * MEBIBYTE))
    shape = ShapeTable().intern(pod("a", PodSpec((silent, asking))))
    assert (shape.cpu_millicores, shape.memory_bytes) == (50, 10 * MEBIBYTE)
    assert shape.nonzero_cpu_millicores == 150
    assert shape.nonzero_memory_bytes == 210 * MEBIBYTE
    assert shape.requests.pods == 1


def test_default_spreading_counts_what_services_and_owner_select_together() -> None:
    shapes = ShapeTable()
    owner = OwnerReference("ReplicaSet", "web-1")
    lonely = shapes.intern(pod("a", app="web", owner=owner))
    assert lonely.rules.soft_spread == ()
    shapes.directory.set_service(Service("default", "web", (("app", "web"),)))
    shapes.directory.set_service(Service("default", "all", ()))
    shapes.directory.set_service(Service("default", "api", (("app", "api"),)))
    hashed = Requirement("pod-template-hash", "In", ("1",))
    selector = LabelSelector((("app", "web"),), (hashed,))
    shapes.directory.set_owner("ReplicaSet", "default", "web-1", selector)
    spread = shapes.intern(pod("a", app="web", owner=owner))
    assert spread is not lonely
    assert [(rule.topology_key, rule.max_skew) for rule in spread.rules.soft_spread] == [
        (HOSTNAME_LABEL, 3),
        (ZONE_LABEL, 5),
    ]
    assert spread.rules.soft_spread[0].pods.labels == selector
    shapes.directory.remove_owner("ReplicaSet", "default", "web-1")
    by_service = shapes.intern(pod("a", app="web", owner=owner))
    assert by_service.rules.soft_spread[0].pods.labels == LabelSelector((("app", "web"),))


def test_a_pod_with_constraints_of_its_own_gets_no_default_ones() -> None:
    shapes = ShapeTable()
    shapes.directory.set_service(Service("default", "web", (("app", "web"),)))
    own = TopologySpreadConstraint(1, ZONE_LABEL, "DoNotSchedule", LabelSelector())
    rules = shapes.intern(pod("a", requesting(topology_spread=(own,)), app="web")).rules
    assert rules.soft_spread == ()
    assert len(rules.hard_spread) == 1


@pytest.mark.parametrize(
    ("term", "namespace", "selected"),
    [
        pytest.param({}, "default", True, id="its own namespace"),
        pytest.param({}, "other", False, id="no other"),
        pytest.param({"namespaces": ("other",)}, "other", True, id="a named one"),
        pytest.param({"namespaces": ("other",)}, "default", False, id="then not its own"),
        pytest.param({"namespace_selector": LabelSelector()}, "other", True, id="every one"),
        pytest.param(
            {"namespace_selector": LabelSelector((("team", "shop"),))}, "shop-1", True, id="labels"
        ),
        pytest.param(
            {"namespace_selector": LabelSelector((("team", "shop"),))}, "other", False, id="others"
        ),
        pytest.param({"selector": None}, "default", False, id="without selector nobody"),
        pytest.param({"match_label_keys": ("app",)}, "default", False, id="its own app only"),
        pytest.param({"mismatch_label_keys": ("app",)}, "default", True, id="other apps only"),
        pytest.param({"match_label_keys": ("absent",)}, "default", True, id="absent key"),
    ],
)
def test_an_affinity_speaks_about_pods_in(
    term: dict[str, object], namespace: str, selected: bool
) -> None:
    shapes = ShapeTable()
    shapes.directory.set_namespace("shop-1", {"team": "shop"})
    base = PodAffinityTerm(ZONE_LABEL, LabelSelector((("app", "api"),)))
    spec = requesting(required_pod_affinity=(msgspec.structs.replace(base, **term),))
    rule = shapes.intern(pod("a", spec, app="web")).rules.affinity[0]
    other = shapes.intern(pod("b", app="api", namespace=namespace))
    assert other.is_selected_by(rule.pods) is selected


def test_containers_and_sidecars_hold_ports_other_init_containers_do_not() -> None:
    def holding(port: int, *, always_restarts: bool = False) -> Container:
        return Container(f"c{port}", host_ports=(HostPort(port),), always_restarts=always_restarts)

    spec = PodSpec((holding(80),), init_containers=(holding(1), holding(2, always_restarts=True)))
    ports = ShapeTable().intern(pod("a", spec)).rules.host_ports
    assert [port.port for port in ports] == [2, 80]


@pytest.mark.parametrize(
    ("terms", "names"),
    [
        pytest.param((("a",), ("b", "c")), ("a", "b", "c"), id="any term"),
        pytest.param((("a",), ()), None, id="a term without a name"),
        pytest.param((), None, id="no term"),
    ],
)
def test_terms_that_all_name_nodes_pin_a_pod(
    terms: tuple[tuple[str, ...], ...], names: tuple[str, ...] | None
) -> None:
    affinity = tuple(
        NodeSelectorTerm(match_fields=(Requirement("metadata.name", "In", values),))
        if values
        else NodeSelectorTerm((Requirement("pool", "Exists"),))
        for values in terms
    )
    shape = ShapeTable().intern(pod("a", requesting(required_node_affinity=affinity)))
    assert shape.rules.pinned_nodes == names


def test_rules_are_resolved_once_for_pods_that_differ_in_amounts_only() -> None:
    shapes = ShapeTable()
    for number in range(20):
        shapes.intern(pod(f"p{number}", requesting(100 + number, 64), app="web"))
    shapes.intern(pod("other", requesting(100, 64), app="api"))
    assert len(shapes) == 21
    assert shapes.resolved_rules == 2
