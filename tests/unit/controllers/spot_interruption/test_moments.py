"""Whole passes at the moments from which on a node, a message or a pass is treated otherwise."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.control.claims import CAPACITY_CLAIM, CapacityClaim, write_claim
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import ReleaseCapacity
from kingtide.controllers.spot_interruption.crowd import crowd_on
from kingtide.controllers.spot_interruption.giving_back import give_back, is_over
from kingtide.controllers.spot_interruption.notice import Notice, intent_of
from kingtide.controllers.spot_interruption.replacing import find_replaced
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from kingtide.kube.pods import Condition
from tests.unit.controllers.spot_interruption.situation import START_MS, Situation

POLICY = SpotInterruptionPolicy(give_back_seconds=600, scheduled_change_lead_seconds=3_600)
ASKED_FOR = write_claim(CapacityClaim("spot_interruption", START_MS))


@pytest.mark.parametrize(
    ("after_ms", "changes", "expected"),
    [
        pytest.param(599_999, {}, False, id="it may still be taken"),
        pytest.param(600_000, {}, True, id="ten minutes after its announced end"),
        pytest.param(600_000, {"deletion_ms": 1}, False, id="it is being deleted"),
        pytest.param(
            600_000, {"ready": Condition("Unknown", 1)}, False, id="nobody knows whether it lives"
        ),
    ],
)
def test_a_node_outlives_its_notice_ten_minutes_after_its_announced_end(
    after_ms: int, changes: dict[str, object], expected: bool
) -> None:
    node = msgspec.structs.replace(Situation().node("n"), **changes)
    notice = Notice("n", "spot-interruption", START_MS, START_MS)
    assert is_over(node, notice, POLICY, START_MS + after_ms) == expected
    endless = Notice("n", "rebalance", START_MS)
    assert not is_over(node, endless, POLICY, START_MS + after_ms)


@pytest.mark.parametrize(
    ("by", "is_released"),
    [
        pytest.param("spot_interruption", True, id="ours"),
        pytest.param("ondemand_reclaim", False, id="another's"),
        pytest.param("", False, id="none"),
    ],
)
def test_a_node_that_is_given_back_loses_our_claim_for_capacity_alone(
    by: str, is_released: bool
) -> None:
    annotations = {CAPACITY_CLAIM: write_claim(CapacityClaim(by, START_MS))} if by else {}
    node = msgspec.structs.replace(Situation().node("n"), annotations=annotations)
    kinds = [type(action) for _, action in give_back(node)]
    assert kinds == ([ReleaseCapacity] if is_released else [])


@pytest.mark.parametrize(
    ("before_ms", "intent"),
    [
        pytest.param(3_600_001, "rest", id="there is time"),
        pytest.param(3_600_000, "empty", id="an hour before it"),
    ],
)
def test_a_scheduled_change_has_its_node_emptied_from_an_hour_before(
    before_ms: int, intent: str
) -> None:
    notice = Notice("n", "scheduled-change", START_MS, START_MS + before_ms)
    assert intent_of(notice, Situation().node("n"), POLICY, START_MS) == intent


@pytest.mark.parametrize(
    ("age_ms", "is_deleted"),
    [
        pytest.param(299_999, False, id="left to a dead-letter queue"),
        pytest.param(300_000, True, id="five minutes later nobody took it"),
    ],
)
def test_a_spoilt_message_is_deleted_after_five_minutes(age_ms: int, is_deleted: bool) -> None:
    situation = Situation(malformed_seconds=300)
    situation.message("spoilt", "{")
    situation.now_ms += age_ms
    situation.run()
    assert bool(situation.asked(AcknowledgeMessage)) == is_deleted


def test_a_message_about_an_instance_that_boots_is_kept_for_exactly_ten_minutes() -> None:
    for age_ms, kept in ((599_999, 1), (600_000, 0)):
        situation = Situation(unknown_instance_seconds=600)
        situation.launch(situation.instance("new"))
        situation.interrupt("new")
        situation.now_ms += age_ms
        situation.run()
        assert len(situation.inbox) == kept


def test_while_nothing_is_urgent_a_look_each_ten_seconds_is_enough() -> None:
    situation = Situation(pass_seconds=1)
    situation.node("n")
    situation.pods(1, on="n")
    situation.recommend("n")
    for _ in range(2):
        situation.run()
    assert situation.run().wake_at_ms == START_MS + 10_000  # it waits for room
    situation.interrupt("n")
    assert situation.run().wake_at_ms == START_MS + 1_000


def test_a_scheduled_change_wakes_when_its_lead_begins() -> None:
    situation = Situation(scheduled_change_lead_seconds=3_600)
    situation.node("n")
    situation.schedule("n", 3_600 + 100)
    situation.run()
    situation.run()
    assert situation.run().wake_at_ms == START_MS + 100_000
    situation.now_ms += 99_500
    # Never sooner than the next pass.
    assert situation.run().wake_at_ms == START_MS + 100_500


def test_pods_that_are_going_and_pods_not_told_yet_are_told_apart() -> None:
    situation = Situation()
    situation.node("n")
    stays, goes = situation.pods(2, on="n")
    situation.cluster.apply(goes, msgspec.structs.replace(goes, deletion_ms=START_MS))
    crowd = crowd_on("n", situation.cluster)
    assert [it.pod.uid for it in crowd.untold] == [stays.uid]
    assert [it.uid for it in crowd.going] == [goes.uid]
    # Half an hour later the second should be long gone.
    assert (crowd.count(START_MS), crowd.count(START_MS + 1_800_000)) == (2, 1)


# ------------------------------------------------------------ places elsewhere


def asking(situation: Situation, *names: str) -> list[str]:
    """Which of the nodes are emptied, as their pods have a place."""
    for name in names:
        situation.change_node(name, annotations={CAPACITY_CLAIM: ASKED_FOR})
    nodes = [situation.cluster.nodes[name] for name in names]
    return list(find_replaced(nodes, names, situation.cluster, POLICY, START_MS).ready)


@pytest.mark.parametrize(
    ("changes", "is_place"),
    [
        pytest.param({}, True, id="a node that works"),
        pytest.param({"ready": Condition("False", 1)}, False, id="not Ready"),
        pytest.param({"unschedulable": True}, False, id="cordoned"),
        pytest.param({"deletion_ms": 1}, False, id="being deleted"),
    ],
)
def test_pods_have_a_place_only_on_nodes_that_work(changes: dict[str, Any], is_place: bool) -> None:
    situation = Situation()
    situation.node("n")
    situation.pods(1, on="n")
    situation.node("other", **changes)
    assert asking(situation, "n") == (["n"] if is_place else [])


@pytest.mark.parametrize(
    ("pods", "has_place"),
    [pytest.param(3, True, id="just room enough"), pytest.param(4, False, id="one too many")],
)
def test_each_pod_needs_a_place_of_its_own_unless_it_goes_already_or_yields(
    pods: int, has_place: bool
) -> None:
    situation = Situation()
    situation.node("n")
    other = situation.node("other")
    three = msgspec.structs.replace(other.allocatable, pods=3)
    situation.change_node("other", allocatable=three)
    situation.pods(pods, on="n")
    (going,) = situation.pods(1, on="n")
    situation.cluster.apply(going, msgspec.structs.replace(going, deletion_ms=START_MS))
    situation.pods(1, on="n", app="pause", priority=-10)
    assert asking(situation, "n") == (["n"] if has_place else [])


def test_places_are_looked_for_for_twenty_nodes_in_a_pass() -> None:
    situation = Situation()
    names = [f"n{number}" for number in range(22)]
    for name in names:
        situation.node(name)
    assert asking(situation, *names) == names[:20]
