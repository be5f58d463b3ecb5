"""How long a group that failed is left alone."""

from __future__ import annotations

from kingtide.controllers.node_autoscaling.backoff import (
    Backoff,
    Backoffs,
    fail,
    forget,
    forget_stale,
    is_backed_off,
)
from kingtide.fleet.policies.node_autoscaling import BackoffPolicy

POLICY = BackoffPolicy(initial_seconds=300, max_seconds=1_800)


def test_each_failure_after_the_window_doubles_the_pause_up_to_the_longest() -> None:
    backoffs: Backoffs = {}
    now_ms = 0
    pauses = []
    for _ in range(5):
        backoffs = fail(backoffs, "a", "NoCapacity", POLICY, now_ms)
        pauses.append(backoffs["a"].duration_ms // 1000)
        now_ms = backoffs["a"].until_ms + 1
    assert pauses == [300, 600, 1_200, 1_800, 1_800]


def test_the_end_of_the_window_still_belongs_to_it() -> None:
    backoffs = fail({}, "a", "NoCapacity", POLICY, 0)
    assert is_backed_off(backoffs, "a", 300_000)
    assert not is_backed_off(backoffs, "a", 300_001)
    again = fail(backoffs, "a", "NoCapacity", POLICY, 300_000)
    assert again["a"].duration_ms == 300_000


def test_only_the_group_that_delivered_is_forgotten() -> None:
    both = fail(fail({}, "a", "NoCapacity", POLICY, 0), "b", "NoCapacity", POLICY, 0)
    assert list(forget(both, "a")) == ["b"]


def test_a_back_off_is_forgotten_once_the_group_has_not_failed_for_the_reset_time() -> None:
    policy = BackoffPolicy()
    known = {"spot": Backoff(0, 300_000, 0, "NoCapacity")}
    reset_ms = policy.reset_seconds * 1000
    assert forget_stale(known, policy, reset_ms) is known
    assert forget_stale(known, policy, reset_ms + 1) == {}
