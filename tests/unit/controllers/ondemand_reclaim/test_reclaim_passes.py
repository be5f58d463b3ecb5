"""Whole passes: on-demand nodes go back to spot, step by step, and nothing is lost on the way."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import EvictPod, TerminateInstance
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseCapacity,
    Uncordon,
)
from kingtide.controllers.ondemand_reclaim.marks import CORDONED_BY, GIVEN_UP_UNTIL
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition, Container, OwnerReference, PodSpec, Volume
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controllers.ondemand_reclaim.small_world import (
    HOUR_MS,
    MINUTE_MS,
    NOW_MS,
    SmallWorld,
)


def world_with(old: int = 1, spot: int = 1, **settings: object) -> SmallWorld:
    """On-demand nodes of three hours with two pods each, and spot nodes with room for four."""
    world = SmallWorld(**settings)
    world.group("spot", "spot", nodes=spot)
    world.group("on-demand", "on-demand", nodes=old)
    for number in range(old):
        world.pods(2, on=f"on-demand-{number}")
    return world


def test_an_old_node_is_claimed_cordoned_emptied_and_terminated() -> None:
    world = world_with()
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]
    assert world.names(Cordon) == []  # only once the claim stands on the node
    world.play(240)
    assert world.names(Cordon) == ["on-demand-0"]
    assert len(world.names(EvictPod)) == 2
    assert world.names(TerminateInstance) == ["on-demand-0"]
    assert world.ready_pods("web") == 2
    assert world.least_ready["web"] == 1  # one after the other: at least one stays


def test_pods_of_a_workload_leave_a_tenth_at_a_time() -> None:
    world = world_with(old=1, spot=6)
    for number in range(6):
        world.pods(3, on=f"spot-{number}")
    world.pods(2, on="on-demand-0")  # 4 of 22 replicas are there: two may be missing at a time
    world.play(600)
    assert world.gone_ms
    assert world.least_ready["web"] == 20


def test_a_young_node_is_left_alone_until_its_age() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=1, age_ms=HOUR_MS)
    world.pods(1, on="on-demand-0")
    assert [it.code for it in world.run().report.verdicts] == ["NotOldEnough"]
    world.play(3600 - 5)
    assert world.names(ClaimDisruption) == []
    world.play(10)
    assert world.names(ClaimDisruption) == ["on-demand-0"]


@pytest.mark.parametrize(
    ("serves", "code"),
    [
        pytest.param("workers", "", id="spot-serves-the-same"),
        pytest.param("admin", "NoSpotSibling", id="admin-nodes-are-on-demand-by-design"),
    ],
)
def test_only_nodes_with_a_spot_sibling_are_reclaimed(serves: str, code: str) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=1, serves=serves)
    codes = [it.code for it in world.run().report.verdicts]
    assert (code in codes) == bool(code)
    assert bool(world.names(ClaimDisruption)) == (not code)


def test_without_room_on_spot_capacity_is_claimed_and_met() -> None:
    world = world_with(spot=0)
    world.run()
    assert world.names(ClaimCapacity) == ["on-demand-0"]
    assert world.names(ClaimDisruption) == []
    world.play(200)
    world.node("spot-late", "spot")
    world.play(300)
    assert world.names(ClaimCapacity) == ["on-demand-0"]  # asked once
    assert "on-demand-0" in world.gone_ms


def test_a_claim_that_is_not_met_is_given_back_and_made_again_later() -> None:
    world = world_with(spot=0, claim_max_seconds=60, claim_rest_seconds=120)
    codes = world.play(90)
    assert world.names(ReleaseCapacity) == ["on-demand-0"]
    assert "CapacityGivenBack" in codes
    assert world.names(ClaimCapacity) == ["on-demand-0"]
    world.play(150)
    assert world.names(ClaimCapacity) == ["on-demand-0"] * 2


def test_a_claim_for_capacity_says_when_it_will_be_given_back() -> None:
    world = world_with(spot=0, claim_max_seconds=60)
    asked_ms = world.now_ms
    world.run()
    (claim,) = [it.claim for it in world.performed if isinstance(it, ClaimCapacity)]
    assert claim.until_ms == asked_ms + 60_000


def test_room_is_not_promised_twice() -> None:
    world = world_with(old=3, spot=1)  # four places for six pods
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]
    assert world.names(ClaimCapacity) == ["on-demand-2"]


def test_drains_keep_their_distance_and_their_number() -> None:
    world = world_with(old=6, spot=3, max_drains=2, drain_buffer_seconds=15)
    world.run()
    assert len(world.names(ClaimDisruption)) == 1
    world.play(15)
    assert len(world.names(ClaimDisruption)) == 1
    world.play(30)
    assert len(world.names(ClaimDisruption)) == 2
    assert len(world.memory.drains) == 2


def test_nothing_begins_while_pods_wait_for_nodes() -> None:
    world = world_with()
    pod = world.waits("other")
    assert "PodsWait" in world.play(60)
    assert world.names(ClaimDisruption) == []
    world.cluster.apply(world.cluster.pod(pod.uid), None)
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]


def test_pods_too_unimportant_for_a_node_are_not_waited_for() -> None:
    world = world_with()
    world.waits("batch", priority=-11)
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]


def test_nothing_is_done_in_a_cluster_that_is_not_to_be_trusted() -> None:
    world = world_with(old=8, spot=8)
    for number in range(8):
        world.change_node(f"spot-{number}", ready=Condition("Unknown", NOW_MS))
    assert [it.code for it in world.run().report.verdicts] == ["ClusterUnhealthy"]
    assert world.performed == []
    assert world.play(60) == []  # said once
    for number in range(8):
        world.change_node(f"spot-{number}", ready=Condition("True", NOW_MS))
    assert "ClusterHealthy" in world.play(5)


EMPTY_DIR = PodSpec(containers=(Container("main"),), volumes=(Volume("cache", "emptyDir"),))


@pytest.mark.parametrize(
    ("changes", "policy", "code"),
    [
        pytest.param({"spec": EMPTY_DIR}, {}, "EmptyDirPod", id="empty-dir"),
        pytest.param({"spec": EMPTY_DIR}, {"evict_empty_dir": True}, "", id="empty-dir-allowed"),
        pytest.param({"owner": None}, {}, "UnreplicatedPod", id="bare"),
        pytest.param({"owner": None}, {"evict_unreplicated": True}, "", id="bare-allowed"),
        pytest.param(
            {"annotations": {"keep": "yes"}},
            {"protected_annotations": ("keep=yes",)},
            "ProtectedPod",
            id="protected",
        ),
        pytest.param(
            {"annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}},
            {},
            "ProtectedPod",
            id="not-safe-to-evict",
        ),
        pytest.param(
            {"annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "on-completion"}},
            {},
            "OnCompletionPod",
            id="to-be-completed",
        ),
        pytest.param(
            {"owner": OwnerReference("DaemonSet", "daemon")}, {}, "", id="belongs-to-its-node"
        ),
    ],
)
def test_a_pod_that_may_not_be_evicted_keeps_its_node(
    changes: dict[str, object], policy: dict[str, object], code: str
) -> None:
    from kingtide.fleet.policies.ondemand_reclaim import PodFilterPolicy

    filters = PodFilterPolicy(**policy)  # type: ignore[arg-type]  # a truth table's settings
    world = world_with(pods=filters)
    world.pods(1, on="on-demand-0", app="special", **changes)
    codes = [it.code for it in world.run().report.verdicts]
    assert (code in codes) == bool(code)
    assert bool(world.names(ClaimDisruption)) == (not code)


def test_a_disruption_budget_that_allows_nothing_is_waited_for() -> None:
    world = world_with()
    selector = LabelSelector(match_labels=(("app", "web"),))
    budget = PodDisruptionBudget("shop", "web", selector, disruptions_allowed=0)
    world.cluster.apply(None, budget)
    assert "NotEnoughPdb" in world.play(20)
    assert world.names(ClaimDisruption) == []
    world.cluster.apply(budget, msgspec.structs.replace(budget, disruptions_allowed=1))
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]


def test_a_group_at_its_minimum_keeps_its_nodes() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=2)
    world.group("on-demand", "on-demand", nodes=2, min_size=1)
    codes = world.play(300)
    assert "NodeGroupMinSizeReached" in codes
    assert len(world.gone_ms) == 1


def test_a_node_that_cannot_be_emptied_rests_longer_and_longer_and_is_given_back() -> None:
    world = world_with(
        max_attempts=3, max_pod_eviction_seconds=20, retry_initial_seconds=30, retry_max_seconds=40
    )
    world.refused[EvictPod] = "429"
    world.play(30)
    claim = world.claim("on-demand-0")
    assert claim is not None
    assert (claim.attempt, claim.not_before_ms is None) == (1, False)
    assert not world.cluster.nodes["on-demand-0"].unschedulable  # it works while it rests
    codes = world.play(300)
    assert codes.count("DrainFailed") == 1
    assert codes.count("DrainGivenUp") == 1
    node = world.cluster.nodes["on-demand-0"]
    assert (world.claim("on-demand-0"), node.unschedulable) == (None, False)
    assert CORDONED_BY not in node.labels
    attempts = [it.claim.attempt for it in world.performed if isinstance(it, ClaimDisruption)]
    assert attempts == [1, 1, 2, 2, 3]  # asked, at rest, asked, at rest, asked
    begun = len(world.names(ClaimDisruption))
    world.play(600)
    assert len(world.names(ClaimDisruption)) == begun  # left alone
    assert GIVEN_UP_UNTIL in node.labels
    world.now_ms += 6 * HOUR_MS
    world.refused.clear()
    world.play(300)
    assert "on-demand-0" in world.gone_ms


def test_a_refused_claim_takes_no_slot_and_is_said_once() -> None:
    world = world_with(max_drains=1, drain_buffer_seconds=0)
    world.refused[ClaimDisruption] = "DisruptionBudget"
    codes = world.play(60)
    assert codes.count("ClaimRefused") == 1
    assert world.names(Cordon) == []
    world.refused.clear()
    world.play(120)
    assert world.names(TerminateInstance) == ["on-demand-0"]


def test_a_node_that_somebody_else_empties_is_left_to_them() -> None:
    world = world_with()
    claim = DisruptionClaim(by="spot_interruption", reason="Interrupted", since_ms=NOW_MS)
    world.change_node("on-demand-0", annotations={DISRUPTION_CLAIM: write_claim(claim)})
    assert [it.code for it in world.run().report.verdicts] == ["ClaimedByOther"]
    assert world.performed == []


def test_a_claim_that_is_displaced_is_not_fought_for() -> None:
    world = world_with()
    world.play(15)
    assert world.cluster.nodes["on-demand-0"].unschedulable
    claim = DisruptionClaim(by="spot_interruption", reason="Interrupted", since_ms=world.now_ms)
    world.change_node("on-demand-0", annotations={DISRUPTION_CLAIM: write_claim(claim)})
    before = len(world.performed)
    world.play(30)
    assert len(world.performed) == before
    assert world.cluster.nodes["on-demand-0"].unschedulable  # the other wants it so


def test_somebody_elses_cordon_is_neither_used_nor_undone() -> None:
    world = world_with()
    world.change_node("on-demand-0", unschedulable=True)
    assert [it.code for it in world.run().report.verdicts] == ["CordonedByOther"]
    world.play(60)
    assert world.performed == []


def test_uncordoning_by_hand_ends_the_drain() -> None:
    world = world_with()
    world.play(20)
    assert world.cluster.nodes["on-demand-0"].unschedulable
    world.change_node("on-demand-0", unschedulable=False)
    assert "DrainVetoed" in world.play(10)
    world.play(600)
    assert world.gone_ms == {}
    assert world.claim("on-demand-0") is None


@pytest.mark.parametrize("step", range(0, 200, 5))
def test_a_restart_at_any_moment_loses_nothing(step: int) -> None:
    world = world_with(old=2, spot=1)
    world.play(step)
    world.forget()
    world.play(600)
    assert sorted(world.gone_ms) == ["on-demand-0", "on-demand-1"]
    assert len(world.names(EvictPod)) == 4  # nobody is evicted twice
    assert sorted(world.names(TerminateInstance)) == ["on-demand-0", "on-demand-1"]
    assert world.ready_pods("web") == 4


def test_a_controller_that_forgets_everything_at_every_pass_still_empties_the_node() -> None:
    world = world_with(max_unavailable_percent=100)
    world.play(120, forgetting=True)
    assert world.names(EvictPod)  # cordon and evictions need no memory
    assert len(world.names(EvictPod)) == 2


def test_a_fallback_of_sixty_nodes_is_gone_by_two_hours_and_a_half() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=90)
    world.group("on-demand", "on-demand", nodes=60, age_ms=2 * HOUR_MS - 10 * MINUTE_MS)
    for number in range(90):
        world.pods(2, on=f"spot-{number}")
    for number in range(60):
        world.pods(3, on=f"on-demand-{number}")
    world.play(40 * 60)
    assert len(world.gone_ms) == 60
    assert max(world.gone_ms.values()) - NOW_MS <= 40 * MINUTE_MS
    assert world.least_ready["web"] >= 360 - 36  # a tenth at most, and only while it moves


def test_an_ill_spot_node_is_emptied_whatever_its_age() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=2)
    bad = {"KernelDeadlock": Condition("True", NOW_MS)}
    world.node("ill", "spot", conditions=bad)
    world.pods(2, on="ill")
    codes = world.play(240)
    assert "DrainBegan" in codes
    assert "ill" in world.gone_ms


def test_an_ill_node_is_emptied_after_a_while_even_without_room() -> None:
    world = SmallWorld(degraded_wait_seconds=60)
    world.group("spot", "spot", nodes=0)
    world.node("ill", "spot", conditions={"ReadonlyFilesystem": Condition("True", NOW_MS)})
    world.pods(1, on="ill")
    world.play(30)
    assert world.names(ClaimCapacity) == ["ill"]
    assert world.names(Cordon) == []
    world.play(60)
    assert world.names(Cordon) == ["ill"]


def test_an_ill_node_stays_cordoned_while_it_rests_and_works_again_once_healed() -> None:
    world = SmallWorld(max_pod_eviction_seconds=20, max_attempts=1)
    world.group("spot", "spot", nodes=1)
    world.node("ill", "spot", conditions={"KernelDeadlock": Condition("True", NOW_MS)})
    world.pods(1, on="ill")
    world.refused[EvictPod] = "429"
    world.play(60)
    claim = world.claim("ill")
    assert claim is not None
    assert claim.not_before_ms is not None
    assert world.cluster.nodes["ill"].unschedulable
    world.change_node("ill", conditions={"KernelDeadlock": Condition("False", world.now_ms)})
    assert "DrainCalledOff" in world.play(120)
    assert world.names(Uncordon) == ["ill"]
    assert world.claim("ill") is None


def test_a_node_that_draino_cordoned_is_taken_over_and_uncordoned_once_healed() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    world.change_node(
        "spot-0",
        unschedulable=True,
        annotations={"draino.planet.com/conditions": "KernelDeadlock=True,1m"},
        conditions={"KernelDeadlock": Condition("False", NOW_MS)},
    )
    world.play(30)
    assert world.names(Uncordon) == []
    assert "TakesPodsAgain" in world.play(45)
    assert not world.cluster.nodes["spot-0"].unschedulable
    world.change_node("spot-0", unschedulable=True)  # by hand, later
    world.play(60)
    assert world.names(Uncordon) == ["spot-0"]


def test_settings_that_cannot_be_read_stop_everything_and_say_where() -> None:
    world = world_with(node_label_expression="metadata.labels.a ==")
    (verdict,) = world.run().report.verdicts
    assert verdict.code == "PolicyUnreadable"
    assert "column 21" in str(verdict.details["detail"])
    assert world.performed == []


def test_only_selected_nodes_are_looked_at() -> None:
    world = world_with(node_labels=("team=search",))
    world.play(60)
    assert world.performed == []
    world.change_node(
        "on-demand-0", labels={**world.cluster.nodes["on-demand-0"].labels, "team": "search"}
    )
    world.run()
    assert world.names(ClaimDisruption) == ["on-demand-0"]


def test_a_fleet_of_spot_costs_a_pass_nothing() -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=50)
    decision = world.run()
    assert decision.actions == ()
    assert decision.memory.concerned == {}
    assert decision.report.verdicts == ()


@pytest.mark.parametrize("attempt", [-3, 0, 10**30])
def test_a_claim_of_ours_that_somebody_spoilt_is_written_anew(attempt: int) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=2)
    world.group("on-demand", "on-demand", nodes=1)
    spoilt = f'{{"by":"ondemand_reclaim","reason":"Expired","since_ms":0,"attempt":{attempt}}}'
    world.change_node("on-demand-0", annotations={DISRUPTION_CLAIM: spoilt})
    world.pods(1, on="on-demand-0")
    world.play(20)
    claim = world.claim("on-demand-0")
    assert claim is None or claim.attempt == 1
    world.play(300)
    assert "on-demand-0" in world.gone_ms


def test_an_uncordon_that_fails_is_asked_for_again_and_its_mark_stays_until_then() -> None:
    world = world_with(max_pod_eviction_seconds=20)
    world.refused[EvictPod] = "429"
    world.failed[Uncordon] = "ServiceUnavailable"
    world.play(60)
    claim = world.claim("on-demand-0")
    assert claim is not None
    assert claim.not_before_ms is not None
    node = world.cluster.nodes["on-demand-0"]
    assert node.unschedulable
    assert node.labels[CORDONED_BY] == "ondemand_reclaim"
    del world.failed[Uncordon]
    world.forget()
    world.play(10)
    node = world.cluster.nodes["on-demand-0"]
    assert not node.unschedulable
    assert CORDONED_BY not in node.labels
    assert world.names(Uncordon) == ["on-demand-0"]
