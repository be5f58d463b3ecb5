"""Expected values: pkg/controller/disruption/disruption.go (v1.36), worked out by hand."""

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.health import DELETION_TIMEOUT_MS
from kingtide.controlplane.disruption.status import BudgetSync, synced
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controlplane.disruption.scene import NOW_MS, Scales, budget, pod


def sync(
    it: PodDisruptionBudget, pods: Sequence[Pod], wanted: int, now_ms: int = NOW_MS
) -> BudgetSync:
    return synced(it, census(pods, it.disrupted_pods), Scales(api=wanted), now_ms)


def pods(ready: int, unready: int = 0, deleting: int = 0) -> list[Pod]:
    return [
        *(pod(f"r{i}") for i in range(ready)),
        *(pod(f"u{i}", ready=False) for i in range(unready)),
        *(pod(f"d{i}", deleting=True) for i in range(deleting)),
    ]


@pytest.mark.parametrize(
    ("it", "existing", "wanted", "healthy", "allowed"),
    [
        pytest.param(budget("2"), pods(3), 3, 3, 1, id="one to spare"),
        pytest.param(budget("3"), pods(3), 3, 3, 0, id="none to spare"),
        pytest.param(budget("2"), pods(1), 3, 1, 0, id="below the minimum"),
        pytest.param(budget("2"), pods(2, unready=2), 4, 2, 0, id="unready pods do not help"),
        pytest.param(budget("2"), pods(3, deleting=1), 3, 3, 1, id="nor do those that leave"),
        pytest.param(budget("2"), pods(4), 2, 4, 2, id="surge pods may go"),
        pytest.param(budget("0"), [], 0, 0, 0, id="no pods, no disruption"),
        pytest.param(budget("0%"), [], 5, 0, 0, id="none of none"),
        pytest.param(budget(None, "1"), pods(5), 5, 5, 1, id="one may be away"),
        pytest.param(budget(None, "1"), pods(4), 5, 4, 0, id="one is away already"),
        pytest.param(budget(None, "2"), pods(4, unready=1), 5, 4, 1, id="an unready one is away"),
        pytest.param(budget(None, "10%"), pods(5), 5, 5, 1, id="a tenth of five is one"),
        pytest.param(budget(None, "100%"), pods(5), 5, 5, 5, id="all may be away"),
        pytest.param(budget(None, "1"), pods(0), 0, 0, 0, id="scaled to nothing"),
    ],
)
def test_disruptions_are_allowed(
    it: PodDisruptionBudget, existing: list[Pod], wanted: int, healthy: int, allowed: int
) -> None:
    found = sync(it, existing, wanted).budget
    assert (found.current_healthy, found.disruptions_allowed) == (healthy, allowed)
    assert found.disruption_allowed is not None
    wanted_condition = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    told = (found.disruption_allowed.status, found.disruption_allowed.reason)
    assert told == wanted_condition


def test_a_granted_eviction_counts_until_its_pod_is_being_deleted() -> None:
    granted = msgspec.structs.replace(budget("2"), disrupted_pods={"r0": NOW_MS - 1_000})
    waiting = sync(granted, pods(4), 4)
    assert waiting.budget.current_healthy == 3
    assert waiting.budget.disruptions_allowed == 1
    assert waiting.recheck_ms == NOW_MS - 1_000 + DELETION_TIMEOUT_MS
    leaving = [pod("r0", deleting=True), *pods(4)[1:]]
    seen = sync(waiting.budget, leaving, 4)
    assert seen.budget.disrupted_pods == {}
    assert seen.budget.current_healthy == 3
    assert seen.recheck_ms is None


@pytest.mark.parametrize(
    ("age_ms", "healthy", "given_up"),
    [
        pytest.param(DELETION_TIMEOUT_MS - 1, 3, (), id="a moment before"),
        pytest.param(DELETION_TIMEOUT_MS, 4, (), id="at two minutes it is healthy again"),
        pytest.param(DELETION_TIMEOUT_MS + 1, 4, ("r0",), id="and then given up"),
    ],
)
def test_a_granted_eviction_that_deletes_nobody_is_given_up(
    age_ms: int, healthy: int, given_up: tuple[str, ...]
) -> None:
    granted = msgspec.structs.replace(budget("2"), disrupted_pods={"r0": NOW_MS - age_ms})
    found = sync(granted, pods(4), 4)
    assert found.budget.current_healthy == healthy
    assert found.not_deleted == given_up


def test_an_unready_pod_with_a_granted_eviction_is_not_taken_off_twice() -> None:
    granted = msgspec.structs.replace(budget("1"), disrupted_pods={"u0": NOW_MS})
    assert sync(granted, pods(2, unready=1), 3).budget.current_healthy == 2


def test_a_failed_sync_allows_nothing_and_keeps_the_counts() -> None:
    before = sync(budget("50%"), pods(4), 4).budget
    failed = sync(before, [*pods(4), pod("job", owner="batch", kind="Job")], 4, NOW_MS + 5).budget
    assert (failed.disruptions_allowed, failed.current_healthy) == (0, 4)
    message = "jobs.batch does not implement the scale subresource"
    assert failed.disruption_allowed == Condition("False", NOW_MS + 5, "SyncFailed", message)


def test_what_has_not_changed_is_the_same_object() -> None:
    once = sync(budget("2"), pods(3), 3).budget
    again = sync(once, pods(3), 3, NOW_MS + 60_000).budget
    assert again is once


def test_the_condition_keeps_its_time_until_it_changes() -> None:
    once = sync(budget("2"), pods(3), 3).budget
    more = sync(once, pods(4), 4, NOW_MS + 1_000).budget
    assert more.disruption_allowed == Condition("True", NOW_MS, "SufficientPods")
    fewer = sync(more, pods(2), 4, NOW_MS + 2_000).budget
    assert fewer.disruption_allowed == Condition("False", NOW_MS + 2_000, "InsufficientPods")


def test_the_generation_is_seen() -> None:
    edited = msgspec.structs.replace(budget("2"), generation=3, observed_generation=2)
    assert sync(edited, pods(3), 3).budget.observed_generation == 3
