"""From when on a node is to be emptied, and who says otherwise, to the millisecond."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.controllers.ondemand_reclaim.groups import groups_of
from kingtide.controllers.ondemand_reclaim.marks import CORDONED_BY, GIVEN_UP_UNTIL, NAME
from kingtide.controllers.ondemand_reclaim.reasons import Refusal, Wanted, judge
from kingtide.controllers.ondemand_reclaim.standing import rules_of
from kingtide.kube.pods import Condition
from kingtide.kube.taints import Taint
from tests.unit.controllers.ondemand_reclaim.small_world import HOUR_MS, MINUTE_MS, SmallWorld

DUE_MS = 2 * HOUR_MS


def judged(age_ms: int, **changes: Any) -> Wanted | Refusal:
    """What is said of an on-demand node of an age."""
    world = SmallWorld(max_age_seconds=7_200, claim_lead_seconds=300)
    world.group("spot", "spot")
    world.group("on-demand", "on-demand", nodes=1, age_ms=age_ms)
    world.change_node("on-demand-0", **changes)
    node = world.cluster.nodes["on-demand-0"]
    groups = groups_of(world.cloud, world.policy.group_label)
    return judge(node, groups, rules_of(world.policy), world.policy, world.now_ms)


@pytest.mark.parametrize(
    ("age_ms", "due_in_ms"),
    [
        pytest.param(DUE_MS - 5 * MINUTE_MS - 1, None, id="too young to look for a place"),
        pytest.param(DUE_MS - 5 * MINUTE_MS, 5 * MINUTE_MS, id="a place is looked for"),
        pytest.param(DUE_MS, 0, id="due"),
        pytest.param(DUE_MS + HOUR_MS, -HOUR_MS, id="overdue"),
    ],
)
def test_a_node_is_wanted_some_minutes_before_its_age(age_ms: int, due_in_ms: int | None) -> None:
    found = judged(age_ms)
    if due_in_ms is None:
        assert found == Refusal("NotOldEnough")
    else:
        assert isinstance(found, Wanted)
        assert (found.reason, found.due_ms - SmallWorld().now_ms) == ("Expired", due_in_ms)


def claimed(by: str) -> dict[str, str]:
    return {DISRUPTION_CLAIM: write_claim(DisruptionClaim(by, "Expired", 1))}


def until(seconds_from_now: int) -> dict[str, str]:
    return {GIVEN_UP_UNTIL: str(SmallWorld().now_ms // 1_000 + seconds_from_now)}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"annotations": claimed("x")}, "ClaimedByOther", id="another's claim"),
        pytest.param({"deletion_ms": 1}, "BeingRemoved", id="deleted"),
        pytest.param(
            {"taints": (Taint("ToBeDeletedByClusterAutoscaler", "NoSchedule", "1"),)},
            "BeingRemoved",
            id="removed by node autoscaling",
        ),
        pytest.param({"taints": (Taint("gpu", "NoSchedule"),)}, "", id="another taint"),
        pytest.param({"unschedulable": True}, "CordonedByOther", id="cordoned by hand"),
        pytest.param(
            {"unschedulable": True, "annotations": claimed(NAME)}, "", id="cordoned, and ours"
        ),
    ],
)
def test_what_others_do_with_a_node_comes_first(changes: dict[str, object], code: str) -> None:
    found = judged(DUE_MS, **changes)
    assert (found.code if isinstance(found, Refusal) else "") == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        pytest.param(1, "GivenUp", id="its time is not over"),
        pytest.param(0, "", id="its time is over"),
    ],
)
def test_a_node_that_was_given_up_is_left_alone_until_its_time(seconds: int, code: str) -> None:
    world = SmallWorld()
    world.group("spot", "spot")
    world.group("on-demand", "on-demand", nodes=1, labels=until(seconds))
    groups = groups_of(world.cloud, world.policy.group_label)
    found = judge(
        world.cluster.nodes["on-demand-0"], groups, rules_of(world.policy), world.policy,
        world.now_ms,
    )  # fmt: skip
    assert (found.code if isinstance(found, Refusal) else "") == code


def test_a_node_that_we_cordoned_and_lost_the_claim_of_is_ours_to_empty_again() -> None:
    world = SmallWorld()
    world.group("spot", "spot")
    world.group("on-demand", "on-demand", nodes=1, labels={CORDONED_BY: NAME})
    world.change_node("on-demand-0", unschedulable=True)
    groups = groups_of(world.cloud, world.policy.group_label)
    node = world.cluster.nodes["on-demand-0"]
    found = judge(node, groups, rules_of(world.policy), world.policy, world.now_ms)
    assert isinstance(found, Wanted)


@pytest.mark.parametrize(
    ("since_ms", "is_ill"),
    [
        pytest.param(60_000, True, id="for the time that its kind is given"),
        pytest.param(59_999, False, id="a moment less"),
    ],
)
def test_a_condition_counts_once_it_has_lasted(since_ms: int, is_ill: bool) -> None:
    world = SmallWorld(conditions=("NetworkBroken=True,1m",))
    bad = {"NetworkBroken": Condition("True", world.now_ms - since_ms)}
    world.group("spot", "spot")
    world.node("ill", "spot", conditions=bad)
    groups = groups_of(world.cloud, world.policy.group_label)
    node = world.cluster.nodes["ill"]
    found = judge(node, groups, rules_of(world.policy), world.policy, world.now_ms)
    expected = Wanted("Degraded", world.now_ms, "NetworkBroken")
    assert found == (expected if is_ill else Refusal("NoSpotSibling"))
