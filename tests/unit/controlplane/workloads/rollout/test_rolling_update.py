"""Expected values: pkg/controller/deployment/rolling.go (v1.36), its two worked examples first."""

from collections.abc import Sequence

import pytest

from kingtide.controlplane.workloads.rollout.rolling_update import (
    grow_new,
    new_replicas,
    shrink_old,
)
from kingtide.kube.workloads import ReplicaSet
from tests.unit.controlplane.workloads.rollout.scene import deployment, replica_set


@pytest.mark.parametrize(
    ("replicas", "surge", "existing", "new", "expected"),
    [
        pytest.param(10, "3", 10, 0, 3, id="first step: the surge"),
        pytest.param(10, "3", 13, 3, 3, id="no room"),
        pytest.param(10, "3", 11, 3, 5, id="what the old ones left"),
        pytest.param(10, "3", 10, 9, 10, id="never more than wanted"),
        pytest.param(10, "0", 10, 0, 0, id="no surge: wait for the old ones"),
        pytest.param(10, "0", 8, 0, 2, id="no surge: their places"),
        pytest.param(10, "3", 20, 0, 0, id="far too many"),
        pytest.param(0, "3", 0, 0, 0, id="nothing wanted"),
    ],
)
def test_the_new_one_grows(
    replicas: int, surge: str, existing: int, new: int, expected: int
) -> None:
    assert new_replicas(deployment(replicas, surge, "2"), existing, new) == expected


@pytest.mark.parametrize(
    ("new", "olds", "expected"),
    [
        pytest.param((5, 0), [("a", 8, 7)], {}, id="case 1: crash loop and a lost node"),
        pytest.param((7, 7), [("b", 6, 0)], {"b": 1}, id="case 1, undone: 13 - 8 pods may go"),
        pytest.param((0, 0), [("a", 8, 8), ("b", 5, 0)], {"b": 0}, id="case 2: rolled over"),
        pytest.param((3, 0), [("a", 10, 10)], {"a": 8}, id="first step: what may be away"),
        pytest.param((3, 3), [("a", 10, 10)], {"a": 5}, id="new ones came"),
        pytest.param((10, 10), [("a", 3, 3)], {"a": 0}, id="the last"),
        pytest.param((10, 10), [], {}, id="nobody old"),
        pytest.param((3, 3), [("a", 4, 4), ("b", 6, 6)], {"a": 0, "b": 5}, id="the oldest first"),
        pytest.param((3, 3), [("a", 5, 5), ("b", 5, 2)], {"b": 2, "a": 3}, id="broken ones first"),
        pytest.param((0, 0), [("a", 6, 0)], {}, id="too few already"),
    ],
)
def test_old_ones_shrink(
    new: tuple[int, int], olds: Sequence[tuple[str, int, int]], expected: dict[str, int]
) -> None:
    old_sets = [
        replica_set(name, replicas, available, created_ms=place)
        for place, (name, replicas, available) in enumerate(olds)
    ]
    found = shrink_old(deployment(10, "3", "2"), replica_set("new", *new, created_ms=9), old_sets)
    assert {it.name: it.replicas for it in found} == expected


def test_a_new_one_that_is_right_is_left_alone() -> None:
    assert grow_new(deployment(10), replica_set("new", 10), []) is None
    assert grow_new(deployment(10, "3"), replica_set("new", 3), [replica_set("a", 10)]) is None


def test_a_new_one_that_is_too_big_shrinks_at_once() -> None:
    grown = grow_new(deployment(10), replica_set("new", 12), [])
    assert isinstance(grown, ReplicaSet)
    assert grown.replicas == 10
