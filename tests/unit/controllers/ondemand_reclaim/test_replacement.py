"""Where the pods of a node would go: rooms used up once, and only where they may be used."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim.groups import groups_of
from kingtide.controllers.ondemand_reclaim.replacement import Replacement
from kingtide.controllers.ondemand_reclaim.standing import (
    concerned_nodes,
    look,
    rules_of,
)
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.pods import Condition, Container, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.controllers.ondemand_reclaim.small_world import GIB, SmallWorld


def world_with(*, spot: int = 1, old: int = 1, other: int = 0) -> SmallWorld:
    """Nodes with room for four pods each, pods on the old ones as a test sets them."""
    world = SmallWorld()
    world.group("spot", "spot", nodes=spot)
    world.group("on-demand", "on-demand", nodes=old)
    world.group("other", "on-demand", nodes=other)
    return world


def takes_in(
    world: SmallWorld, *names: str, leaving: tuple[str, ...] = (), spot_only: bool = True
) -> list[bool]:
    found = Replacement(world.cluster, leaving, (), -10, world.now_ms)
    return [found.takes_in(world.cluster.nodes[name], spot_only=spot_only) for name in names]


@pytest.mark.parametrize(
    ("pods", "expected"),
    [pytest.param(4, True, id="just room enough"), pytest.param(5, False, id="one too many")],
)
def test_all_pods_of_a_node_need_a_place(pods: int, expected: bool) -> None:
    world = world_with()
    world.pods(pods, on="on-demand-0")
    assert takes_in(world, "on-demand-0") == [expected]


@pytest.mark.parametrize(
    ("second", "expected"),
    [pytest.param(1, [True, True], id="both fit"), pytest.param(2, [True, False], id="one does")],
)
def test_room_that_one_node_was_promised_is_not_promised_to_the_next(
    second: int, expected: list[bool]
) -> None:
    world = world_with(old=2)
    world.pods(3, on="on-demand-0")
    world.pods(second, on="on-demand-1")
    assert takes_in(world, "on-demand-0", "on-demand-1") == expected


@pytest.mark.parametrize(
    ("pods", "expected"),
    [
        pytest.param(2, True, id="what those on their way leave"),
        pytest.param(3, False, id="more"),
    ],
)
def test_pods_that_are_leaving_already_have_their_room_first(pods: int, expected: bool) -> None:
    world = world_with(old=2)
    world.pods(2, on="on-demand-0")
    world.pods(pods, on="on-demand-1")
    assert takes_in(world, "on-demand-1", leaving=("on-demand-0", "gone")) == [expected]


@pytest.mark.parametrize(
    ("spot_only", "expected"),
    [
        pytest.param(True, False, id="of an old node: spot alone"),
        pytest.param(False, True, id="of an ill node: anywhere"),
    ],
)
def test_pods_of_an_old_node_go_to_spot_and_those_of_an_ill_one_anywhere(
    spot_only: bool, expected: bool
) -> None:
    world = world_with(spot=0, other=1)
    world.pods(2, on="on-demand-0")
    assert takes_in(world, "on-demand-0", spot_only=spot_only) == [expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="a node that works"),
        pytest.param({"ready": Condition("False", 1)}, False, id="not Ready"),
        pytest.param({"unschedulable": True}, False, id="cordoned"),
        pytest.param(
            {"annotations": {DISRUPTION_CLAIM: write_claim(DisruptionClaim("x", "Empty", 1))}},
            False,
            id="about to be emptied",
        ),
    ],
)
def test_a_node_that_does_not_work_or_will_be_emptied_is_no_place(
    changes: dict[str, Any], expected: bool
) -> None:
    world = world_with()
    world.change_node("spot-0", **changes)
    world.pods(1, on="on-demand-0")
    assert takes_in(world, "on-demand-0") == [expected]


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        pytest.param(-10, False, id="worth a place"),
        pytest.param(-11, True, id="not worth one"),
    ],
)
def test_pods_below_the_cutoff_need_no_place(priority: int, expected: bool) -> None:
    world = world_with()
    requests = Resources(cpu_millicores=1_000, memory_bytes=GIB)
    spec = PodSpec(containers=(Container("main", requests=requests),), priority=priority)
    world.pods(4, on="on-demand-0")
    world.pods(1, on="on-demand-0", app="low", spec=spec)
    assert takes_in(world, "on-demand-0") == [expected]


def test_a_pod_that_is_going_already_needs_no_place() -> None:
    world = world_with()
    world.pods(4, on="on-demand-0")
    world.pods(1, on="on-demand-0", deletion_ms=world.now_ms - 10_000_000)
    assert takes_in(world, "on-demand-0") == [True]


# ------------------------------------------------------------ who could serve instead


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        pytest.param("on-demand-0", {}, True, id="its label has spot too"),
        pytest.param("on-demand-0", {GROUP_LABEL: "games"}, False, id="its label has none"),
        pytest.param("spot-0", {}, False, id="it is spot"),
        pytest.param("stranger", {}, False, id="no group has it"),
    ],
)
def test_a_node_is_replaceable_where_spot_serves_what_its_label_says(
    name: str, labels: dict[str, str], expected: bool
) -> None:
    world = world_with()
    if name == "stranger":
        world.node("stranger", "on-demand")
        group = world.cloud.groups["on-demand"]
        kept = tuple(it for it in group.instances if it.instance_id != "i-stranger")
        world.cloud.groups["on-demand"] = msgspec.structs.replace(group, instances=kept)
    node = world.cluster.nodes[name]
    world.change_node(name, labels={**node.labels, **labels})
    groups = groups_of(world.cloud, GROUP_LABEL)
    assert groups.is_replaceable_by_spot(world.cluster.nodes[name]) == expected


def test_a_node_without_the_label_is_what_its_groups_tag_says() -> None:
    world = world_with()
    world.change_node("on-demand-0", labels={})
    groups = groups_of(world.cloud, GROUP_LABEL)
    assert groups.is_replaceable_by_spot(world.cluster.nodes["on-demand-0"])


# ------------------------------------------------------------ the state of the cluster


@pytest.mark.parametrize(
    ("age_ms", "unready"),
    [
        pytest.param(900_000, 0, id="it may still start"),
        pytest.param(900_001, 1, id="it is broken"),
    ],
)
def test_a_node_that_is_not_ready_is_broken_once_it_is_fifteen_minutes_old(
    age_ms: int, unready: int
) -> None:
    world = world_with()
    world.node("slow", "spot", age_ms=age_ms, ready=Condition("False", 0))
    rules = rules_of(world.policy)
    concerned, _ = concerned_nodes({}, world.cluster, 0, rules)
    snapshot = Snapshot(world.cluster, world.cloud, "test")
    standings = look(snapshot, concerned, rules, world.policy, world.now_ms)
    assert (standings.unready, standings.total) == (unready, 3)


def test_a_pod_with_a_place_promised_waits_only_where_that_place_is_gone() -> None:
    world = world_with()
    pod = world.waits()
    rules = rules_of(world.policy)
    concerned, _ = concerned_nodes({}, world.cluster, 0, rules)
    for nominated, waits in (("", True), ("spot-0", False), ("gone", True)):
        old = world.cluster.pod(pod.uid)
        assert old is not None
        world.cluster.apply(old, msgspec.structs.replace(old, nominated_node_name=nominated))
        snapshot = Snapshot(world.cluster, world.cloud, "test")
        found = look(snapshot, concerned, rules, world.policy, world.now_ms)
        assert found.do_pods_wait == waits
