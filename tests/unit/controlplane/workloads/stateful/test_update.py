"""Expected values: pkg/controller/statefulset/stateful_set_control.go (v1.36), by hand.

https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#rolling-updates
"""

import pytest

from kingtide.controlplane.workloads.stateful.update import is_updated, max_unavailable, update
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import StatefulSet
from tests.unit.controlplane.workloads.stateful.scene import (
    NOW_MS,
    member,
    members,
    stateful_set,
)

ALL_OLD = tuple(members("ready", "ready", "ready", "ready"))


@pytest.mark.parametrize(
    ("it", "replicas", "expected"),
    [
        pytest.param(stateful_set(4), ALL_OLD, [], id="nothing to update"),
        pytest.param(stateful_set(4, update="r2"), ALL_OLD, ["db-3"], id="the highest first"),
        pytest.param(
            stateful_set(4, update="r2"),
            (*ALL_OLD[:3], member(3, revision="r2")),
            ["db-2"],
            id="then the next",
        ),
        pytest.param(
            stateful_set(4, update="r2"),
            (*ALL_OLD[:3], member(3, "unready", "r2")),
            [],
            id="not before it is Ready",
        ),
        pytest.param(
            stateful_set(4, update="r2"),
            (member(0, "unready"), *ALL_OLD[1:]),
            [],
            id="not while any pod is away",
        ),
        pytest.param(
            stateful_set(4, update="r2"), (*ALL_OLD[:3], None), [], id="a missing one is away"
        ),
        pytest.param(
            stateful_set(4, update="r2"),
            (*ALL_OLD[:3], member(3, "leaving")),
            [],
            id="one at a time",
        ),
        pytest.param(
            stateful_set(4, update="r2", partition=3), ALL_OLD, ["db-3"], id="from the partition on"
        ),
        pytest.param(
            stateful_set(4, update="r2", partition=4), ALL_OLD, [], id="nobody past the partition"
        ),
        pytest.param(
            stateful_set(4, update="r2", unavailable="3"),
            ALL_OLD,
            ["db-3", "db-2", "db-1"],
            id="three at once",
        ),
        pytest.param(
            stateful_set(4, update="r2", unavailable="3"),
            (member(0, "unready"), *ALL_OLD[1:]),
            ["db-3", "db-2"],
            id="less those that are away",
        ),
        pytest.param(
            stateful_set(4, update="r2", unavailable="50%"),
            ALL_OLD,
            ["db-3", "db-2"],
            id="half of them",
        ),
        pytest.param(
            stateful_set(4, update="r2", strategy="OnDelete"), ALL_OLD, [], id="on delete: nobody"
        ),
    ],
)
def test_pods_give_way(
    it: StatefulSet, replicas: tuple[Pod | None, ...], expected: list[str]
) -> None:
    assert [pod.name for pod in update(it, replicas, NOW_MS).delete] == expected


@pytest.mark.parametrize(
    ("written", "replicas", "expected"),
    [
        pytest.param("1", 5, 1, id="a number"),
        pytest.param("25%", 10, 2, id="rounded down"),
        pytest.param("10%", 3, 1, id="but one at least"),
        pytest.param("0%", 3, 1, id="even of nothing"),
    ],
)
def test_an_update_makes_so_many_unavailable(written: str, replicas: int, expected: int) -> None:
    assert max_unavailable(stateful_set(replicas, unavailable=written)) == expected


def test_an_update_is_over_when_all_are_new_and_well() -> None:
    it = stateful_set(2, update="r2")
    assert is_updated(it, members("ready", "ready", revision="r2"))
    assert not is_updated(it, members("ready", "unready", revision="r2"))
    assert not is_updated(it, members("ready", "leaving", revision="r2"))
    assert not is_updated(it, [member(0), member(1, revision="r2")])
    assert not is_updated(it, [None, member(1, revision="r2")])
