"""Expected values: the documentation's example and pkg/controller/deployment/sync.go, by hand.

https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling (v1.36)
"""

from collections.abc import Sequence

import pytest

from kingtide.controlplane.workloads.rollout.proportional import is_scaling_event, scale
from kingtide.kube.workloads import ReplicaSet
from tests.unit.controlplane.workloads.rollout.scene import deployment, replica_set


def sized(found: Sequence[ReplicaSet]) -> dict[str, int]:
    return {it.name: it.replicas for it in found}


def annotated(name: str, replicas: int, desired: int, most: int, created_ms: int = 0) -> ReplicaSet:
    return replica_set(name, replicas, desired=desired, most=most, created_ms=created_ms)


@pytest.mark.parametrize(
    ("replicas", "new", "old", "expected"),
    [
        pytest.param(15, 5, 8, {"old": 11, "new": 7}, id="the docs: 10 to 15 with 8 and 5"),
        pytest.param(5, 5, 8, {"old": 5, "new": 3}, id="down to 5"),
        pytest.param(0, 5, 8, {"old": 0, "new": 0}, id="down to nothing"),
        pytest.param(20, 1, 12, {"old": 21, "new": 2}, id="a tiny one grows with the rest"),
    ],
)
def test_both_keep_their_part(replicas: int, new: int, old: int, expected: dict[str, int]) -> None:
    found = scale(
        deployment(replicas, "3", "2"),
        annotated("new", new, 10, 13, created_ms=2),
        [annotated("old", old, 10, 13, created_ms=1)],
    )
    assert sized(found) == expected
    assert {(it.desired_replicas, it.max_replicas) for it in found} == {(replicas, replicas + 3)}


def test_of_two_equals_the_newer_takes_what_is_left_over_on_the_way_up() -> None:
    sets = annotated("new", 5, 8, 10, created_ms=2), [annotated("old", 5, 8, 10, created_ms=1)]
    assert sized(scale(deployment(9, "2"), *sets)) == {"new": 6, "old": 5}


def test_of_two_equals_the_older_gives_what_is_left_over_on_the_way_down() -> None:
    sets = annotated("new", 5, 8, 10, created_ms=2), [annotated("old", 5, 8, 10, created_ms=1)]
    assert sized(scale(deployment(7, "2"), *sets)) == {"old": 4, "new": 5}


def test_the_only_one_with_pods_gets_all_replicas() -> None:
    new, old = annotated("new", 10, 10, 13), annotated("old", 0, 10, 13)
    assert sized(scale(deployment(25, "3"), new, [old])) == {"new": 25}
    only_old = scale(deployment(25, "3"), annotated("new", 0, 10, 13), [annotated("old", 4, 4, 5)])
    assert sized(only_old) == {"old": 25}


def test_a_saturated_new_one_leaves_nothing_to_the_old() -> None:
    new = replica_set("new", 10, desired=10, most=13)
    olds = [annotated("a", 2, 12, 15), annotated("b", 1, 12, 15, created_ms=1)]
    assert sized(scale(deployment(10, "3"), new, olds)) == {"a": 0, "b": 0}


def test_recreate_does_not_scale_two_at_once() -> None:
    new, old = annotated("new", 5, 10, 10), annotated("old", 5, 10, 10)
    assert scale(deployment(20, strategy="Recreate"), new, [old]) == ()


def test_without_an_annotation_the_status_stands_in() -> None:
    new, old = replica_set("new", 5, created_ms=2), annotated("old", 8, 10, 13, created_ms=1)
    found = scale(deployment(15, "3", "2", status_replicas=13), new, [old])
    assert sized(found) == {"old": 11, "new": 7}


def test_only_sizes_of_old_replicas_are_a_scaling_event() -> None:
    assert is_scaling_event(deployment(11), [annotated("a", 3, 10, 13)])
    assert not is_scaling_event(deployment(10), [annotated("a", 3, 10, 13)])
    assert not is_scaling_event(deployment(11), [annotated("a", 0, 10, 13)])
    assert not is_scaling_event(deployment(11), [replica_set("a", 3)])
