"""https://kubernetes.io/docs/tasks/run-application/configure-pdb/ (v1.36) has the examples."""

import pytest

from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.expectation import (
    Expectation,
    SyncFailure,
    expectation,
)
from kingtide.kube.int_or_percent import NotAnAmount
from kingtide.kube.pods import Pod
from tests.unit.controlplane.disruption.scene import Scales, budget, pod


def expected(
    min_available: str | None, max_unavailable: str | None, existing: int, wanted: int
) -> Expectation | SyncFailure:
    counted = census(pod(f"p{i}") for i in range(existing))
    it = budget(min_available, max_unavailable)
    return expectation(it, counted.pods, counted.owned, Scales(api=wanted))


@pytest.mark.parametrize(
    ("min_available", "max_unavailable", "existing", "wanted", "pods", "healthy"),
    [
        pytest.param("5", None, 7, 10, 7, 5, id="min number: of the pods that exist"),
        pytest.param("50%", None, 7, 7, 7, 4, id="the docs: 50 % of 7 is 4"),
        pytest.param("50%", None, 3, 7, 7, 4, id="min percent: of the replicas wanted"),
        pytest.param("100%", None, 3, 3, 3, 3, id="all of them"),
        pytest.param("0%", None, 3, 3, 3, 0, id="none of them"),
        pytest.param(None, "5", 10, 10, 10, 5, id="max number"),
        pytest.param(None, "5", 2, 10, 10, 5, id="max number: of the replicas wanted"),
        pytest.param(None, "50%", 7, 7, 7, 3, id="max percent rounds up: 4 of 7 may go"),
        pytest.param(None, "30%", 10, 10, 10, 7, id="the docs: 30 % of 10"),
        pytest.param(None, "1%", 1, 1, 1, 0, id="of one pod, one may go"),
        pytest.param(None, "20", 10, 10, 10, 0, id="never below nothing"),
        pytest.param(None, "0", 10, 10, 10, 10, id="nobody may go"),
        pytest.param(None, "25%", 0, 10, 0, 0, id="no pods, no controllers"),
        pytest.param(None, None, 3, 3, 0, 0, id="neither"),
    ],
)
def test_a_budget_asks_for_pods(
    min_available: str | None,
    max_unavailable: str | None,
    existing: int,
    wanted: int,
    pods: int,
    healthy: int,
) -> None:
    found = expected(min_available, max_unavailable, existing, wanted)
    assert found == Expectation(pods, healthy)


def asked(max_unavailable: str, *pods: Pod, **wanted: int) -> Expectation | SyncFailure:
    counted = census(pods)
    return expectation(budget(None, max_unavailable), counted.pods, counted.owned, Scales(**wanted))


def test_each_controller_counts_once_and_all_add_up() -> None:
    pods = (pod("a1"), pod("a2"), pod("b1", owner="web"), pod("b2", owner="web"))
    assert asked("25%", *pods, api=4, web=3) == Expectation(7, 5)


def test_pods_without_a_controller_are_left_out() -> None:
    assert asked("1", pod("a"), pod("lone", owner=None), api=3) == Expectation(3, 2)


def test_a_controller_that_is_gone_fails_the_sync() -> None:
    assert asked("1", pod("a"), api_v2=3) == SyncFailure('found no controllers for pod "a"')


def test_a_controller_without_a_scale_fails_the_sync() -> None:
    found = asked("1", pod("a", owner="batch", kind="Job"))
    assert found == SyncFailure("jobs.batch does not implement the scale subresource")


def test_a_number_of_minimum_pods_needs_no_controller() -> None:
    counted = census([pod("a", owner="batch", kind="Job"), pod("lone", owner=None)])
    found = expectation(budget("1"), counted.pods, counted.owned, Scales())
    assert found == Expectation(2, 1)


def test_an_amount_that_is_none_is_refused() -> None:
    with pytest.raises(NotAnAmount):
        expected("most", None, 1, 1)
