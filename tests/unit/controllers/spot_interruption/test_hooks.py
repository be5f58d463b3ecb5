"""Termination hooks: what a group is told, and when it is told again."""

from __future__ import annotations

import pytest

from kingtide.aws.interruptions.events import LifecycleAction
from kingtide.control.message_actions import CompleteLifecycleAction, RecordLifecycleHeartbeat
from kingtide.control.outcome import Outcome, OutcomeStatus
from kingtide.controllers.spot_interruption.hooks import Wait, answer, note
from kingtide.fleet.policies.spot_interruption import SpotInterruptionPolicy

AT_MS = 1_000_000
POLICY = SpotInterruptionPolicy(lifecycle_heartbeat_seconds=60, lifecycle_max_seconds=900)
HOOK = LifecycleAction("i-1", AT_MS, "spot", "drain", "token")


def told(wait: Wait, now_ms: int, *, is_empty: bool = True) -> list[str]:
    found = answer({"token": wait}, {"i-1": is_empty}, POLICY, 9, now_ms)
    return [it.reason for it in found.actions]


@pytest.mark.parametrize(
    ("answered_ms", "expected"),
    [
        pytest.param(0, ["i-1 is empty"], id="not answered yet"),
        pytest.param(AT_MS, [], id="just answered"),
        pytest.param(AT_MS - 9_999, [], id="the call may still count"),
        pytest.param(AT_MS - 10_000, ["i-1 is empty"], id="ten seconds later it is made again"),
    ],
)
def test_an_answer_that_was_not_taken_is_given_again_after_ten_seconds(
    answered_ms: int, expected: list[str]
) -> None:
    assert told(Wait(HOOK, answered_ms=answered_ms), AT_MS) == expected


@pytest.mark.parametrize(
    ("beat_ms", "now_ms", "is_told"),
    [
        pytest.param(0, AT_MS + 59_999, False, id="the wait has just begun"),
        pytest.param(0, AT_MS + 60_000, True, id="a minute of it has gone"),
        pytest.param(AT_MS + 60_000, AT_MS + 119_999, False, id="less than one after a beat"),
        pytest.param(AT_MS + 60_000, AT_MS + 120_000, True, id="a minute after a beat"),
    ],
)
def test_a_group_is_told_each_minute_that_the_drain_goes_on(
    beat_ms: int, now_ms: int, is_told: bool
) -> None:
    found = answer({"token": Wait(HOOK, beat_ms=beat_ms)}, {"i-1": False}, POLICY, 9, now_ms)
    assert [type(it) for it in found.actions] == ([RecordLifecycleHeartbeat] if is_told else [])
    assert found.waits["token"].beat_ms == (now_ms if is_told else beat_ms)


def test_a_group_is_let_go_on_after_fifteen_minutes_and_that_is_said() -> None:
    beaten = Wait(HOOK, beat_ms=AT_MS + 899_000)
    assert told(beaten, AT_MS + 899_999, is_empty=False) == []
    assert told(beaten, AT_MS + 900_000, is_empty=False) == ["i-1 has had its time"]


@pytest.mark.parametrize(
    ("status", "code", "is_over"),
    [
        pytest.param("done", "", True, id="it has our answer"),
        pytest.param("precondition_failed", "", True, id="it does not wait any more"),
        pytest.param("failed", "ValidationError", True, id="it knows of no such wait"),
        pytest.param("failed", "Throttling", False, id="it was asked too often"),
        pytest.param("refused", "ArbitrationLost", False, id="it was not asked"),
    ],
)
def test_a_wait_is_over_when_the_group_has_its_answer_or_asks_for_none(
    status: OutcomeStatus, code: str, is_over: bool
) -> None:
    completed = CompleteLifecycleAction(
        group="spot", hook="drain", instance_id="i-1", token="token", reason=""
    )
    beat = RecordLifecycleHeartbeat(
        group="spot", hook="drain", instance_id="i-1", token="token", reason=""
    )
    waits = {"token": Wait(HOOK)}
    assert (
        note(waits, [HOOK], [Outcome(completed, status, AT_MS, code)])["token"].is_over == is_over
    )
    assert not note(waits, [HOOK], [Outcome(beat, status, AT_MS, code)])["token"].is_over
    assert note(waits, [], [Outcome(completed, status, AT_MS, code)]) == {}
