"""Which groups failed, and by when: every wait where it ends."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, ScalingActivity
from kingtide.control.chance import Chance
from kingtide.controllers.node_autoscaling.backoff import Backoff
from kingtide.controllers.node_autoscaling.capacity_failure import ProviderCaches, forget_group
from kingtide.controllers.node_autoscaling.group_failure import (
    GroupFailure,
    detect,
    is_overdue,
    look_again_ms,
)
from kingtide.controllers.node_autoscaling.snapshot import GroupStanding
from kingtide.controllers.node_autoscaling.upcoming import Ask, Batch, Upcoming
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from tests.unit.controllers.node_autoscaling.situation import HandMadeCloud
from tests.unit.controllers.node_autoscaling.test_upcoming import INSTANCE, standing

SINCE_MS = 1_000_000
WITHOUT_CAPACITY = "InsufficientInstanceCapacity"
POLICY = NodeAutoscalingPolicy(max_node_provision_seconds=300, capacity_failure_detection="timeout")
ONE_MISSING = Upcoming(batches={"g": (Batch(SINCE_MS, 1),)})


def missing(*, desired: int = 1, live: int = 0, min_size: int = 0) -> Mapping[str, GroupStanding]:
    (found,) = standing().values()
    group = msgspec.structs.replace(found.group, desired_capacity=desired)
    return {"g": msgspec.structs.replace(found, group=group, live=live, min_size=min_size)}


def failed(
    groups: Mapping[str, GroupStanding],
    upcoming: Upcoming,
    waited_ms: int,
    policy: NodeAutoscalingPolicy = POLICY,
    backoffs: Mapping[str, Backoff] | None = None,
) -> tuple[GroupFailure, ...]:
    return detect(
        HandMadeCloud(), groups, upcoming, backoffs or {}, ProviderCaches(), policy,
        SINCE_MS + waited_ms, Chance(1, "node_autoscaling"),
    ).failures  # fmt: skip


@pytest.mark.parametrize(
    ("waited_ms", "codes"),
    [
        pytest.param(300_000, [], id="it has its five minutes"),
        pytest.param(300_001, ["ProvisioningTimedOut"], id="and no more"),
    ],
)
def test_a_group_that_brings_nothing_in_its_time_has_failed(
    waited_ms: int, codes: list[str]
) -> None:
    found = failed(missing(), ONE_MISSING, waited_ms)
    assert [it.code for it in found] == codes
    assert [(it.missing, it.waited_ms, it.restore_to) for it in found] == [
        (1, waited_ms, 0) for _ in codes
    ]


@pytest.mark.parametrize(
    ("seen_ms", "codes"),
    [
        pytest.param(300_000, [], id="it may still join"),
        pytest.param(300_001, ["NodesNeverJoined"], id="it never will"),
    ],
)
def test_an_instance_that_does_not_join_in_its_time_never_does(
    seen_ms: int, codes: list[str]
) -> None:
    upcoming = Upcoming(first_seen_ms={"i-1": SINCE_MS})
    found = failed(standing(INSTANCE), upcoming, seen_ms)
    assert [(it.code, it.missing, it.overdue) for it in found] == [
        (code, 0, (INSTANCE,)) for code in codes
    ]
    condemned = msgspec.structs.replace(upcoming, condemned_ms={"i-1": SINCE_MS})
    assert failed(standing(INSTANCE), condemned, seen_ms) == ()


@pytest.mark.parametrize(
    ("patience_seconds", "waited_ms", "overdue"),
    [
        pytest.param(20, 19_999, False, id="an instance may still be seen"),
        pytest.param(20, 20_000, True, id="one should have been"),
        pytest.param(0, 10**9, False, id="there is no patience to lose"),
    ],
)
def test_a_request_runs_out_of_patience(
    patience_seconds: int, waited_ms: int, overdue: bool
) -> None:
    policy = msgspec.structs.replace(POLICY, launch_patience_seconds=patience_seconds)
    assert is_overdue(SINCE_MS, policy, SINCE_MS + waited_ms) == overdue
    due_ms = look_again_ms(ONE_MISSING, policy, SINCE_MS + waited_ms)
    assert due_ms == (None if overdue or not patience_seconds else SINCE_MS + 20_000)


def test_of_several_requests_the_next_to_run_out_of_patience_tells_when_to_look_again() -> None:
    policy = msgspec.structs.replace(POLICY, launch_patience_seconds=20)
    upcoming = Upcoming(
        batches={"g": (Batch(SINCE_MS, 1), Batch(SINCE_MS + 9_000, 1)), "h": (Batch(SINCE_MS, 2),)}
    )
    assert look_again_ms(upcoming, policy, SINCE_MS + 20_000) == SINCE_MS + 29_000
    assert look_again_ms(upcoming, policy, SINCE_MS + 29_000) is None


@pytest.mark.parametrize(
    ("live", "min_size", "restore_to"),
    [
        pytest.param(1, 0, 1, id="to what is there"),
        pytest.param(1, 2, 2, id="not below its minimum"),
        pytest.param(1, 3, None, id="its minimum is what was asked for"),
    ],
)
def test_a_group_that_failed_is_put_back_to_what_is_there(
    live: int, min_size: int, restore_to: int | None
) -> None:
    groups = missing(desired=3, live=live, min_size=min_size)
    (found,) = failed(groups, ONE_MISSING, 300_001)
    assert found.restore_to == restore_to


@pytest.mark.parametrize(
    ("min_size", "is_backed_off", "told"),
    [
        pytest.param(1, True, 0, id="nothing can be done, and that is known"),
        pytest.param(1, False, 1, id="nothing can be done, which is not known"),
        pytest.param(0, True, 1, id="it has to be put back again"),
    ],
)
def test_a_failure_of_which_nothing_follows_is_noticed_once(
    min_size: int, is_backed_off: bool, told: int
) -> None:
    now_ms = SINCE_MS + 300_001
    backoffs = {"g": Backoff(now_ms, 1_000, now_ms, "")} if is_backed_off else {}
    found = failed(missing(min_size=min_size), ONE_MISSING, 300_001, backoffs=backoffs)
    assert len(found) == told


def test_our_own_request_counts_as_what_a_group_wants_until_it_shows() -> None:
    asked = msgspec.structs.replace(ONE_MISSING, asks={"g": Ask(4, SINCE_MS)})
    (found,) = failed(missing(desired=1, live=1), asked, 300_001)
    assert found.restore_to == 1


def test_a_group_that_was_put_right_is_forgotten_alone() -> None:
    known = {"a": "no capacity", "b": "no capacity"}
    caches = ProviderCaches(1, 2, found=known, shown=known)
    left = {"b": "no capacity"}
    assert forget_group(caches, "a") == ProviderCaches(None, 2, found=left, shown=left)


def test_pools_of_a_failed_group_are_those_that_failed_since_it_was_asked() -> None:
    policy = msgspec.structs.replace(POLICY, capacity_failure_detection="activities")
    cloud = HandMadeCloud()
    group = AutoScalingGroup("g", 0, 9, 1, ("c5.large",), ("eu-west-1a",), {}, 0, 0)
    (found,) = standing().values()
    groups = {"g": msgspec.structs.replace(found, group=group)}
    for at_ms in (SINCE_MS - 1, SINCE_MS + 5):
        cloud.activities.append(
            ScalingActivity(str(at_ms), "g", "Failed", at_ms, at_ms, "", WITHOUT_CAPACITY)
        )
    detection = detect(
        cloud, groups, ONE_MISSING, {}, ProviderCaches(), policy, SINCE_MS + 10,
        Chance(1, "node_autoscaling"),
    )  # fmt: skip
    (failure,) = detection.failures
    assert failure.code == "NoCapacity"
    assert failure.pools == {CapacityPool("c5.large", "eu-west-1a", "spot"): SINCE_MS + 5}
