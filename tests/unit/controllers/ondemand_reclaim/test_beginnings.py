"""Which drains begin in a pass, who asks for capacity, and how long everybody waits."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from kingtide.control.claims import (
    CAPACITY_CLAIM,
    DISRUPTION_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    DisruptionReason,
    write_claim,
)
from kingtide.control.node_actions import ClaimCapacity, ClaimDisruption, ReleaseCapacity
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim.beginnings import Beginnings, begin, is_within_buffer
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.controllers.ondemand_reclaim.standing import concerned_nodes, look, rules_of
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Condition
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controllers.ondemand_reclaim.small_world import HOUR_MS, SmallWorld


def world_with(*, old: int = 1, spot: int = 1, **settings: object) -> SmallWorld:
    """On-demand nodes of three hours with a pod each, and spot nodes with room for four."""
    world = SmallWorld(**settings)
    world.group("spot", "spot", nodes=spot)
    world.group("on-demand", "on-demand", nodes=old)
    for number in range(old):
        world.pods(1, on=f"on-demand-{number}")
    return world


def begun(
    world: SmallWorld,
    *,
    drains: Mapping[str, Drain] | None = None,
    begun_ms: int | None = None,
    claim_rests: Mapping[str, int] | None = None,
) -> Beginnings:
    rules = rules_of(world.policy)
    concerned, _ = concerned_nodes({}, world.cluster, 0, rules)
    snapshot = Snapshot(world.cluster, world.cloud, "test", world.outcomes)
    standings = look(snapshot, concerned, rules, world.policy, world.now_ms)
    return begin(
        snapshot, standings, drains or {}, begun_ms, claim_rests or {}, world.policy, world.now_ms
    )


def started(found: Beginnings) -> list[str]:
    return [it.node for it in found.actions if isinstance(it, ClaimDisruption)]


def asking(found: Beginnings) -> list[str]:
    return [it.node for it in found.actions if isinstance(it, ClaimCapacity)]


def waits(found: Beginnings) -> list[str]:
    return [it.code for it in found.standing]


def with_claims(
    world: SmallWorld,
    name: str,
    *,
    capacity: CapacityClaim | None = None,
    disruption: DisruptionClaim | None = None,
) -> None:
    claims = {CAPACITY_CLAIM: capacity, DISRUPTION_CLAIM: disruption}
    written = {key: write_claim(it) for key, it in claims.items() if it is not None}
    world.change_node(name, annotations=written)


@pytest.mark.parametrize(
    ("begun_ms", "is_within"),
    [
        pytest.param(None, False, id="none began"),
        pytest.param(14_999, True, id="the buffer holds"),
        pytest.param(15_000, False, id="it is over"),
    ],
)
def test_drains_keep_their_distance(begun_ms: int | None, is_within: bool) -> None:
    policy = OndemandReclaimPolicy(drain_buffer_seconds=15)
    ago_ms = None if begun_ms is None else 1_000_000 - begun_ms
    assert is_within_buffer(ago_ms, policy, 1_000_000) == is_within


@pytest.mark.parametrize(
    ("ago_ms", "codes"),
    [pytest.param(14_999, ["DrainBuffer"], id="too soon"), pytest.param(15_000, [], id="now")],
)
def test_the_claims_on_the_nodes_tell_when_the_last_drain_began_after_a_restart(
    ago_ms: int, codes: list[str]
) -> None:
    world = world_with(old=2)
    claim = DisruptionClaim("ondemand_reclaim", "Expired", world.now_ms - ago_ms)
    with_claims(world, "on-demand-0", disruption=claim)
    found = begun(world)
    assert waits(found) == codes
    assert started(found) == ([] if codes else ["on-demand-1"])
    assert found.begun_ms == (world.now_ms - ago_ms if codes else world.now_ms)


def test_a_claim_at_rest_says_nothing_of_when_the_last_drain_began() -> None:
    world = world_with(old=2)
    resting = DisruptionClaim(
        "ondemand_reclaim", "Expired", world.now_ms - 1, not_before_ms=world.now_ms + HOUR_MS
    )
    with_claims(world, "on-demand-0", disruption=resting)
    found = begun(world)
    assert (started(found), waits(found)) == (["on-demand-1"], ["Rests"])


@pytest.mark.parametrize(
    ("rests_ms", "codes"),
    [pytest.param(1, ["Rests"], id="it still rests"), pytest.param(0, [], id="its rest is over")],
)
def test_a_node_whose_last_attempt_failed_rests_until_its_time(
    rests_ms: int, codes: list[str]
) -> None:
    world = world_with()
    claim = DisruptionClaim(
        "ondemand_reclaim", "Expired", 1, attempt=2, not_before_ms=world.now_ms + rests_ms
    )
    with_claims(world, "on-demand-0", disruption=claim)
    found = begun(world)
    assert waits(found) == codes
    assert [it.claim.attempt for it in found.actions if isinstance(it, ClaimDisruption)] == (
        [] if codes else [3]
    )


@pytest.mark.parametrize(
    ("most", "drains", "codes"),
    [
        pytest.param(2, 1, [], id="one more may be emptied"),
        pytest.param(2, 2, ["DrainsAtMaximum"], id="as many as may be"),
    ],
)
def test_no_more_nodes_are_emptied_at_once_than_are_set(
    most: int, drains: int, codes: list[str]
) -> None:
    world = world_with(old=3, max_drains=most)
    others = {f"on-demand-{number + 1}": Drain(claimed_ms=1) for number in range(drains)}
    for name in list(world.cluster.nodes):
        if name not in ("on-demand-0", "spot-0") and name not in others:
            world.change_node(name, deletion_ms=1)
    found = begun(world, drains=others)
    assert waits(found) == codes
    assert started(found) == ([] if codes else ["on-demand-0"])


@pytest.mark.parametrize(
    ("min_size", "going", "codes"),
    [
        pytest.param(1, 1, [], id="one may go beside the one that goes"),
        pytest.param(2, 1, ["NodeGroupMinSizeReached"], id="the one that goes is the last"),
        pytest.param(2, 0, [], id="nobody goes"),
        pytest.param(3, 0, ["NodeGroupMinSizeReached"], id="as few as may be"),
    ],
)
def test_nodes_that_are_being_emptied_count_against_their_groups_minimum(
    min_size: int, going: int, codes: list[str]
) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=1, min_size=min_size)
    world.node("young-a", "on-demand")
    world.node("young-b", "on-demand")
    drains = {"young-a": Drain(claimed_ms=1)} if going else {}
    if going:
        claim = DisruptionClaim("ondemand_reclaim", "Expired", 1)
        with_claims(world, "young-a", disruption=claim)
    found = begun(world, drains=drains)
    assert waits(found) == codes
    assert started(found) == ([] if codes else ["on-demand-0"])


def test_two_nodes_of_one_group_do_not_begin_where_only_one_may_go() -> None:
    world = SmallWorld(drain_buffer_seconds=0)
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=2, min_size=1)
    found = begun(world)
    assert (started(found), waits(found)) == (["on-demand-0"], ["NodeGroupMinSizeReached"])


def test_as_many_nodes_of_one_group_begin_as_it_may_lose() -> None:
    world = SmallWorld(drain_buffer_seconds=0)
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=4, min_size=1)
    found = begun(world)
    assert started(found) == ["on-demand-0", "on-demand-1", "on-demand-2"]
    assert waits(found) == ["NodeGroupMinSizeReached"]


@pytest.mark.parametrize(
    ("is_claimed", "is_remembered"),
    [
        pytest.param(True, False, id="its claim stands, found after a restart"),
        pytest.param(False, True, id="its claim was asked for and is not seen yet"),
    ],
)
def test_a_node_goes_from_when_its_claim_is_asked_for_until_it_is_gone(
    is_claimed: bool, is_remembered: bool
) -> None:
    world = SmallWorld(drain_buffer_seconds=0)
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=2, min_size=1)
    world.pods(3, on="on-demand-1")
    world.pods(2, on="on-demand-0")
    if is_claimed:
        claim = DisruptionClaim("ondemand_reclaim", "Expired", 1)
        with_claims(world, "on-demand-1", disruption=claim)
    drains = {"on-demand-1": Drain(claimed_ms=1)} if is_remembered else {}
    assert waits(begun(world, drains=drains)) == ["NodeGroupMinSizeReached"]
    # With a group that may lose both, its pods still have their room first.
    group = world.cloud.groups["on-demand"]
    world.cloud.groups["on-demand"] = msgspec.structs.replace(group, min_size=0)
    assert waits(begun(world, drains=drains)) == ["CapacityClaimed"]


def test_pods_of_an_old_node_do_not_go_to_an_ill_one() -> None:
    world = world_with(spot=1, conditions=("Broken",))
    world.change_node("spot-0", conditions={"Broken": Condition("True", 0)})
    found = begun(world)
    assert "on-demand-0" not in started(found)
    assert asking(found) == ["on-demand-0"]


# ------------------------------------------------------------ asking for capacity


def test_a_node_whose_pods_find_no_room_asks_for_it_and_says_until_when() -> None:
    world = world_with(spot=0, claim_max_seconds=900)
    (claim,) = [it.claim for it in begun(world).actions if isinstance(it, ClaimCapacity)]
    assert (claim.lifecycle, claim.since_ms) == ("spot", world.now_ms)
    assert claim.needed_by_ms == world.now_ms - HOUR_MS  # it was due an hour ago
    assert claim.until_ms == world.now_ms + 900_000


def test_pods_of_an_ill_node_may_go_anywhere() -> None:
    world = SmallWorld(conditions=("Broken",))
    world.group("spot", "spot")
    world.node("ill", "spot", conditions={"Broken": Condition("True", 0)})
    world.pods(1, on="ill")
    (claim,) = [it.claim for it in begun(world).actions if isinstance(it, ClaimCapacity)]
    assert claim.lifecycle == "any"


@pytest.mark.parametrize(
    ("waited_ms", "is_given_back"),
    [
        pytest.param(900_000, False, id="room may still come"),
        pytest.param(900_001, True, id="none came"),
    ],
)
def test_a_claim_for_capacity_is_given_back_when_no_room_came_in_its_time(
    waited_ms: int, is_given_back: bool
) -> None:
    world = world_with(spot=0, claim_max_seconds=900, claim_rest_seconds=600)
    claim = CapacityClaim("ondemand_reclaim", world.now_ms - waited_ms, lifecycle="spot")
    with_claims(world, "on-demand-0", capacity=claim)
    found = begun(world)
    assert [type(it) for it in found.actions] == ([ReleaseCapacity] if is_given_back else [])
    assert waits(found) == ([] if is_given_back else ["CapacityClaimed"])
    rest_ms = {"on-demand-0": world.now_ms + 600_000}
    assert found.claim_rests == (rest_ms if is_given_back else {})


@pytest.mark.parametrize(
    ("rests_ms", "codes"),
    [
        pytest.param(1, ["CapacityRests"], id="its rest is not over"),
        pytest.param(0, ["CapacityClaimed"], id="it asks anew"),
    ],
)
def test_after_a_claim_that_was_not_met_a_node_rests_before_it_asks_again(
    rests_ms: int, codes: list[str]
) -> None:
    world = world_with(spot=0)
    found = begun(world, claim_rests={"on-demand-0": world.now_ms + rests_ms})
    assert waits(found) == codes


def test_no_more_nodes_ask_for_capacity_at_once_than_are_set() -> None:
    world = world_with(old=4, spot=0, max_capacity_claims=3)
    claim = CapacityClaim("ondemand_reclaim", world.now_ms, lifecycle="spot")
    with_claims(world, "on-demand-3", capacity=claim)
    found = begun(world)
    assert asking(found) == ["on-demand-0", "on-demand-1"]
    assert sorted(waits(found)) == [
        "CapacityClaimed", "CapacityClaimed", "CapacityClaimed", "CapacityClaimsAtMaximum",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("waited_ms", "is_begun"),
    [
        pytest.param(299_999, False, id="room may still come"),
        pytest.param(300_000, True, id="it is emptied without"),
    ],
)
@pytest.mark.parametrize("reason", ["Degraded", "Expired"])
def test_an_ill_node_is_emptied_without_room_after_five_minutes_and_an_old_one_never(
    waited_ms: int, is_begun: bool, reason: DisruptionReason
) -> None:
    world = world_with(spot=0, conditions=("Broken",), degraded_wait_seconds=300)
    if reason == "Degraded":
        world.change_node("on-demand-0", conditions={"Broken": Condition("True", 0)})
    claim = CapacityClaim("ondemand_reclaim", world.now_ms - waited_ms, lifecycle="any")
    with_claims(world, "on-demand-0", capacity=claim)
    expected = ["on-demand-0"] if is_begun and reason == "Degraded" else []
    assert started(begun(world)) == expected


@pytest.mark.parametrize(
    ("allowed", "codes"),
    [
        pytest.param(1, [], id="one may go"),
        pytest.param(0, ["NotEnoughPdb"], id="none may go"),
    ],
)
def test_a_node_with_a_pod_that_no_budget_lets_go_waits(allowed: int, codes: list[str]) -> None:
    world = world_with()
    selector = LabelSelector(match_labels=(("app", "web"),))
    budget = PodDisruptionBudget("shop", "web", selector, disruptions_allowed=allowed)
    world.cluster.apply(None, budget)
    assert waits(begun(world)) == codes
