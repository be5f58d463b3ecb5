"""What a batch of changes is about, so that whoever watches that looks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.control.arrivals import Arrivals
from kingtide.control.claims import CAPACITY_CLAIM, DISRUPTION_CLAIM
from kingtide.control.index import ClusterIndex
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition, PodSpec, PodTemplate
from kingtide.kube.workloads import ConfigMap, Deployment, PodDisruptionBudget
from tests.unit.controlplane.scheduling.situations import node, pod

NODE = node("n")
SELECTOR = LabelSelector()
WAITING = msgspec.structs.replace(
    pod("waits"), phase="Pending", scheduled=Condition("False", 1, reason="Unschedulable")
)


@pytest.mark.parametrize(
    ("changed", "topics"),
    [
        pytest.param(NODE, ("nodes",), id="a node"),
        pytest.param(ConfigMap("a", "b", {}), ("configuration",), id="a ConfigMap"),
        pytest.param(
            Deployment("a", "b", "u", 1, PodTemplate({}, PodSpec(containers=())), SELECTOR),
            ("workloads",),
            id="a workload",
        ),
        pytest.param(PodDisruptionBudget("a", "b", SELECTOR), (), id="a budget is nobody's news"),
        pytest.param(pod("p"), (), id="nor a pod that runs"),
        pytest.param(WAITING, ("unschedulable_pods",), id="a pod that finds no node"),
    ],
)
def test_an_object_that_comes_is_about_its_topic(changed: Any, topics: tuple[str, ...]) -> None:
    arrivals = Arrivals(ClusterIndex())
    assert arrivals.topics() == ()
    arrivals.take(None, changed)
    assert arrivals.topics() == topics
    assert arrivals.topics() == ()  # it was told


@pytest.mark.parametrize(
    ("before", "after", "topics"),
    [
        pytest.param({}, {CAPACITY_CLAIM: "1"}, ("nodes", "claims"), id="capacity is claimed"),
        pytest.param({CAPACITY_CLAIM: "1"}, {}, ("nodes", "claims"), id="it is not any more"),
        pytest.param(
            {CAPACITY_CLAIM: "1"}, {CAPACITY_CLAIM: "2"}, ("nodes", "claims"), id="otherwise"
        ),
        pytest.param({CAPACITY_CLAIM: "1"}, {CAPACITY_CLAIM: "1"}, ("nodes",), id="as before"),
        pytest.param({}, {DISRUPTION_CLAIM: "1"}, ("nodes",), id="another claim"),
    ],
)
def test_a_claim_for_capacity_that_changes_is_news_of_its_own(
    before: dict[str, str], after: dict[str, str], topics: tuple[str, ...]
) -> None:
    old = msgspec.structs.replace(NODE, annotations=before)
    index = ClusterIndex()
    index.apply(None, old)
    arrivals = Arrivals(index)
    arrivals.take(old, msgspec.structs.replace(NODE, annotations=after))
    assert arrivals.topics() == topics


def test_a_node_that_goes_is_news_and_so_is_the_claim_that_goes_with_it() -> None:
    claimed = msgspec.structs.replace(node("c"), annotations={CAPACITY_CLAIM: "1"})
    index = ClusterIndex()
    for it in (NODE, claimed):
        index.apply(None, it)
    arrivals = Arrivals(index)
    arrivals.take(NODE, None)
    assert arrivals.topics() == ("nodes",)
    arrivals.take(claimed, None)
    assert arrivals.topics() == ("nodes", "claims")


def test_topics_of_several_changes_are_told_once_and_in_one_order() -> None:
    arrivals = Arrivals(ClusterIndex())
    for it in (ConfigMap("a", "b", {}), ConfigMap("a", "c", {}), NODE, WAITING):
        arrivals.take(None, it)
    assert arrivals.topics() == ("unschedulable_pods", "nodes", "configuration")


def test_a_pod_that_waits_already_is_no_news() -> None:
    index = ClusterIndex()
    index.apply(None, WAITING)
    arrivals = Arrivals(index)
    arrivals.take(WAITING, msgspec.structs.replace(WAITING, labels={"a": "b"}))
    assert arrivals.topics() == ()
