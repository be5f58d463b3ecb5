from collections.abc import Mapping

import pytest

from kingtide.kube.nodes import LIFECYCLE_LABEL, ZONE_LABEL, Node
from kingtide.kube.pods import Condition, ConditionStatus
from kingtide.kube.resources import NO_RESOURCES


def node(
    status: ConditionStatus = "True", provider_id: str = "", labels: Mapping[str, str] = {}
) -> Node:
    return Node("n", "u", labels, NO_RESOURCES, NO_RESOURCES, 0, Condition(status, 0), provider_id)


@pytest.mark.parametrize(
    ("status", "ready"), [("True", True), ("False", False), ("Unknown", False)]
)
def test_a_node_is_ready_only_when_its_condition_is_true(
    status: ConditionStatus, *, ready: bool
) -> None:
    assert node(status).is_ready is ready


def test_the_instance_id_ends_the_provider_id() -> None:
    assert node(provider_id="aws:///eu-west-1a/i-0123").instance_id == "i-0123"
    assert node().instance_id == ""


def test_zone_and_lifecycle_are_read_from_labels() -> None:
    labelled = node(labels={ZONE_LABEL: "eu-west-1b", LIFECYCLE_LABEL: "spot"})
    assert (labelled.zone, labelled.is_spot) == ("eu-west-1b", True)
    assert (node().zone, node().is_spot) == ("", False)
