"""Expected values: pkg/controller/statefulset/stateful_set_control.go (v1.36), by hand.

https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees
"""

from collections.abc import Sequence

import pytest

from kingtide.controlplane.workloads.stateful.reconcile import reconcile
from kingtide.controlplane.workloads.stateful.step import NewMember, StatefulStep
from kingtide.kube.pods import Pod
from tests.unit.controlplane.workloads.stateful.scene import (
    NOW_MS,
    member,
    members,
    stateful_set,
)


def told(step: StatefulStep) -> tuple[list[int], list[str], str]:
    created = [new.ordinal for new in step.create]
    return created, [pod.name for pod in step.delete], step.waits_for


@pytest.mark.parametrize(
    ("replicas", "pods", "expected"),
    [
        pytest.param(3, [], ([0], [], ""), id="up: the first alone"),
        pytest.param(3, members("unready"), ([], [], "db-0"), id="up: until it is Ready"),
        pytest.param(3, members("ready"), ([1], [], ""), id="up: then the second"),
        pytest.param(3, members("ready", "pending"), ([], [], "db-1"), id="up: one at a time"),
        pytest.param(3, members("ready", "leaving"), ([], [], "db-1"), id="up: not while one goes"),
        pytest.param(3, [member(0), member(2)], ([1], [], ""), id="up: the gap first"),
        pytest.param(
            3, [member(0, "unready"), member(2)], ([], [], "db-0"), id="up: nothing past a sick one"
        ),
        pytest.param(3, members("ready", "ended"), ([], ["db-1"], ""), id="ended: deleted first"),
        pytest.param(1, members("ready", "ready", "ready"), ([], ["db-2"], ""), id="down: highest"),
        pytest.param(
            1, members("ready", "ready", "leaving"), ([], [], "db-2"), id="down: one at a time"
        ),
        pytest.param(
            1, members("unready", "ready", "ready"), ([], [], "db-0"), id="down: not while one ails"
        ),
        pytest.param(
            1, members("ready", "unready", "unready"), ([], [], "db-1"), id="down: waits for a sick"
        ),
        pytest.param(
            1, members("ready", "ready", "unready"), ([], ["db-2"], ""), id="down: sick itself"
        ),
        pytest.param(0, members("unready"), ([], ["db-0"], ""), id="down: to nothing"),
        pytest.param(2, members("ready", "ready"), ([], [], ""), id="rest"),
    ],
)
def test_an_ordered_set_goes_one_by_one(
    replicas: int, pods: Sequence[Pod], expected: tuple[list[int], list[str], str]
) -> None:
    assert told(reconcile(stateful_set(replicas), pods, NOW_MS)) == expected


@pytest.mark.parametrize(
    ("replicas", "pods", "expected"),
    [
        pytest.param(3, [], ([0, 1, 2], [], ""), id="up: all at once"),
        pytest.param(3, [member(1, "unready")], ([0, 2], [], ""), id="up: sick ones do not matter"),
        pytest.param(
            1, members("unready", "ready", "ready"), ([], ["db-2", "db-1"], ""), id="down: all"
        ),
        pytest.param(1, members("ready", "leaving"), ([], [], ""), id="down: asked for already"),
        pytest.param(2, members("ended", "ready", "ready"), ([], ["db-0", "db-2"], ""), id="ended"),
    ],
)
def test_a_parallel_set_does_all_at_once(
    replicas: int, pods: Sequence[Pod], expected: tuple[list[int], list[str], str]
) -> None:
    assert told(reconcile(stateful_set(replicas, "Parallel"), pods, NOW_MS)) == expected


def test_what_comes_next_waits_for_min_ready_seconds() -> None:
    patient = stateful_set(2, min_ready_seconds=5)
    assert told(reconcile(patient, members("ready"), NOW_MS)) == ([], [], "db-0")
    assert told(reconcile(patient, members("ready"), NOW_MS + 4_000)) == ([1], [], "")


def test_a_young_surplus_pod_is_waited_for_too() -> None:
    patient = stateful_set(0, min_ready_seconds=5)
    assert told(reconcile(patient, members("ready"), NOW_MS)) == ([], [], "db-0")
    assert told(reconcile(patient, members("ready"), NOW_MS + 4_000)) == ([], ["db-0"], "")


def test_pods_of_other_names_are_ignored() -> None:
    strangers = [member(0, name="web"), member(0, name="db-x")]
    assert told(reconcile(stateful_set(1), strangers, NOW_MS)) == ([0], [], "")


def test_new_pods_below_the_partition_are_of_the_current_revision() -> None:
    updating = stateful_set(3, "Parallel", update="r2", partition=2)
    step = reconcile(updating, [], NOW_MS)
    assert step.create == (NewMember(0, "r1"), NewMember(1, "r1"), NewMember(2, "r2"))


def test_scaling_goes_before_updating() -> None:
    updating = stateful_set(3, update="r2")
    assert told(reconcile(updating, members("ready", "ready"), NOW_MS)) == ([2], [], "")
    assert told(reconcile(updating, members("ready", "ready", "ready", "ready"), NOW_MS)) == (
        [],
        ["db-3"],
        "",
    )
    assert told(reconcile(updating, members("ready", "ready", "ready"), NOW_MS)) == (
        [],
        ["db-2"],
        "",
    )
