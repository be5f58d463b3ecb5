"""Which unneeded nodes go now: pauses, bounds and minimums where they end exactly."""

from __future__ import annotations

import pytest

from kingtide.control.action import AddTaint, RemoveTaint
from kingtide.control.claims import DisruptionClaim
from kingtide.control.node_actions import ReleaseDisruption
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.controllers.node_autoscaling.scale_down import Pauses, cooldown
from kingtide.fleet.policies.node_autoscaling import ScaleDownPolicy
from kingtide.kube.pods import Condition
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import (
    START_MS,
    Situation,
    codes,
    of_kind,
    terminated,
)

PAUSES = ScaleDownPolicy(
    delay_after_add_seconds=10, delay_after_failure_seconds=20, delay_after_delete_seconds=30
)


@pytest.mark.parametrize(
    ("pauses", "waited_ms", "code"),
    [
        pytest.param(Pauses(), 0, "", id="nothing happened yet"),
        pytest.param(Pauses(added_ms=0), 9_999, "PausedAfterScaleUp", id="just after a scale-up"),
        pytest.param(Pauses(added_ms=0), 10_000, "", id="its pause is over"),
        pytest.param(Pauses(failed_ms=0), 19_999, "PausedAfterFailure", id="after a failure"),
        pytest.param(Pauses(failed_ms=0), 20_000, "", id="that pause is over"),
        pytest.param(Pauses(removed_ms=0), 29_999, "PausedAfterRemoval", id="after a removal"),
        pytest.param(Pauses(removed_ms=0), 30_000, "", id="that is over too"),
        pytest.param(Pauses(1, 1, 1), 15_000, "PausedAfterFailure", id="the first that holds"),
    ],
)
def test_removals_pause_after_what_happened(pauses: Pauses, waited_ms: int, code: str) -> None:
    assert cooldown(pauses, PAUSES, waited_ms) == code


def situation_with(**settings: int) -> Situation:
    quick = {"unneeded_seconds": 60, "delay_after_add_seconds": 0, **settings}
    return Situation(scale_down=ScaleDownPolicy(**quick))  # type: ignore[arg-type]  # all are ints


def put_taint(situation: Situation, name: str, since_ms: int | None = None) -> None:
    since_ms = situation.now_ms if since_ms is None else since_ms
    taint = Taint(TO_BE_DELETED, "NoSchedule", str(since_ms // 1000), since_ms)
    situation.change_node(name, taints=(taint,))


def begun(decision: object) -> list[str]:
    return [it.node for it in of_kind(decision, AddTaint)]  # type: ignore[arg-type]  # a decision


@pytest.mark.parametrize(
    ("ready", "needed_seconds"),
    [pytest.param("True", 60, id="Ready"), pytest.param("Unknown", 300, id="broken")],
)
def test_a_node_goes_when_it_was_unneeded_for_longer_than_its_time(
    ready: str, needed_seconds: int
) -> None:
    situation = situation_with(unready_seconds=300)
    situation.group("spot", nodes=1)
    situation.now_ms += 3_600_000
    if ready == "Unknown":
        situation.change_node("spot-0", ready=Condition("Unknown", situation.now_ms))
    situation.run()
    assert begun(situation.run(seconds=needed_seconds)) == []
    situation.now_ms += 1
    assert begun(situation.run()) == ["spot-0"]


def test_a_group_put_back_to_its_minimum_meanwhile_keeps_its_last_node() -> None:
    situation = situation_with()
    situation.group("spot", nodes=2, min_size=1)
    situation.run()
    (going,) = begun(situation.run(seconds=61))
    put_taint(situation, going)
    other = {"spot-0": "spot-1", "spot-1": "spot-0"}[going]
    situation.lose("spot", f"i-{other}")
    situation.remove_node(other)
    situation.set_desired("spot", 1)
    decision = situation.run(seconds=10)
    assert terminated(decision) == []
    assert [it.node for it in of_kind(decision, RemoveTaint)] == [going]
    assert [it.node for it in of_kind(decision, ReleaseDisruption)] == [going]


def test_a_group_with_one_above_its_minimum_gives_one_back_of_two_that_were_begun() -> None:
    situation = situation_with()
    situation.group("spot", nodes=3, min_size=1)
    situation.run()
    going = begun(situation.run(seconds=61))
    assert len(going) == 2
    for name in going:
        put_taint(situation, name)
    situation.set_desired("spot", 2)
    decision = situation.run(seconds=10)
    assert len(terminated(decision)) == 1
    assert len(of_kind(decision, RemoveTaint)) == 1


def test_while_more_go_than_may_go_at_once_none_begins() -> None:
    situation = situation_with(max_parallelism=1)
    situation.group("spot", nodes=6)
    situation.run()
    # A leader before us, with other settings, began three removals.
    for name in ("spot-0", "spot-1", "spot-2"):
        put_taint(situation, name)
        situation.claim(
            name, disruption=DisruptionClaim("node_autoscaling", "Empty", situation.now_ms)
        )
    situation.run(seconds=1)
    decision = situation.run(seconds=3)
    assert set(situation.memory.removals) == {"spot-0", "spot-1", "spot-2"}
    assert begun(decision) == []


@pytest.mark.parametrize(
    ("by", "is_released"),
    [
        pytest.param("node_autoscaling", True, id="with our claim"),
        pytest.param("ondemand_reclaim", False, id="with the claim of another"),
        pytest.param("", False, id="without a claim"),
    ],
)
def test_a_removal_that_nobody_goes_on_with_gives_back_the_taint_and_only_our_own_claim(
    by: str, is_released: bool
) -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    if by:
        situation.claim("spot-0", disruption=DisruptionClaim(by, "Empty", START_MS))
    put_taint(situation, "spot-0")
    decision = situation.run(seconds=300)
    assert [it.node for it in of_kind(decision, RemoveTaint)] == ["spot-0"]
    assert bool(of_kind(decision, ReleaseDisruption)) == is_released


def test_a_removal_is_taken_over_until_its_taint_is_five_minutes_old() -> None:
    for age_seconds, is_taken_over in ((299, True), (300, False)):
        situation = situation_with()
        situation.group("spot", nodes=1)
        put_taint(situation, "spot-0")
        decision = situation.run(seconds=age_seconds)
        assert ("RemovalAdopted" in codes(decision, "node/spot-0")) == is_taken_over


@pytest.mark.parametrize(
    ("cpu", "code"),
    [
        pytest.param(500, "NotUnneededLongEnough", id="just what the others leave"),
        pytest.param(501, "NoPlaceToMovePods", id="a millicore more"),
    ],
)
def test_each_pod_that_is_still_to_leave_holds_the_room_it_will_take(cpu: int, code: str) -> None:
    situation = situation_with(max_drain_parallelism=5)
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps", cpu=900)  # 1,300 are free
    situation.pods(2, on="spot-1", cpu=400)
    situation.run()
    assert begun(situation.run(seconds=61)) == ["spot-1"]
    put_taint(situation, "spot-1")
    situation.node("spot-2", "spot")
    situation.set_desired("spot", 3)
    situation.pods(1, on="spot-2", cpu=cpu, app="next")
    assert codes(situation.run(seconds=10), "node/spot-2") == [code]
