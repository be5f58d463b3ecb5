"""Drains under way: how long what does not show is waited for, and when one is called off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from kingtide.control.action import EvictPod, TerminateInstance
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.node_actions import ClaimDisruption, Cordon, ReleaseDisruption
from kingtide.control.outcome import Outcome
from kingtide.control.snapshot import Snapshot
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.controllers.ondemand_reclaim.standing import concerned_nodes, look, rules_of
from kingtide.controllers.ondemand_reclaim.under_way import UnderWay, go_on, refused_claims
from kingtide.kube.pods import Condition, Container, PodSpec
from tests.unit.controllers.ondemand_reclaim.small_world import HOUR_MS, SmallWorld

ILL = {"Broken": Condition("True", 0)}


def world_with(*, pods: int = 1, **settings: Any) -> SmallWorld:
    """An old on-demand node with pods, and a spot node with room for four."""
    world = SmallWorld(conditions=("Broken",), **settings)
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=1)
    world.pods(pods, on="on-demand-0")
    return world


def claim(world: SmallWorld, name: str = "on-demand-0", **changes: Any) -> None:
    found = DisruptionClaim("ondemand_reclaim", "Expired", world.now_ms)
    found = msgspec.structs.replace(found, **changes)
    world.change_node(name, annotations={DISRUPTION_CLAIM: write_claim(found)})


def gone_on(
    world: SmallWorld,
    drain: Drain | None = None,
    *outcomes: Outcome,
    drains: Mapping[str, Drain] | None = None,
) -> UnderWay:
    rules = rules_of(world.policy)
    concerned, _ = concerned_nodes({}, world.cluster, 0, rules)
    snapshot = Snapshot(world.cluster, world.cloud, "test", outcomes)
    standings = look(snapshot, concerned, rules, world.policy, world.now_ms)
    known = {} if drain is None else {"on-demand-0": drain}
    return go_on(snapshot, standings, drains or known, world.policy, world.now_ms)


def codes(found: UnderWay) -> list[str]:
    return [it.code for it in found.verdicts]


@pytest.mark.parametrize(
    ("age_ms", "is_kept"),
    [
        pytest.param(60_000, True, id="the watch may be a minute late"),
        pytest.param(60_001, False, id="it was not written"),
    ],
)
def test_a_claim_that_does_not_show_keeps_its_slot_for_a_minute(age_ms: int, is_kept: bool) -> None:
    world = world_with()
    drain = Drain(claimed_ms=world.now_ms - age_ms)
    assert gone_on(world, drain).drains == ({"on-demand-0": drain} if is_kept else {})


def test_a_claim_that_was_refused_or_never_asked_for_keeps_no_slot() -> None:
    world = world_with()
    drain = Drain(claimed_ms=world.now_ms)
    claimed = ClaimDisruption(
        reason="", node="on-demand-0", node_uid="uid-on-demand-0",
        claim=DisruptionClaim("ondemand_reclaim", "Expired", world.now_ms),
    )  # fmt: skip
    refused = Outcome(claimed, "refused", world.now_ms, "DisruptionBudget")
    done = Outcome(claimed, "done", world.now_ms)
    assert gone_on(world, drain, done).drains == {"on-demand-0": drain}
    assert gone_on(world, drain, refused).drains == {}
    assert gone_on(world, Drain(ended_ms=world.now_ms)).drains == {}
    assert gone_on(world, drains={"gone": drain}).drains == {}


@pytest.mark.parametrize(
    ("message", "told"),
    [
        pytest.param("no room", "no room", id="in words"),
        pytest.param("", "409", id="by its code alone"),
    ],
)
def test_why_a_claim_was_refused_is_told(message: str, told: str) -> None:
    world = world_with()
    action = ClaimDisruption(
        reason="", node="n", node_uid="u", claim=DisruptionClaim("a", "Expired", 1)
    )
    outcome = Outcome(action, "refused", world.now_ms, "409", message)
    snapshot = Snapshot(world.cluster, world.cloud, "test", (outcome,))
    assert refused_claims(snapshot) == {"n": told}


@pytest.mark.parametrize(
    ("age_ms", "is_waited_for"),
    [
        pytest.param(60_000, True, id="what ended it may not show yet"),
        pytest.param(60_001, False, id="it was lost: the claim stands, and is gone on with"),
    ],
)
def test_what_ended_a_drain_is_waited_for_a_minute(age_ms: int, is_waited_for: bool) -> None:
    world = world_with()
    claim(world)
    ended = Drain(ended_ms=world.now_ms - age_ms)
    found = gone_on(world, ended)
    assert (found.drains["on-demand-0"] == ended) == is_waited_for
    assert bool(found.actions) != is_waited_for


@pytest.mark.parametrize(
    ("is_known", "code"),
    [pytest.param(True, "DrainBegan", id="ours"), pytest.param(False, "DrainAdopted", id="found")],
)
def test_a_claim_that_is_first_seen_is_told_once(is_known: bool, code: str) -> None:
    world = world_with()
    claim(world, attempt=2)
    found = gone_on(world, Drain(claimed_ms=world.now_ms) if is_known else None)
    assert codes(found) == [code]
    assert found.verdicts[0].details["attempt"] == 2
    assert [type(it) for it in found.actions][-1] is Cordon
    for known in (Drain(cordon_asked_ms=1), Drain(cordon_seen_ms=1)):
        assert code not in codes(gone_on(world, known))


def test_an_ill_node_is_told_with_what_is_wrong_with_it() -> None:
    world = world_with()
    world.change_node("on-demand-0", conditions=ILL)
    claim(world, reason="Degraded")
    (told,) = gone_on(world, Drain(claimed_ms=1)).verdicts
    assert (told.details["reason"], told.details["detail"]) == ("Degraded", ": Broken")


@pytest.mark.parametrize(
    ("reason", "ill", "is_called_off"),
    [
        pytest.param("Degraded", True, False, id="still ill"),
        pytest.param("Degraded", False, True, id="healed, and merely old"),
        pytest.param("Expired", True, False, id="old, and now ill"),
        pytest.param("Expired", False, False, id="still old"),
    ],
)
def test_the_drain_of_a_node_that_healed_is_called_off(
    reason: str, ill: bool, is_called_off: bool
) -> None:
    world = world_with()
    if ill:
        world.change_node("on-demand-0", conditions=ILL)
    claim(world, reason=reason)
    found = gone_on(world, Drain(claimed_ms=1))
    assert ("DrainCalledOff" in codes(found)) == is_called_off
    assert any(isinstance(it, ReleaseDisruption) for it in found.actions) == is_called_off


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        pytest.param(
            "Expired", "no spot group serves the same applications any more", id="it was old"
        ),
        pytest.param("Degraded", "its conditions are good again", id="it was ill"),
    ],
)
def test_why_a_drain_on_a_node_without_spot_siblings_is_called_off(reason: str, why: str) -> None:
    world = world_with()
    del world.cloud.groups["spot"]
    claim(world, reason=reason)
    (told,) = gone_on(world, Drain(claimed_ms=1)).verdicts
    assert (told.code, told.details["why"]) == ("DrainCalledOff", why)
    ended = gone_on(world, Drain(claimed_ms=1, terminated_ms=world.now_ms))
    assert "DrainCalledOff" not in codes(ended)


@pytest.mark.parametrize(
    ("age_ms", "is_called_off"),
    [
        pytest.param(300_000, False, id="it may just have been terminated"),
        pytest.param(300_001, True, id="nobody will end it"),
    ],
)
def test_a_node_whose_group_does_not_know_it_any_more_is_waited_for_five_minutes(
    age_ms: int, is_called_off: bool
) -> None:
    world = world_with()
    group = world.cloud.groups["on-demand"]
    world.cloud.groups["on-demand"] = msgspec.structs.replace(group, instances=())
    claim(world, since_ms=world.now_ms - age_ms)
    found = gone_on(world, Drain(claimed_ms=1))
    assert ("DrainCalledOff" in codes(found)) == is_called_off
    assert (found.drains["on-demand-0"] == Drain(claimed_ms=1)) != is_called_off


@pytest.mark.parametrize(
    ("reason", "is_paused"),
    [
        pytest.param("Expired", True, id="old: those that wait come first"),
        pytest.param("Degraded", False, id="ill: its pods fail where they are"),
    ],
)
def test_while_pods_wait_for_nodes_no_pod_leaves_an_old_node(reason: str, is_paused: bool) -> None:
    world = world_with()
    if reason == "Degraded":
        world.change_node("on-demand-0", conditions=ILL)
    world.waits()
    claim(world, reason=reason)
    world.change_node("on-demand-0", unschedulable=True)
    found = gone_on(world, Drain(claimed_ms=1, cordon_asked_ms=1))
    assert (not any(isinstance(it, EvictPod) for it in found.actions)) == is_paused


@pytest.mark.parametrize(
    ("priority", "waits"),
    [pytest.param(-10, True, id="worth a node"), pytest.param(-11, False, id="not worth one")],
)
def test_only_pods_that_are_worth_a_node_are_waited_for(priority: int, waits: bool) -> None:
    world = world_with(waiting_priority_cutoff=-10)
    world.waits(priority=priority)
    claim(world)
    world.change_node("on-demand-0", unschedulable=True)
    found = gone_on(world, Drain(claimed_ms=1, cordon_asked_ms=1))
    assert (not any(isinstance(it, EvictPod) for it in found.actions)) == waits


@pytest.mark.parametrize(
    ("min_size", "ended"),
    [
        pytest.param(0, ["on-demand-0", "on-demand-1"], id="both may go"),
        pytest.param(1, ["on-demand-0"], id="the second is the last that the group may lose"),
        pytest.param(2, [], id="none may go"),
    ],
)
def test_nodes_that_end_in_one_pass_count_against_their_groups_minimum(
    min_size: int, ended: list[str]
) -> None:
    world = SmallWorld()
    world.group("spot", "spot", nodes=1)
    world.group("on-demand", "on-demand", nodes=2, min_size=min_size)
    drains = {}
    for name in ("on-demand-0", "on-demand-1"):
        claim(world, name)
        world.change_node(name, unschedulable=True)
        drains[name] = Drain(claimed_ms=1, cordon_seen_ms=1, are_daemons_asked=True)
    found = gone_on(world, drains=drains)
    assert [it.node for it in found.actions if isinstance(it, TerminateInstance)] == ended
    assert codes(found).count("Terminated") == len(ended)
    assert codes(found).count("DrainFailed") == 2 - len(ended)


@pytest.mark.parametrize(
    ("attempt", "reason", "code"),
    [
        pytest.param(2, "Expired", "DrainFailed", id="one attempt is left"),
        pytest.param(3, "Expired", "DrainGivenUp", id="the last"),
        pytest.param(9, "Degraded", "DrainFailed", id="an ill node is never given up"),
    ],
)
def test_an_old_node_is_given_up_after_so_many_attempts(
    attempt: int, reason: str, code: str
) -> None:
    world = world_with(max_attempts=3)
    protected = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"}
    world.pods(1, on="on-demand-0", annotations=protected)
    if reason == "Degraded":
        world.change_node("on-demand-0", conditions=ILL)
    claim(world, attempt=attempt, reason=reason)
    found = gone_on(world, Drain(claimed_ms=1, cordon_asked_ms=1))
    assert codes(found) == [code]


def test_a_node_keeps_pods_that_do_not_have_to_leave() -> None:
    world = world_with(pods=0)
    mirror = {"kubernetes.io/config.mirror": "x"}
    spec = PodSpec(containers=(Container("main"),))
    world.pods(1, on="on-demand-0", app="static", spec=spec, annotations=mirror, owner=None)
    claim(world, since_ms=world.now_ms - HOUR_MS)
    world.change_node("on-demand-0", unschedulable=True)
    drain = Drain(claimed_ms=1, cordon_seen_ms=1, are_daemons_asked=True)
    assert [type(it) for it in gone_on(world, drain).actions] == [TerminateInstance]
