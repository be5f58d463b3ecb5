"""Whole passes with claims on nodes: room for what moves, and hands off what others empty."""

from __future__ import annotations

import pytest

from kingtide.control.action import Action, AddTaint, EvictPod, RemoveTaint
from kingtide.control.budget import Budget
from kingtide.control.claims import CapacityClaim, DisruptionClaim, DisruptionReason
from kingtide.control.interruption_taint import INTERRUPTED
from kingtide.control.node_actions import ClaimDisruption, ReleaseDisruption
from kingtide.kube.nodes import LIFECYCLE_LABEL, ZONE_LABEL
from kingtide.kube.taints import Taint
from tests.unit.controllers.node_autoscaling.situation import (
    START_MS,
    Situation,
    codes,
    of_kind,
    requests,
    verdict,
)
from tests.unit.controllers.node_autoscaling.test_scale_down_passes import (
    put_taint,
    situation_with,
)

OTHER = DisruptionClaim("ondemand_reclaim", "Expired", START_MS)
OWN = DisruptionClaim("node_autoscaling", "Empty", START_MS)
ANY = CapacityClaim("spot_interruption", START_MS, START_MS + 120_000)
FOR_SPOT = CapacityClaim("ondemand_reclaim", START_MS, lifecycle="spot")
SPOT_LABELS = {LIFECYCLE_LABEL: "spot", ZONE_LABEL: "eu-west-1a"}


def two_groups(*, spot: int = 1, on_demand: int = 1) -> Situation:
    """Spot and on-demand; nodes of four cores, each full but for one core."""
    situation = Situation()
    situation.group("spot")
    situation.group("on-demand", on_demand=True)
    for number in range(spot):
        situation.node(f"spot-{number}", "spot", labels=SPOT_LABELS)
        situation.pods(3, on=f"spot-{number}", app="keeps")
    for number in range(on_demand):
        situation.node(f"on-demand-{number}", "on-demand")
        situation.pods(3, on=f"on-demand-{number}")
    situation.set_desired("spot", spot)
    situation.set_desired("on-demand", on_demand)
    situation.priorities('20: ["^spot"]\n10: ["^on-demand"]\n')
    return situation


# ------------------------------------------------------------ room for what moves


def test_the_pods_of_a_claimed_node_are_demand_before_any_of_them_waits() -> None:
    situation = two_groups()
    assert requests(situation.run()) == {}
    situation.claim("on-demand-0", capacity=ANY)
    decision = situation.run(seconds=1)
    assert requests(decision) == {"spot": (1, 2)}
    assert codes(decision, "moving/shop/web") == ["GetNewNodes"]


@pytest.mark.parametrize(
    ("disruption", "asked"),
    [
        pytest.param(None, {}, id="nobody empties the node"),
        pytest.param(
            DisruptionClaim("ondemand_reclaim", "Expired", START_MS),
            {"spot": (1, 2)},
            id="its claimant empties the node",
        ),
        pytest.param(
            DisruptionClaim("ondemand_reclaim", "Expired", START_MS, not_before_ms=START_MS),
            {},
            id="its claimant rests",
        ),
        pytest.param(
            DisruptionClaim("node_autoscaling", "Empty", START_MS),
            {},
            id="somebody else empties it",
        ),
    ],
)
def test_a_claim_whose_time_is_over_brings_no_node(
    disruption: DisruptionClaim | None, asked: dict[str, tuple[int, int]]
) -> None:
    situation = two_groups()
    until_ms = situation.now_ms + 60_000
    claim = CapacityClaim("ondemand_reclaim", START_MS, lifecycle="spot", until_ms=until_ms)
    situation.claim("on-demand-0", disruption=disruption, capacity=claim)
    assert requests(situation.run(seconds=61)) == asked


def test_a_claim_brings_nodes_up_to_its_last_moment() -> None:
    situation = two_groups()
    until_ms = situation.now_ms + 60_000
    claim = CapacityClaim("ondemand_reclaim", START_MS, lifecycle="spot", until_ms=until_ms)
    situation.claim("on-demand-0", capacity=claim)
    assert requests(situation.run(seconds=60)) == {"spot": (1, 2)}


def test_pods_that_fit_elsewhere_bring_no_node_and_a_claimed_node_is_no_place() -> None:
    situation = two_groups(spot=3)  # three free cores
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {}
    situation.claim("spot-1", capacity=ANY)  # one core less, three pods more
    assert requests(situation.run(seconds=1)) == {"spot": (3, 4)}


def test_a_claim_is_not_asked_for_again_while_its_nodes_are_on_their_way() -> None:
    situation = two_groups()
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {"spot": (1, 2)}
    for _ in range(5):
        assert requests(situation.run(seconds=10)) == {}
    situation.set_desired("spot", 2)
    situation.launch("spot", "i-spot-1", "Pending")
    assert requests(situation.run(seconds=10)) == {}
    situation.node("spot-1", "spot", labels=SPOT_LABELS)
    assert requests(situation.run(seconds=10)) == {}


def test_as_pods_move_those_that_take_their_places_count_instead() -> None:
    situation = two_groups(spot=0, on_demand=0)
    situation.node("on-demand-0", "on-demand")
    pods = situation.pods(4, on="on-demand-0", cpu=900)
    situation.set_desired("on-demand", 1)
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {"spot": (0, 1)}
    situation.set_desired("spot", 1)
    for pod in pods:
        situation.change_pod(pod.uid, deletion_ms=situation.now_ms)
        situation.pods(1, cpu=900)
        assert requests(situation.run(seconds=10)) == {}


@pytest.mark.parametrize("bare", [True, False], ids=["nobody makes it again", "a daemon"])
def test_pods_that_nobody_makes_again_elsewhere_are_no_demand(bare: bool) -> None:
    situation = two_groups(on_demand=0)
    situation.node("on-demand-0", "on-demand")
    (pod,) = situation.pods(1, on="on-demand-0", cpu=3000, bare=bare)
    if not bare:
        daemon = {"cluster-autoscaler.kubernetes.io/daemonset-pod": "true"}
        situation.change_pod(pod.uid, annotations=daemon)
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {}


def test_a_claim_for_spot_counts_only_spot() -> None:
    situation = two_groups(on_demand=3)
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {}  # a core on each of the three others
    situation = two_groups(on_demand=3)
    situation.claim("on-demand-0", capacity=FOR_SPOT)
    assert requests(situation.run()) == {"spot": (1, 2)}


def test_pods_that_may_go_anywhere_leave_spot_on_its_way_to_those_that_may_not() -> None:
    situation = two_groups()
    situation.set_desired("on-demand", 2)
    situation.launch("on-demand", "i-on-demand-1", "Pending")
    situation.pods(3, app="later")
    situation.claim("on-demand-0", capacity=FOR_SPOT)
    assert requests(situation.run()) == {"spot": (1, 2)}
    for _ in range(5):
        assert requests(situation.run(seconds=10)) == {}


def test_a_claim_for_spot_asks_no_on_demand_group_when_spot_has_its_maximum() -> None:
    situation = two_groups()
    situation.group("full", max_size=0)
    situation.cloud.groups["spot"] = situation.cloud.groups.pop("full")
    situation.claim("on-demand-0", capacity=FOR_SPOT)
    decision = situation.run()
    assert requests(decision) == {}
    assert "NoGroupHelps" in codes(decision, "moving/shop/web")
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run(seconds=1)) == {"on-demand": (1, 2)}


def test_an_unclaimed_node_is_a_place_again() -> None:
    situation = two_groups(spot=4)
    situation.claim("spot-0", disruption=OTHER)
    situation.claim("on-demand-0", capacity=ANY)
    assert requests(situation.run()) == {}
    situation.claim("spot-1", disruption=OTHER)
    assert requests(situation.run(seconds=1)) == {"spot": (4, 5)}
    situation = two_groups(spot=4)
    situation.claim("on-demand-0", capacity=ANY)
    for name in ("spot-0", "spot-1"):
        resting = DisruptionClaim(OTHER.by, "Expired", START_MS, not_before_ms=START_MS + 600_000)
        situation.claim(name, disruption=resting)
    assert requests(situation.run()) == {}


# ------------------------------------------------------------ hands off


@pytest.mark.parametrize("claims", [{"disruption": OTHER}, {"capacity": ANY}], ids=["d", "c"])
def test_a_node_in_anothers_hands_is_not_removed(claims: dict[str, DisruptionClaim]) -> None:
    situation = situation_with()
    situation.group("spot", nodes=1)
    situation.claim("spot-0", **claims)  # type: ignore[arg-type]  # one of each kind
    decision = situation.run()
    assert codes(decision, "node/spot-0") == ["EmptiedByAnother"]
    for _ in range(3):
        assert situation.run(seconds=61).actions == ()
    situation.claim("spot-0")
    situation.run(seconds=10)
    assert of_kind(situation.run(seconds=61), AddTaint)


@pytest.mark.parametrize(
    ("pods", "reason"), [pytest.param(0, "Empty", id="e"), pytest.param(1, "Underutilized", id="u")]
)
def test_a_removal_claims_its_node_first(pods: int, reason: DisruptionReason) -> None:
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    situation.pods(pods, on="spot-1", cpu=100)
    situation.run()
    actions = situation.run(seconds=61).actions
    assert [type(it) for it in actions] == [ClaimDisruption, AddTaint]
    claimed = actions[0]
    assert isinstance(claimed, ClaimDisruption)
    assert (claimed.node, claimed.displaces) == ("spot-1", "")
    assert claimed.claim == DisruptionClaim("node_autoscaling", reason, situation.now_ms)


def begun() -> tuple[Situation, tuple[Action, ...]]:
    """A removal that has just begun, and what it asked for."""
    situation = situation_with()
    situation.group("spot", nodes=2)
    situation.pods(3, on="spot-0", app="keeps")
    situation.pods(1, on="spot-1", cpu=100)
    situation.run()
    return situation, situation.run(seconds=61).actions


@pytest.mark.parametrize("code", ["ArbitrationLost", "DisruptionBudget", "Claimed"])
def test_a_removal_whose_claim_is_refused_makes_way_and_is_no_failure(code: str) -> None:
    situation, actions = begun()
    situation.answer(*actions, status="refused", code=code)
    decision = situation.run(seconds=1)
    assert "RemovalYielded" in codes(decision, "node/spot-1")
    assert of_kind(decision, EvictPod) == []
    assert situation.memory.pauses.failed_ms is None


def test_a_removal_ends_where_another_has_displaced_its_claim() -> None:
    situation, _ = begun()
    put_taint(situation, "spot-1")
    situation.claim("spot-1", disruption=OTHER)
    decision = situation.run(seconds=10)
    assert [type(it) for it in decision.actions] == [RemoveTaint]
    assert "ondemand_reclaim" in str(verdict(decision, "RemovalYielded").details["why"])
    assert situation.memory.removals == {}


def test_a_restart_goes_on_with_a_removal_and_claims_it_if_need_be() -> None:
    situation, _ = begun()
    put_taint(situation, "spot-1")
    situation.forget()
    decision = situation.run(seconds=10)
    assert codes(decision, "node/spot-1") == ["RemovalAdopted"]
    assert [type(it) for it in decision.actions] == [ClaimDisruption, EvictPod]
    situation.claim("spot-1", disruption=OWN)
    situation.forget()
    assert [type(it) for it in situation.run(seconds=10).actions] == [EvictPod]


def test_a_claim_without_its_taint_is_given_back_after_a_crash_between_the_two() -> None:
    situation, _ = begun()
    situation.claim("spot-1", disruption=OWN)
    situation.forget()
    decision = situation.run(seconds=1)
    assert [type(it) for it in decision.actions] == [ReleaseDisruption]


def test_a_failed_removal_gives_its_claim_back() -> None:
    situation, _ = begun()
    put_taint(situation, "spot-1")
    situation.claim("spot-1", disruption=OWN)
    situation.run(seconds=10)
    decision = situation.run(seconds=121)
    assert [type(it) for it in decision.actions] == [RemoveTaint, ReleaseDisruption]


# ------------------------------------------------------------ the budget


def test_no_more_removals_begin_than_the_budget_has_room_for() -> None:
    situation = situation_with()
    situation.group("spot", nodes=5)
    situation.budgets = (Budget(2),)
    situation.run()
    decision = situation.run(seconds=61)
    assert [it.node for it in of_kind(decision, ClaimDisruption)] == ["spot-0", "spot-1"]
    assert codes(decision, "node/spot-2") == ["NoRoomInBudget"]
    # Neither seen nor failed yet, they still count.
    assert of_kind(situation.run(seconds=10), ClaimDisruption) == []


def test_what_others_disrupt_leaves_less_room() -> None:
    situation = situation_with()
    situation.group("spot", nodes=5)
    situation.budgets = (Budget(2),)
    situation.claim("spot-4", disruption=OTHER)
    situation.run()
    decision = situation.run(seconds=61)
    assert [it.node for it in of_kind(decision, ClaimDisruption)] == ["spot-0"]


def test_a_budget_for_another_reason_does_not_count() -> None:
    situation = situation_with()
    situation.group("spot", nodes=3)
    situation.budgets = (Budget(0, reasons=("Underutilized",)),)
    situation.run()
    assert len(of_kind(situation.run(seconds=61), ClaimDisruption)) == 3


# ------------------------------------------------------------ pools that reclaim


def interrupted(situation: Situation, name: str) -> None:
    taken = DisruptionClaim("spot_interruption", "Interrupted", situation.now_ms)
    situation.claim(name, disruption=taken, capacity=ANY)
    situation.change_node(name, taints=(Taint(INTERRUPTED, "NoSchedule", "spot-interruption"),))


def test_a_pool_that_reclaims_is_left_alone_until_its_rest_is_over() -> None:
    situation = two_groups(on_demand=0)
    interrupted(situation, "spot-0")
    decision = situation.run()
    assert requests(decision) == {"on-demand": (0, 1)}
    assert codes(decision, "group/spot") == ["PoolsWithoutCapacity"]
    rest_ms = 1_000 * situation.policy.pools.probe_initial_seconds
    (failed,) = situation.memory.failed_pools.values()
    assert failed.until_ms == situation.now_ms + rest_ms


def test_one_notice_counts_once_though_its_node_stays_for_two_minutes() -> None:
    situation = two_groups(on_demand=0)
    interrupted(situation, "spot-0")
    situation.run()
    before = situation.memory.failed_pools
    for _ in range(5):
        situation.run(seconds=10)
    assert situation.memory.failed_pools == before
    situation.launch("spot", "i-delivered")
    situation.run(seconds=10)
    assert situation.memory.failed_pools == {}
    situation.run(seconds=10)
    assert situation.memory.failed_pools == {}
