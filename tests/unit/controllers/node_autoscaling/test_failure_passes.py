"""Whole passes in which groups fail."""

from __future__ import annotations

import pytest

from tests.unit.controllers.node_autoscaling.situation import (
    Situation,
    codes,
    requests,
    terminated,
    verdict,
)

ONE_TIER = '10: [".*"]\n'
A_BEFORE_B = '20: ["^a$"]\n10: ["^b$"]\n'


def asked_a(**settings: object) -> Situation:
    """Two groups, of which a was just asked for one node, and the description shows it.

    They have no pool in common.
    """
    situation = Situation(**settings)
    situation.group("a")
    situation.group("b", instance_types=("m5a.xlarge",))
    situation.priorities(A_BEFORE_B)
    situation.pods(3)
    assert requests(situation.run()) == {"a": (0, 1)}
    situation.set_desired("a", 1)
    return situation


def test_a_failed_activity_sends_the_same_pass_to_the_next_group() -> None:
    situation = asked_a(capacity_failure_detection="activities")
    situation.now_ms += 15_000
    situation.fail_launch("a", "There is no Spot capacity available")
    decision = situation.run(seconds=5)
    assert requests(decision) == {"a": (1, 0), "b": (0, 1)}
    told = verdict(decision, "NoCapacity")
    assert told.details["message"] == "There is no Spot capacity available"
    assert told.details["pools"] == "m5.xlarge:eu-west-1a:spot"
    assert told.details["backoff_seconds"] == 180
    assert codes(decision, "group/a") == ["NoCapacity", "InBackoff"]


@pytest.mark.parametrize(
    ("status", "again"),
    [
        pytest.param("done", {}, id="it is"),
        pytest.param("refused", {"a": (1, 0)}, id="it is not"),
    ],
)
def test_a_group_is_put_back_again_in_the_next_pass_until_it_is(
    status: str, again: dict[str, tuple[int, int]]
) -> None:
    situation = asked_a(capacity_failure_detection="activities")
    situation.now_ms += 15_000
    situation.fail_launch("a", "There is no Spot capacity available")
    put_back, instead = situation.run(seconds=5).actions
    situation.answer(put_back, status=status)
    situation.answer(instead)
    situation.set_desired("b", 1)
    assert requests(situation.run(seconds=10)) == again


def test_a_failure_from_before_the_request_does_not_count() -> None:
    situation = Situation(capacity_failure_detection="activities")
    situation.group("a")
    situation.fail_launch("a")
    situation.pods(3)
    situation.now_ms += 60_000
    assert requests(situation.run()) == {"a": (0, 1)}
    situation.set_desired("a", 1)
    assert requests(situation.run(seconds=10)) == {}


def test_what_was_launched_stays_when_the_rest_fails() -> None:
    situation = Situation(capacity_failure_detection="activities")
    situation.group("a")
    situation.pods(9)
    assert requests(situation.run()) == {"a": (0, 3)}
    situation.set_desired("a", 3)
    situation.launch("a", "i-1", "Pending")
    situation.now_ms += 5_000
    situation.fail_launch("a")
    decision = situation.run(seconds=5)
    assert requests(decision) == {"a": (3, 1)}
    assert verdict(decision, "NoCapacity").details["missing"] == 2
    assert decision.report.saw["nodes_upcoming"] == 1


def test_a_failed_group_is_never_put_below_its_minimum() -> None:
    situation = Situation(capacity_failure_detection="activities")
    situation.group("a", min_size=1, desired=2)
    situation.run()
    situation.now_ms += 1_000
    situation.fail_launch("a")
    assert requests(situation.run(seconds=9)) == {"a": (2, 1)}


def test_a_group_in_back_off_is_not_asked_again_until_it_ends() -> None:
    situation = asked_a(capacity_failure_detection="activities")
    situation.now_ms += 5_000
    situation.fail_launch("a")
    assert requests(situation.run(seconds=5)) == {"a": (1, 0), "b": (0, 1)}
    situation.set_desired("a", 0)
    situation.set_desired("b", 1)
    situation.pods(3)
    assert requests(situation.run(seconds=180)) == {"b": (1, 2)}  # the end still belongs to it
    situation.set_desired("b", 2)
    situation.pods(3)
    assert requests(situation.run(seconds=1)) == {"a": (0, 1)}


def test_time_alone_tells_in_timeout_mode() -> None:
    situation = asked_a(capacity_failure_detection="timeout", max_node_provision_seconds=300)
    situation.fail_launch("a")
    assert requests(situation.run(seconds=300)) == {}
    decision = situation.run(seconds=10)
    assert requests(decision) == {"a": (1, 0), "b": (0, 1)}
    assert verdict(decision, "ProvisioningTimedOut").details["waited_seconds"] == 310


def test_a_group_that_shows_no_instance_is_not_waited_for_longer_than_said() -> None:
    situation = asked_a(capacity_failure_detection="activities", launch_patience_seconds=25)
    asked_ms = situation.now_ms
    waiting = situation.run(seconds=20)
    assert requests(waiting) == {}
    assert waiting.wake_at_ms == asked_ms + 25_000
    decision = situation.run(seconds=5)
    assert requests(decision) == {"a": (1, 0), "b": (0, 1)}
    assert verdict(decision, "NoInstanceSeen").details["waited_seconds"] == 25


def test_an_instance_that_is_pending_is_waited_for() -> None:
    situation = asked_a(capacity_failure_detection="activities", launch_patience_seconds=25)
    situation.launch("a", "i-1", "Pending")
    assert requests(situation.run(seconds=60)) == {}


@pytest.mark.parametrize("mode", ["activities", "placeholders", "timeout"])
def test_every_mode_gives_up_in_time(mode: str) -> None:
    situation = asked_a(capacity_failure_detection=mode, max_node_provision_seconds=300)
    assert requests(situation.run(seconds=301)) == {"a": (1, 0), "b": (0, 1)}


def test_two_caches_delay_what_placeholders_mode_sees() -> None:
    situation = asked_a(capacity_failure_detection="placeholders")
    situation.now_ms += 1_000
    situation.fail_launch("a")
    waited = 0
    while not requests(decision := situation.run(seconds=10)):
        waited += 10
        assert waited <= 190, "both caches are refreshed by then"
    assert requests(decision) == {"a": (1, 0), "b": (0, 1)}
    assert codes(decision, "group/a") == ["NoCapacity", "InBackoff"]


def test_placeholders_mode_is_never_faster_than_its_instance_cache() -> None:
    """Over many starts the delay is spread over the two intervals, as in a long-running process."""
    delays = set()
    for start in range(0, 400, 7):
        situation = Situation(capacity_failure_detection="placeholders")
        situation.now_ms += start * 1_000
        situation.group("a")
        situation.run()  # draws the caches' points in their intervals
        situation.now_ms += start * 1_000
        situation.pods(3)
        assert requests(situation.run()) == {"a": (0, 1)}
        situation.set_desired("a", 1)
        situation.now_ms += 1_000
        situation.fail_launch("a")
        waited = 0
        while not requests(situation.run(seconds=5)):
            waited += 5
        delays.add(waited)
    assert min(delays) >= 0
    assert max(delays) <= 185
    assert max(delays) - min(delays) >= 60


def test_an_instance_that_never_becomes_a_node_is_terminated() -> None:
    situation = asked_a(max_node_provision_seconds=300)
    situation.launch("a", "i-lost")
    assert terminated(situation.run(seconds=10)) == []
    assert terminated(situation.run(seconds=300)) == []
    decision = situation.run(seconds=10)
    assert terminated(decision) == ["i-lost"]
    assert verdict(decision, "NodesNeverJoined").details["overdue"] == 1
    # Terminating lowers the desired capacity itself; the pods go to the next group.
    assert requests(decision) == {"b": (0, 1)}
    assert terminated(situation.run(seconds=10)) == []


def test_an_arrival_counts_for_the_oldest_request() -> None:
    situation = Situation(max_node_provision_seconds=300, capacity_failure_detection="timeout")
    situation.group("a")
    situation.pods(3)
    assert requests(situation.run()) == {"a": (0, 1)}
    situation.set_desired("a", 1)
    situation.pods(3)
    assert requests(situation.run(seconds=200)) == {"a": (1, 2)}
    situation.set_desired("a", 2)
    situation.launch("a", "i-1")
    situation.run(seconds=10)
    # 200 s after the second request, 400 s after the first: the second still has time.
    situation.node("1", "a", ready=False)
    assert requests(situation.run(seconds=190)) == {}
    assert requests(situation.run(seconds=110)) == {"a": (2, 1)}


def test_the_pause_doubles_for_pools_that_fail_when_probed() -> None:
    situation = asked_a(capacity_failure_detection="activities")
    durations = []
    for _ in range(3):
        situation.now_ms += 5_000
        situation.fail_launch("a")
        decision = situation.run(seconds=5)
        assert requests(decision)["a"] == (1, 0)
        durations.append(verdict(decision, "NoCapacity").details["backoff_seconds"])
        situation.set_desired("a", 0)
        situation.set_desired("b", 0)
        situation.run(seconds=130)  # requests that never show are forgotten
        decision = situation.run(seconds=int(durations[-1]))
        assert requests(decision) == {"a": (0, 1)}
        situation.set_desired("a", 1)
    assert durations == [180, 360, 720]
