"""A shadow's controllers are told that nothing was done, and nothing could be."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx2
import pytest
from msgspec.structs import replace

from kingtide.aws.autoscaling import AutoScalingGroup, ScalingActivity
from kingtide.control.action import Action, EvictPod, SetDesiredCapacity, TerminateInstance
from kingtide.control.index import ClusterIndex
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, Pod, PodSpec
from kingtide.kube.resources import Resources
from kingtide.kube.taints import Taint
from kingtide.operate.shadowing.deciding.answers import answer
from kingtide.operate.shadowing.deciding.late_cloud import LateCloud
from kingtide.operate.shadowing.eyes import ReadOnly, refuse_writes
from kingtide.operate.shadowing.scoring.sighting import OTHERS_TAINTS

ROOM = Resources(4_000, 8 << 30, pods=10)
RAISE = SetDesiredCapacity(group="spot", desired=3, expected_desired=2, reason="pods wait")
EVICTION = EvictPod(namespace="shop", name="p", uid="p", reason="the node goes")
END = TerminateInstance(group="spot", instance_id="i-1", node="n", reason="it is empty")


def cluster(*taints: str) -> ClusterIndex:
    index = ClusterIndex()
    of_node = tuple(Taint(key, "NoSchedule") for key in taints)
    index.apply(None, Node("n", "u", {}, ROOM, ROOM, 0, Condition("True", 0), taints=of_node))
    spec = PodSpec((Container("c"),))
    pod = Pod(
        namespace="shop", name="p", uid="p", spec=spec, labels={}, created_ms=0, node_name="n"
    )
    index.apply(None, pod)
    return index


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_request_that_writes_never_leaves(method: str) -> None:
    with pytest.raises(ReadOnly):
        asyncio.run(refuse_writes(httpx2.Request(method, "https://cluster/api/v1/nodes/n")))


def test_a_request_that_reads_leaves() -> None:
    asyncio.run(refuse_writes(httpx2.Request("GET", "https://cluster/api/v1/nodes")))


@pytest.mark.parametrize("action", [RAISE, EVICTION, END], ids=["raise", "evict", "terminate"])
def test_what_ours_want_is_refused_because_another_comes_first(action: Action) -> None:
    told = answer(action, cluster(), 7)
    assert (told.status, told.code, told.at_ms) == ("refused", "Claimed", 7)


@pytest.mark.parametrize("taint", OTHERS_TAINTS)
@pytest.mark.parametrize("action", [EVICTION, END], ids=["evict", "terminate"])
def test_what_the_other_does_itself_is_told_as_done(action: Action, taint: str) -> None:
    assert answer(action, cluster(taint), 0).status == "done"


class Cloud:
    """Groups that a test changes."""

    def __init__(self, *groups: AutoScalingGroup) -> None:
        self.groups = {it.name: it for it in groups}

    def activities_since(self, group: str, since_ms: int) -> Sequence[ScalingActivity]:
        return ()


def test_a_hidden_raise_is_shown_as_the_group_was_and_then_as_it_is() -> None:
    spot = AutoScalingGroup("spot", 0, 9, 2, ("m5.large",), ("a",), {})
    other = replace(spot, name="other")
    cloud = Cloud(spot, other)
    late = LateCloud(cloud)
    late.show(())
    cloud.groups = {it: replace(cloud.groups[it], desired_capacity=5) for it in cloud.groups}
    late.show(["spot"])
    assert late.groups["spot"] is spot
    assert late.groups["other"].desired_capacity == 5
    late.show(())
    assert late.groups["spot"].desired_capacity == 5
