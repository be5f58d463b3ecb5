"""Moments and numbers at which a node with a notice is treated otherwise: exactly there."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.aws.interruptions.events import SPOT_NOTICE_MS, LifecycleAction
from kingtide.control.action import EvictPod
from kingtide.control.claims import CAPACITY_CLAIM, CapacityClaim, write_claim
from kingtide.control.index import ClusterIndex
from kingtide.control.message_actions import RecordLifecycleHeartbeat
from kingtide.control.outcome import Outcome
from kingtide.controllers.spot_interruption.crowd import Crowd, Guest
from kingtide.controllers.spot_interruption.evictions import LAST_SECOND_MS, grace_seconds
from kingtide.controllers.spot_interruption.hooks import Wait, answer
from kingtide.controllers.spot_interruption.leaving import (
    Asked,
    Leaving,
    heed,
    leaving_pods,
    remember,
)
from kingtide.controllers.spot_interruption.notice import Notice, of_event, own_capacity
from kingtide.controllers.spot_interruption.noticed import Noticed, is_promised
from kingtide.controllers.spot_interruption.order import in_haste, split_by_need
from kingtide.controllers.spot_interruption.standing import reason_of
from kingtide.controllers.spot_interruption.waves import Waves
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy
from tests.unit.controllers.spot_interruption.situation import Situation, taint
from tests.unit.controlplane.scheduling.situations import node, pod

NOW_MS = 1_000_000
POLICY = SpotInterruptionPolicy()
HOOK = LifecycleAction("i-1", NOW_MS, "spot", "drain", "token")


def _leaving(name: str, latest_ms: int | None, owner: str = "web") -> Leaving:
    return Leaving(pod(name), node("a"), None, latest_ms, NOW_MS, owner)


# ------------------------------------------------------------ hooks


def test_a_hook_is_told_that_the_drain_goes_on_when_a_heartbeat_is_due_and_not_before() -> None:
    due_ms = NOW_MS + POLICY.lifecycle_heartbeat_seconds * 1000
    for now_ms, beats in ((due_ms - 1, 0), (due_ms, 1)):
        answers = answer({"token": Wait(HOOK)}, {"i-1": False}, POLICY, 9, now_ms)
        assert len(answers.actions) == beats
        assert all(isinstance(it, RecordLifecycleHeartbeat) for it in answers.actions)


def test_a_hook_is_let_go_on_with_pods_left_when_its_time_is_over_and_not_before() -> None:
    ends_ms = NOW_MS + POLICY.lifecycle_max_seconds * 1000
    beaten = Wait(HOOK, beat_ms=ends_ms - 1)
    for now_ms, late in ((ends_ms - 1, ()), (ends_ms, (HOOK,))):
        assert answer({"token": beaten}, {"i-1": False}, POLICY, 9, now_ms).too_late == late


def test_a_hooks_node_goes_when_the_longest_wait_is_over() -> None:
    notice = of_event(HOOK, node("a"), POLICY, NOW_MS)
    assert notice is not None
    assert notice.deadline_ms == NOW_MS + POLICY.lifecycle_max_seconds * 1000


# ------------------------------------------------------------ asking pods to leave


@pytest.mark.parametrize(
    ("is_by_budget", "left_seconds", "is_asked"),
    [
        pytest.param(True, 30, True, id="the budget's refusal, in the last part"),
        pytest.param(True, 31, False, id="the budget's refusal, a second earlier"),
        pytest.param(False, 30, False, id="a fault of the API is waited out to the end"),
    ],
)
def test_a_budgets_refusal_alone_is_not_waited_out_in_the_last_part_of_a_notice(
    is_by_budget: bool, left_seconds: int, is_asked: bool
) -> None:
    policy = SpotInterruptionPolicy(below_budget_seconds=30)
    notice = Notice("a", "spot-interruption", NOW_MS, NOW_MS + left_seconds * 1000)
    web = pod("web")
    asked = {
        web.uid: Asked("web", NOW_MS, NOW_MS + 8000, 3, is_refused=True, is_by_budget=is_by_budget)
    }
    crowd = Crowd((Guest(web, "web"),))
    found = list(leaving_pods([(node("a"), notice, crowd)], asked, policy, NOW_MS))
    assert [it.was_refused for it in found] == ([True] if is_asked else [])


def test_pauses_double_ten_times_however_long_they_may_become() -> None:
    policy = SpotInterruptionPolicy(retry_max_seconds=3600)
    action = EvictPod(namespace="shop", name="web", uid="u", reason="")
    pauses = []
    for refusals in (9, 10, 11, 60):
        asked = {"u": Asked("web", NOW_MS, NOW_MS, refusals)}
        after = heed(asked, [Outcome(action, "refused", NOW_MS, "429")], policy)
        pauses.append(after["u"].again_ms - NOW_MS)
    assert pauses == [512_000, 1_024_000, 1_024_000, 1_024_000]


def test_who_was_asked_is_remembered_for_a_while_and_as_long_as_the_pod_is_there() -> None:
    cluster = ClusterIndex()
    there = pod("there")
    cluster.apply(None, there)
    asked = {
        "just gone": Asked("web", NOW_MS - 999, 0),
        "long gone": Asked("web", NOW_MS - 1000, 0),
        there.uid: Asked("web", NOW_MS - 5000, 0),
    }
    kept = remember(asked, cluster, (), keep_ms=1000, now_ms=NOW_MS)
    assert list(kept) == ["just gone", there.uid]


def test_a_pod_is_due_when_the_calls_before_it_would_last_beyond_its_last_moment() -> None:
    policy = SpotInterruptionPolicy(evictions_per_second=10)
    first_call_ms = NOW_MS + policy.pass_seconds * 1000 + 100
    in_time = _leaving("in-time", first_call_ms + 100)
    for latest_ms, due in ((first_call_ms, []), (first_call_ms - 1, ["late"])):
        found, others = split_by_need([_leaving("late", latest_ms), in_time], policy, NOW_MS)
        assert [it.pod.name for it in found] == due
        assert len(others) == 2 - len(due)


@pytest.mark.parametrize(("left_ms", "due"), [(200, 0), (199, 2)])
def test_pods_with_one_last_moment_are_due_when_the_last_call_would_be_late(
    left_ms: int, due: int
) -> None:
    policy = SpotInterruptionPolicy(evictions_per_second=10)
    latest_ms = NOW_MS + policy.pass_seconds * 1000 + left_ms
    leaving = [_leaving("a", latest_ms), _leaving("b", latest_ms)]
    found, others = split_by_need(leaving, policy, NOW_MS)
    assert (len(found), len(others)) == (due, 2 - due)


@pytest.mark.parametrize(
    ("pods", "left_ms", "places"),
    [
        pytest.param(4, 45_000, 2, id="two waves"),
        pytest.param(5, 45_000, 3, id="two waves of an odd number"),
        pytest.param(4, 44_999, 4, id="no time for a second"),
        pytest.param(4, None, 1, id="nobody says until when"),
    ],
)
def test_a_wave_has_so_many_places_and_no_more(pods: int, left_ms: int | None, places: int) -> None:
    latest_ms = None if left_ms is None else NOW_MS + left_ms
    leaving = [_leaving(f"p{number}", latest_ms) for number in range(pods)]
    waves = Waves(leaving, {}, 45_000, NOW_MS)
    taken = 0
    while waves.has_place("web"):
        waves.take("web")
        taken += 1
    assert taken == places
    assert not waves.has_place("another")


# ------------------------------------------------------------ what stands on nodes


def test_room_that_another_controller_claims_is_not_ours() -> None:
    def claimed(by: str) -> CapacityClaim | None:
        claim = CapacityClaim(by, NOW_MS)
        annotations = {CAPACITY_CLAIM: write_claim(claim)}
        return own_capacity(msgspec.structs.replace(node("a"), annotations=annotations))

    assert claimed("spot_interruption") == CapacityClaim("spot_interruption", NOW_MS)
    assert claimed("ondemand_reclaim") is None
    assert own_capacity(node("a")) is None


@pytest.mark.parametrize(
    ("kind", "is_enough"),
    [
        pytest.param("rebalance", True, id="a budget may hold the drain up for long"),
        pytest.param("spot-interruption", False, id="the machine goes: all has to stand"),
    ],
)
def test_a_message_is_done_with_when_the_node_says_enough_to_go_on_from(
    kind: str, is_enough: bool
) -> None:
    bearing = msgspec.structs.replace(
        node("a", taints=(taint(kind),)),
        unschedulable=True,
        annotations={CAPACITY_CLAIM: write_claim(CapacityClaim("spot_interruption", NOW_MS))},
    )
    notice = Notice("a", "rebalance" if is_enough else "spot-interruption", NOW_MS)
    it = Noticed(bearing, notice, "empty", Crowd(), 0)
    assert is_promised(it, POLICY, NOW_MS) is is_enough


@pytest.mark.parametrize(("age_seconds", "kept"), [(599, 1), (600, 0)])
def test_a_message_about_an_instance_that_never_joined_is_kept_so_long_and_no_longer(
    age_seconds: int, kept: int
) -> None:
    situation = Situation(unknown_instance_seconds=600)
    situation.launch(situation.instance("new"))
    situation.interrupt("new")
    situation.now_ms += age_seconds * 1000
    situation.run()
    assert len(situation.inbox) == kept


# ------------------------------------------------------------ evictions


def test_a_pod_keeps_its_own_grace_as_long_as_it_fits_to_the_second() -> None:
    own_seconds = pod("p").spec.termination_grace_period_seconds
    ends_ms = NOW_MS + own_seconds * 1000 + LAST_SECOND_MS
    for deadline_ms, told in ((ends_ms, None), (ends_ms - 1, own_seconds - 1)):
        leaving = msgspec.structs.replace(_leaving("p", None), deadline_ms=deadline_ms)
        assert grace_seconds(leaving, NOW_MS) == told


def test_there_is_haste_once_one_more_is_due_than_can_be_told_in_time() -> None:
    policy = SpotInterruptionPolicy(evictions_per_second=2)
    due = [
        msgspec.structs.replace(_leaving(str(number), None), deadline_ms=NOW_MS + 2_000)
        for number in range(5)
    ]
    assert not in_haste(due[:4], policy, NOW_MS)[1]
    assert in_haste(due, policy, NOW_MS)[1]


def test_a_scheduled_change_leaves_no_choice_in_its_last_two_minutes() -> None:
    notice = Notice("n", "scheduled-change", NOW_MS, NOW_MS + SPOT_NOTICE_MS)
    assert reason_of(notice, NOW_MS - 1) == "Degraded"
    assert reason_of(notice, NOW_MS) == "Interrupted"


def test_no_more_hooks_are_answered_in_a_pass_than_allowed() -> None:
    waits = {str(number): Wait(HOOK) for number in range(5)}
    for allowed in (0, 1, 3):
        answers = answer(waits, {}, POLICY, allowed, NOW_MS)
        assert len(answers.actions) == allowed
        assert answers.waits.keys() == waits.keys()
