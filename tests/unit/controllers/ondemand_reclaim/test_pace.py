"""How many pods of a workload may leave at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.controllers.ondemand_reclaim.pace import Pace
from kingtide.kube.pods import OwnerReference, Pod
from tests.unit.controllers.ondemand_reclaim.small_world import SmallWorld


def world_with(replicas: int) -> tuple[SmallWorld, list[Pod]]:
    """A workload on one node."""
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    return world, world.pods(replicas, on="spot-0")


def allowed(world: SmallWorld, pods: Sequence[Pod], *asked: Pod, percent: int = 10) -> int:
    asked_ms = {it.uid: world.now_ms for it in asked}
    pace = Pace(world.cluster, pods, asked_ms, percent)
    return len(pace.may_go([it for it in pods if it not in asked]))


@pytest.mark.parametrize(
    ("replicas", "percent", "leave"),
    [
        pytest.param(1, 10, 1, id="one at least, of one too"),
        pytest.param(19, 10, 1, id="one of nineteen"),
        pytest.param(20, 10, 2, id="two of twenty"),
        pytest.param(30, 10, 3, id="a tenth"),
        pytest.param(99, 10, 9, id="a tenth, rounded down"),
        pytest.param(3, 100, 3, id="all"),
    ],
)
def test_a_share_of_the_replicas_may_leave_at_once(replicas: int, percent: int, leave: int) -> None:
    world, pods = world_with(replicas)
    assert allowed(world, pods, percent=percent) == leave


def test_those_who_were_asked_to_leave_count_as_gone() -> None:
    world, pods = world_with(30)
    assert allowed(world, pods, *pods[:2]) == 1
    assert allowed(world, pods, *pods[:3]) == 0
    assert allowed(world, pods, *pods[:5]) == 0


def test_more_ready_pods_than_are_wanted_allow_no_more_to_leave() -> None:
    world, pods = world_with(20)
    extra = world.pods(5, on="spot-0")
    world.want("web", -5)  # scaled down, and the pods are not gone yet
    assert allowed(world, [*pods, *extra]) == 2


def test_a_pod_that_is_not_ready_may_always_go_and_so_may_who_has_no_owner() -> None:
    world, pods = world_with(2)
    unready = msgspec.structs.replace(pods[0], ready=None)
    world.cluster.apply(pods[0], unready)
    (bare,) = world.pods(1, on="spot-0", owner=None)
    pace = Pace(world.cluster, [unready, pods[1], bare], {}, 10)
    assert pace.may_go([unready, bare, pods[1]]) == (unready.uid, bare.uid)


def test_pods_of_a_workload_whose_replicas_nobody_knows_may_go() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    pods = world.pods(3, on="spot-0", owner=OwnerReference("Workflow", "batch"))
    assert allowed(world, pods) == 3
