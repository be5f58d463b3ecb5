"""Taking one node away: how long each of its steps is waited for, to the millisecond."""

from __future__ import annotations

import msgspec
import pytest

from kingtide.control.action import RemoveTaint, TerminateInstance
from kingtide.control.claims import DISRUPTION_CLAIM, DisruptionClaim, write_claim
from kingtide.control.removal_taint import TO_BE_DELETED
from kingtide.controllers.node_autoscaling.removal import (
    DELAY_DELETION_PREFIX,
    Removal,
    Stage,
    Step,
    begin,
    go_on,
)
from kingtide.controllers.node_autoscaling.snapshot import NodeStanding
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition
from kingtide.kube.resources import NO_RESOURCES
from kingtide.kube.taints import Taint

SINCE_MS = 1_800_000_000_000
OURS = write_claim(DisruptionClaim("node_autoscaling", "Empty", SINCE_MS))
TAINT = Taint(TO_BE_DELETED, "NoSchedule", str(SINCE_MS // 1000), SINCE_MS)
POLICY = NodeAutoscalingPolicy(
    scale_down=ScaleDownPolicy(delete_delay_after_taint_seconds=5, node_deletion_delay_seconds=120)
)


def standing(*, is_tainted: bool = True, is_delayed: bool = False) -> NodeStanding:
    delay = {DELAY_DELETION_PREFIX + "x": "1"} if is_delayed else {}
    node = Node(
        "n", "uid", {}, NO_RESOURCES, NO_RESOURCES, 0, Condition("True", 0),
        taints=(TAINT,) if is_tainted else (),
        annotations={DISRUPTION_CLAIM: OURS, **delay},
    )  # fmt: skip
    return NodeStanding(node, "i-1", "ready")


def removal(stage: Stage, **changes: int) -> Removal:
    return msgspec.structs.replace(Removal("n", "g", "i-1", False, SINCE_MS, stage), **changes)


def after(ms: int, under_way: Removal, node: NodeStanding) -> Step:
    return go_on(under_way, node, {}, (), POLICY, SINCE_MS + ms)


def test_a_removal_begins_with_a_taint_that_tells_the_second() -> None:
    step = begin(standing(is_tainted=False), "g", is_drain=False, now_ms=SINCE_MS + 1_999)
    assert step.removal == Removal("n", "g", "i-1", False, SINCE_MS + 1_999)
    (taint,) = [it.taint for it in step.actions if hasattr(it, "taint")]
    assert taint == Taint(TO_BE_DELETED, "NoSchedule", "1800000001", SINCE_MS + 1_999)


@pytest.mark.parametrize(
    ("waited_ms", "failure"),
    [
        pytest.param(60_000, None, id="the watch may be a minute late"),
        pytest.param(60_001, "TaintFailed", id="and no later"),
    ],
)
def test_a_taint_that_nobody_sees_is_waited_for_a_minute(
    waited_ms: int, failure: str | None
) -> None:
    step = after(waited_ms, removal("tainting"), standing(is_tainted=False))
    assert step.failure == failure
    assert (step.removal is None) == (failure is not None)


@pytest.mark.parametrize(
    ("waited_ms", "failure"),
    [
        pytest.param(300_000, None, id="five minutes are given"),
        pytest.param(300_001, "TerminationFailed", id="and no more"),
    ],
)
def test_a_terminated_node_is_waited_for_five_minutes(waited_ms: int, failure: str | None) -> None:
    terminated = removal("terminating", terminated_ms=SINCE_MS + 7)
    step = after(7 + waited_ms, terminated, standing())
    assert step.failure == failure
    assert any(isinstance(it, RemoveTaint) for it in step.actions) == (failure is not None)


@pytest.mark.parametrize(
    ("waited_ms", "is_terminated"),
    [
        pytest.param(4_999, False, id="the scheduler may not have seen the taint"),
        pytest.param(5_000, True, id="it has seen it"),
    ],
)
def test_an_empty_node_is_terminated_once_its_taint_has_stood_for_its_time(
    waited_ms: int, is_terminated: bool
) -> None:
    step = after(waited_ms, removal("emptying"), standing())
    assert [type(it) for it in step.actions] == ([TerminateInstance] if is_terminated else [])
    assert step.removal is not None
    assert step.removal.emptied_ms == SINCE_MS + waited_ms
    assert step.removal.terminated_ms == (SINCE_MS + waited_ms if is_terminated else 0)


@pytest.mark.parametrize(
    ("is_delayed", "since_empty_ms", "is_terminated"),
    [
        pytest.param(True, 119_999, False, id="others still have time"),
        pytest.param(True, 120_000, True, id="their time is over"),
        pytest.param(False, 10_000, True, id="nobody asked for time"),
    ],
)
def test_who_asks_for_time_before_an_empty_node_goes_gets_two_minutes_since_it_is_empty(
    is_delayed: bool, since_empty_ms: int, is_terminated: bool
) -> None:
    emptied = removal("emptying", emptied_ms=SINCE_MS + 30_000)
    step = after(30_000 + since_empty_ms, emptied, standing(is_delayed=is_delayed))
    assert any(isinstance(it, TerminateInstance) for it in step.actions) == is_terminated
