"""State changes and hooks of instances that one of ours, or their group, ends already."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.aws.autoscaling import InstanceState
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.message_actions import AcknowledgeMessage, CompleteLifecycleAction
from kingtide.control.node_actions import ClaimCapacity, ClaimDisruption
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.kube.nodes import LIFECYCLE_LABEL, Node
from kingtide.kube.taints import Taint
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation

ON_DEMAND = {LIFECYCLE_LABEL: "on-demand"}


def _claimed(by: str, **changes: Any) -> dict[str, Any]:
    claim = DisruptionClaim(by, "Underutilized", START_MS, **changes)
    return {"annotations": {DISRUPTION_CLAIM: write_claim(claim)}}


def _removed(ago_ms: int = 0) -> dict[str, Any]:
    since = str((START_MS - ago_ms) // 1000)
    return {"taints": (Taint(TO_BE_DELETED, "NoSchedule", since),)}


def _ending(
    state: InstanceState = "InService", pods: int = 2, **node: Any
) -> tuple[Situation, Node]:
    situation = Situation()
    before = situation.node("a", **node)
    situation.launch(before.instance_id, state)
    situation.pods(pods, on="a")
    return situation, before


@pytest.mark.parametrize("state", ["stopping", "shutting-down", "terminated"])
@pytest.mark.parametrize(
    ("instance", "node"),
    [
        ("InService", _claimed("node_autoscaling")),
        ("InService", _claimed("ondemand_reclaim")),
        ("InService", {**_claimed("ondemand_reclaim"), "labels": ON_DEMAND}),
        ("InService", _removed()),
        ("InService", {**_removed(), "labels": ON_DEMAND}),
        ("InService", {**_removed(), **_claimed("ondemand_reclaim", not_before_ms=START_MS)}),
        ("Terminating", {}),
        ("Terminating", {"labels": ON_DEMAND}),
        ("Terminated", {}),
    ],
    ids=[
        "scaled down",
        "reclaimed",
        "reclaimed on-demand",
        "removal taint",
        "removal taint on-demand",
        "removal taint beside a claim at rest",
        "ended by its group",
        "ended by its group on-demand",
        "gone from its group",
    ],
)
def test_the_end_of_an_instance_that_we_terminate_is_only_acknowledged(
    state: str, instance: InstanceState, node: dict[str, Any]
) -> None:
    situation, before = _ending(instance, **node)
    situation.change_state("a", state)
    situation.follow(seconds=30)
    assert [type(it) for _, it in situation.actions] == [AcknowledgeMessage]
    assert situation.cluster.nodes["a"] == before
    assert situation.codes(f"message/state-a-{state}") == ["EndKnown"]


@pytest.mark.parametrize(
    "node",
    [{}, _removed(ago_ms=600_000), _claimed("ondemand_reclaim", not_before_ms=START_MS + 60_000)],
    ids=["untouched", "the taint is a leftover", "its owner rests"],
)
def test_the_end_of_an_instance_that_nobody_took_is_seen_to(node: dict[str, Any]) -> None:
    situation, _ = _ending(**node)
    situation.change_state("a", "stopping")
    situation.follow(seconds=2)
    assert len(situation.evicted) == 2
    assert len(situation.asked(ClaimCapacity)) == 1


def test_a_machine_that_ends_before_its_notice_hurries_what_is_left() -> None:
    situation, _ = _ending("Terminating", pods=3)
    situation.interrupt("a")
    situation.follow(seconds=2)
    assert len(situation.evicted) < 3
    situation.change_state("a", "shutting-down")
    situation.follow(seconds=2)
    assert len(situation.evicted) == 3


def test_the_end_of_a_node_that_we_emptied_writes_nothing() -> None:
    situation, _ = _ending(pods=1)
    situation.interrupt("a")
    situation.follow(seconds=90)
    assert situation.cluster.pods_on("a") == {}
    before = len(situation.actions)
    situation.change_state("a", "shutting-down")
    situation.follow(seconds=5)
    assert [type(it) for _, it in situation.actions[before:]] == [AcknowledgeMessage]


@pytest.mark.parametrize("node", [_claimed("node_autoscaling"), _removed()], ids=["claim", "taint"])
def test_a_hook_of_an_emptied_node_is_answered_and_its_owner_keeps_it(
    node: dict[str, Any],
) -> None:
    situation, before = _ending("Terminating:Wait", pods=0, **node)
    situation.hold("a")
    situation.follow(seconds=5)
    kinds = [type(it) for _, it in situation.actions]
    assert kinds == [CompleteLifecycleAction, AcknowledgeMessage]
    assert situation.cluster.nodes["a"] == before


def test_a_hook_of_a_node_with_pods_left_empties_it_whoever_began() -> None:
    situation, _ = _ending("Terminating:Wait", pods=1, **_claimed("node_autoscaling"))
    situation.hold("a")
    situation.follow(seconds=90)
    (claim,) = situation.asked(ClaimDisruption)
    assert claim.displaces == "node_autoscaling"
    assert len(situation.evicted) == 1
    assert situation.inbox == {}
