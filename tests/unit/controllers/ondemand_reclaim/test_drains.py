"""Emptying one node step by step: what each step waits for, to the millisecond."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, InstanceState
from kingtide.control.action import Action, EvictPod, TerminateInstance
from kingtide.control.claims import (
    CAPACITY_CLAIM,
    CapacityClaim,
    DisruptionClaim,
    DisruptionReason,
    write_claim,
)
from kingtide.control.node_actions import ClaimDisruption, Cordon, ReleaseCapacity
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.controllers.ondemand_reclaim.drains import (
    Emptied,
    Step,
    begin,
    go_on,
    release_capacity,
    rest,
    rest_seconds,
)
from kingtide.controllers.ondemand_reclaim.memory import Drain
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, OwnerReference, Pod, PodSpec
from kingtide.kube.resources import NO_RESOURCES

NOW_MS = 1_800_000_000_000
POLICY = OndemandReclaimPolicy(
    retry_initial_seconds=60, retry_max_seconds=1_200, max_pod_eviction_seconds=600
)
GROUP = AutoScalingGroup("g", 0, 9, 3, ("m5.xlarge",), ("eu-west-1a",), {}, 0, 100)
POOL = CapacityPool("m5.xlarge", "eu-west-1a", "on-demand")


def node(*, is_cordoned: bool = True, capacity_by: str | None = None) -> Node:
    claim = CapacityClaim(capacity_by or "", NOW_MS)
    return Node(
        "n", "uid-n", {}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0),
        unschedulable=is_cordoned,
        annotations={} if capacity_by is None else {CAPACITY_CLAIM: write_claim(claim)},
    )  # fmt: skip


def pod(name: str, kind: str = "ReplicaSet") -> Pod:
    spec = PodSpec(containers=(Container("main"),))
    owner = OwnerReference(kind, "web")
    return Pod("shop", name, name, spec, {}, 0, owner=owner, node_name="n", phase="Running")


def emptied(
    *pods: Pod,
    now_ms: int = NOW_MS,
    is_cordoned: bool = True,
    outcomes: Sequence[Outcome] = (),
    state: InstanceState = "InService",
) -> Emptied:
    return Emptied(
        node=node(is_cordoned=is_cordoned),
        claim=DisruptionClaim("ondemand_reclaim", "Expired", NOW_MS),
        group=GROUP,
        instance=Instance("i-n", "g", POOL, state, 0),
        pods={it.uid: it for it in pods},
        outcomes=outcomes,
        now_ms=now_ms,
    )


def stepped(it: Emptied, drain: Drain, *, may_lose_one: bool = True, may_go: int = 9) -> Step:
    def pick(due: Sequence[Pod]) -> Sequence[str]:
        return [pod.uid for pod in due[:may_go]]

    return go_on(it, drain, POLICY, pick, may_lose_one)


def kinds(step: Step) -> list[type[Action]]:
    return [type(it) for it in step.actions]


@pytest.mark.parametrize(
    ("asked_ms", "is_asked"),
    [
        pytest.param(0, True, id="not asked for yet"),
        pytest.param(NOW_MS - 29_999, False, id="asked for, and the watch may be late"),
        pytest.param(NOW_MS - 30_000, True, id="half a minute later the write is taken as lost"),
    ],
)
def test_a_cordon_that_is_not_seen_is_asked_for_again_after_half_a_minute(
    asked_ms: int, is_asked: bool
) -> None:
    step = stepped(emptied(is_cordoned=False), Drain(cordon_asked_ms=asked_ms))
    assert (Cordon in kinds(step)) == is_asked
    assert step.drain.cordon_asked_ms == (NOW_MS if is_asked else asked_ms)


@pytest.mark.parametrize(
    ("since_ms", "is_terminated"),
    [
        pytest.param(4_999, False, id="a pod may just have been bound"),
        pytest.param(5_000, True, id="the scheduler has seen the cordon"),
    ],
)
def test_an_empty_node_is_terminated_once_its_cordon_was_seen_for_five_seconds(
    since_ms: int, is_terminated: bool
) -> None:
    drain = Drain(cordon_seen_ms=NOW_MS - since_ms, are_daemons_asked=True)
    step = stepped(emptied(), drain)
    assert kinds(step) == ([TerminateInstance] if is_terminated else [])
    assert step.is_terminated == is_terminated
    assert step.drain.terminated_ms == (NOW_MS if is_terminated else 0)


def test_daemons_are_asked_to_end_a_pass_before_their_empty_node_goes_and_once() -> None:
    daemon = pod("d", kind="DaemonSet")
    settled = Drain(cordon_seen_ms=NOW_MS - 60_000)
    first = stepped(emptied(daemon), settled)
    assert kinds(first) == [EvictPod]
    assert kinds(stepped(emptied(daemon), first.drain)) == [TerminateInstance]


def test_daemons_stay_until_everybody_else_has_been_asked() -> None:
    daemon = pod("d", kind="DaemonSet")
    settled = Drain(cordon_seen_ms=NOW_MS - 60_000)
    some = stepped(emptied(pod("a"), pod("b"), daemon), settled, may_go=1)
    assert [it.name for it in some.actions if isinstance(it, EvictPod)] == ["a"]
    rest_of = stepped(emptied(pod("a"), pod("b"), daemon), some.drain)
    assert [it.name for it in rest_of.actions if isinstance(it, EvictPod)] == ["b", "d"]


@pytest.mark.parametrize(
    ("waited_ms", "failure"),
    [
        pytest.param(300_000, None, id="five minutes are given"),
        pytest.param(300_001, "TerminationFailed", id="and no more"),
    ],
)
def test_a_terminated_node_is_waited_for_five_minutes(waited_ms: int, failure: str | None) -> None:
    drain = Drain(cordon_seen_ms=1, terminated_ms=NOW_MS - waited_ms)
    step = stepped(emptied(), drain)
    assert (step.failure, kinds(step)) == (failure, [])


@pytest.mark.parametrize(
    ("of_node", "status", "failure"),
    [
        pytest.param("n", "failed", "TerminationFailed", id="its own failed"),
        pytest.param("n", "done", None, id="its own was done"),
        pytest.param("other", "failed", None, id="another's failed"),
    ],
)
def test_a_termination_that_fails_ends_the_attempt_of_its_node_alone(
    of_node: str, status: OutcomeStatus, failure: str | None
) -> None:
    action = TerminateInstance(group="g", instance_id="i", node=of_node, reason="empty")
    outcomes = (Outcome(action, status, NOW_MS, "ValidationError"),)
    drain = Drain(cordon_seen_ms=1, terminated_ms=NOW_MS - 1_000)
    assert stepped(emptied(outcomes=outcomes), drain).failure == failure


def test_a_group_at_its_minimum_keeps_its_empty_node() -> None:
    step = stepped(emptied(), Drain(cordon_seen_ms=1), may_lose_one=False)
    assert (step.failure, step.detail) == ("NodeGroupMinSizeReached", "g")


@pytest.mark.parametrize(
    ("status", "again"),
    [
        pytest.param("refused", ["a"], id="refused by a budget"),
        pytest.param("failed", ["a"], id="lost on the way"),
        pytest.param("done", [], id="on its way out"),
    ],
)
def test_a_refused_eviction_is_asked_for_again_whatever_the_pace_allows(
    status: OutcomeStatus, again: list[str]
) -> None:
    first = stepped(emptied(pod("a")), Drain(cordon_seen_ms=1))
    (eviction,) = first.actions
    outcomes = (Outcome(eviction, status, NOW_MS, "429"),)
    step = stepped(emptied(pod("a"), outcomes=outcomes), first.drain, may_go=0)
    assert [it.name for it in step.actions if isinstance(it, EvictPod)] == again


def test_a_pod_that_was_never_asked_waits_its_turn_though_an_eviction_of_it_failed_before() -> None:
    eviction = stepped(emptied(pod("a")), Drain(cordon_seen_ms=1)).actions[0]
    outcomes = (Outcome(eviction, "refused", NOW_MS, "429"),)
    step = stepped(emptied(pod("a"), outcomes=outcomes), Drain(cordon_seen_ms=1), may_go=0)
    assert step.actions == ()


@pytest.mark.parametrize("state", ["Terminating", "Terminated"])
def test_an_instance_on_its_way_out_is_left_alone(state: InstanceState) -> None:
    step = stepped(emptied(pod("a"), state=state, is_cordoned=False), Drain(cordon_seen_ms=1))
    assert step == Step(Drain(cordon_seen_ms=1))


@pytest.mark.parametrize(
    ("attempt", "seconds"),
    [(1, 60), (2, 120), (5, 960), (6, 1_200), (40, 1_200)],
)
def test_the_rest_after_a_failed_attempt_doubles_up_to_the_longest(
    attempt: int, seconds: int
) -> None:
    assert rest_seconds(attempt, POLICY) == seconds
    claim = DisruptionClaim("ondemand_reclaim", "Expired", NOW_MS, attempt=attempt)
    resting = rest(node(), claim, "why", POLICY, NOW_MS)[0]
    assert isinstance(resting, ClaimDisruption)
    assert resting.claim == msgspec.structs.replace(claim, not_before_ms=NOW_MS + seconds * 1_000)


@pytest.mark.parametrize(
    ("reason", "words"),
    [("Expired", "spot can take its pods"), ("Degraded", "it is ill")],
)
def test_a_drain_that_begins_says_why(reason: DisruptionReason, words: str) -> None:
    assert reason in ("Expired", "Degraded")
    claim = begin(node(), None, reason, NOW_MS)
    assert claim.reason == f"n is emptied: {words}"
    assert claim.claim == DisruptionClaim("ondemand_reclaim", reason, NOW_MS, attempt=1)
    again = begin(node(), msgspec.structs.replace(claim.claim, attempt=3), reason, NOW_MS)
    assert again.claim.attempt == 4


@pytest.mark.parametrize(
    ("by", "is_released"),
    [
        pytest.param("ondemand_reclaim", True, id="ours"),
        pytest.param("spot_interruption", False, id="another's"),
        pytest.param(None, False, id="none"),
    ],
)
def test_only_our_own_claim_for_capacity_is_given_back(by: str | None, is_released: bool) -> None:
    given = release_capacity(node(capacity_by=by), "why")
    assert [type(it) for it in given] == ([ReleaseCapacity] if is_released else [])
