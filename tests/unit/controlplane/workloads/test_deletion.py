from collections.abc import Callable

import pytest

from kingtide.controlplane.workloads.deletion import DELETION_COST_ANNOTATION, pods_to_delete
from kingtide.kube.pods import Condition, Container, Pod, PodPhase, PodSpec

NOW_MS = 1_700_000_000_000
HOUR_MS = 3_600_000
SPEC = PodSpec((Container("c"),))


def pod(
    uid: str,
    *,
    node: str = "n",
    phase: PodPhase = "Running",
    ready_for_ms: int | None = HOUR_MS,
    age_ms: int = 2 * HOUR_MS,
    cost: str | None = None,
) -> Pod:
    """A pod that is settled unless told otherwise; `ready_for_ms` None is not Ready."""
    annotations = {} if cost is None else {DELETION_COST_ANNOTATION: cost}
    ready = None if ready_for_ms is None else Condition("True", NOW_MS - ready_for_ms)
    return Pod(
        "shop", f"pod-{uid}", uid, SPEC, {}, NOW_MS - age_ms, annotations,
        node_name=node, phase=phase, ready=ready,
    )  # fmt: skip


def order(*pods: Pod) -> list[str]:
    """Who goes first, whatever the order in which they are given."""
    found = [found.uid for found in pods_to_delete(pods, len(pods), NOW_MS)]
    turned = [found.uid for found in pods_to_delete(pods[::-1], len(pods), NOW_MS)]
    assert found == turned
    return found


# In each row the first pod goes before the second; the uid would say otherwise.
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            lambda: pod("z", node="", phase="Pending", ready_for_ms=None),
            lambda: pod("a", phase="Pending", ready_for_ms=None),
            id="unassigned before assigned",
        ),
        pytest.param(
            lambda: pod("z", phase="Pending", ready_for_ms=None),
            lambda: pod("a", phase="Unknown", ready_for_ms=None),
            id="Pending before Unknown",
        ),
        pytest.param(
            lambda: pod("z", phase="Unknown", ready_for_ms=None, cost="9"),
            lambda: pod("a", ready_for_ms=None, cost="1"),
            id="Unknown before Running, before cost",
        ),
        pytest.param(
            lambda: pod("z", ready_for_ms=None, cost="9"),
            lambda: pod("a", cost="1"),
            id="not ready before ready, before cost",
        ),
        pytest.param(
            lambda: pod("z", cost="-1"), lambda: pod("a"), id="lower cost, none is zero"
        ),
        pytest.param(
            lambda: pod("z", cost="+2"), lambda: pod("a", cost="1"), id="cost with a plus is zero"
        ),
        pytest.param(
            lambda: pod("z", cost="007"), lambda: pod("a", cost="1"), id="leading zeros are zero"
        ),
        pytest.param(
            lambda: pod("z", cost="3000000000"), lambda: pod("a", cost="1"), id="33 bits are zero"
        ),
        pytest.param(
            lambda: pod("z", ready_for_ms=HOUR_MS // 8),
            lambda: pod("a", ready_for_ms=HOUR_MS),
            id="ready for less time, by magnitude",
        ),
        pytest.param(
            lambda: pod("z", age_ms=HOUR_MS),
            lambda: pod("a", age_ms=8 * HOUR_MS),
            id="younger, by magnitude, where both are ready since one second",
        ),
        pytest.param(
            lambda: pod("z", ready_for_ms=None, age_ms=HOUR_MS),
            lambda: pod("a", ready_for_ms=None, age_ms=8 * HOUR_MS),
            id="younger, by magnitude, where none is ready",
        ),
    ],
)  # fmt: skip
def test_who_is_deleted_first(first: Callable[[], Pod], second: Callable[[], Pod]) -> None:
    assert order(second(), first()) == ["z", "a"]


def test_of_two_nodes_the_one_with_more_of_the_pods_loses_one_first() -> None:
    alone, doubled, twin = pod("a", node="n1"), pod("y", node="n2"), pod("z", node="n2")
    assert order(alone, doubled, twin) == ["y", "z", "a"]


def test_ages_of_one_magnitude_are_equal_and_the_uid_decides() -> None:
    younger, older = pod("b", ready_for_ms=HOUR_MS), pod("a", ready_for_ms=HOUR_MS + 60_000)
    assert order(younger, older) == ["a", "b"]


def test_ready_ages_of_one_magnitude_end_the_comparison_before_creation_is_looked_at() -> None:
    young = pod("b", ready_for_ms=HOUR_MS, age_ms=HOUR_MS + 1000)
    old = pod("a", ready_for_ms=HOUR_MS + 1000, age_ms=100 * HOUR_MS)
    assert order(young, old) == ["a", "b"]


def test_times_are_compared_in_whole_seconds_as_they_are_stored() -> None:
    young = pod("b", ready_for_ms=HOUR_MS, age_ms=HOUR_MS)
    old = pod("a", ready_for_ms=HOUR_MS - 999, age_ms=100 * HOUR_MS)
    assert order(young, old) == ["b", "a"]


def test_only_as_many_are_returned_as_are_too_many() -> None:
    pods = [pod(str(number)) for number in range(5)]
    assert [p.uid for p in pods_to_delete(pods, 2, NOW_MS)] == ["0", "1"]
    assert pods_to_delete(pods, 0, NOW_MS) == []
    assert len(pods_to_delete(pods, 9, NOW_MS)) == 5


def test_pods_ready_since_one_second_are_told_apart_by_age_wherever_they_stand() -> None:
    # Ages of several magnitudes behind one second of readiness: the pairwise order is needed.
    ages = (HOUR_MS, 3 * HOUR_MS, 9 * HOUR_MS, 30 * HOUR_MS)
    pods = [pod(uid, age_ms=age_ms) for uid, age_ms in zip("dcba", ages, strict=True)]
    assert order(*pods) == ["d", "c", "b", "a"]
