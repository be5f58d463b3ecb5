"""Who waits, counted by groups of alike pods: as if every pod were looked at, and cheaper."""

from __future__ import annotations

from collections import UserDict

from hypothesis import given
from hypothesis import strategies as st

from kingtide.control.index import ClusterIndex
from kingtide.controllers.node_autoscaling.demand import (
    SCALE_UP_DELAY,
    Demand,
    Waiting,
    scale_up_delay_ms,
    waiting,
    workload_of,
)
from kingtide.controllers.node_autoscaling.expendable import is_expendable
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.kube.nodes import Node
from kingtide.kube.pods import Condition, Container, Pod, PodSpec
from kingtide.kube.resources import Resources
from tests.unit.control.unschedulable import unschedulable_pods

POLICY = NodeAutoscalingPolicy()
UNSCHEDULABLE = Condition("False", 0, "Unschedulable")
SPECS = tuple(
    PodSpec((Container("c", requests=Resources(cpu, 1 << 20)),), priority=priority)
    for cpu, priority in ((100, 0), (700, 5), (100, -11))
)
ROOM = Resources(4_000, 8 << 30, pods=10)
NODE = Node("n1", "n1", {}, ROOM, ROOM, 0, Condition("True", 0))
NOTES: tuple[dict[str, str], ...] = ({}, {SCALE_UP_DELAY: "3s"}, {"note": "other"})


@st.composite
def pods(draw: st.DrawFn) -> Pod:
    """A pod that waits or not, promised a node or not; what it asks may change on its way."""
    uid = str(draw(st.integers(0, 7)))
    return Pod(
        "shop", uid, uid, draw(st.sampled_from(SPECS)), {}, draw(st.integers(0, 9)) * 500,
        draw(st.sampled_from(NOTES)),
        nominated_node_name=draw(st.sampled_from(("", "", "n1", "gone"))),
        scheduled=draw(st.sampled_from((UNSCHEDULABLE, UNSCHEDULABLE, None))),
    )  # fmt: skip


def one_by_one(index: ClusterIndex, now_ms: int) -> Waiting:
    """The rule as it is written down: every pod in the order of arrival."""
    counts: dict[int, int] = {}
    firsts: dict[int, Pod] = {}
    nominated, ages, later = [], [], []
    expendable = 0
    for pod in unschedulable_pods(index).values():
        waits_until_ms = pod.created_ms + scale_up_delay_ms(pod, POLICY)
        if is_expendable(pod.spec.priority, POLICY.expendable_pods_priority_cutoff):
            expendable += 1
        elif waits_until_ms > now_ms:
            later.append(waits_until_ms)
        elif pod.nominated_node_name in index.nodes:
            nominated.append(pod)
        else:
            shape = index.shapes.intern(pod).index
            counts[shape] = counts.get(shape, 0) + 1
            firsts.setdefault(shape, pod)
            ages.append(pod.created_ms)
    if ages and min(ages) + POLICY.new_pod_age_seconds * 1000 > now_ms:
        look_ms = min(ages) + POLICY.new_pod_age_seconds * 1000
        return Waiting((), tuple(nominated), expendable, look_ms)
    demands = tuple(
        Demand(index.shapes[shape], counts[shape], workload_of(pod))
        for shape, pod in firsts.items()
    )
    return Waiting(demands, tuple(nominated), expendable, min(later, default=None))


@given(
    st.lists(st.one_of(pods(), st.integers(0, 7).map(str)), max_size=50),
    st.integers(0, 8_000),
)
def test_groups_of_alike_pods_count_as_pods_one_by_one(
    changes: list[Pod | str], now_ms: int
) -> None:
    index = ClusterIndex()
    index.apply(None, NODE)
    for change in changes:
        if isinstance(change, str):
            index.apply(index.pod(change), None)
        else:
            index.apply(index.pod(change.uid), change)
        assert waiting(index, POLICY, now_ms) == one_by_one(index, now_ms)


class Watched(UserDict[int, Pod]):
    """A mapping that counts the pods it hands out."""

    seen = 0

    def __getitem__(self, arrival: int) -> Pod:
        self.seen += 1
        return super().__getitem__(arrival)


def test_a_thousand_alike_pods_are_counted_by_looking_at_a_few() -> None:
    index = ClusterIndex()
    for number in range(1_000):
        uid = str(number)
        index.apply(None, Pod("shop", uid, uid, SPECS[0], {}, 0, scheduled=UNSCHEDULABLE))
    (group,) = index.unschedulable_alike
    watched = Watched(group.unpromised)
    group.unpromised = watched  # type: ignore[assignment]  # a dict has ways in that cannot be counted
    assert waiting(index, POLICY, 60_000).pods == 1_000
    assert 0 < watched.seen <= 5
