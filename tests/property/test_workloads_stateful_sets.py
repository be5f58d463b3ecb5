"""StatefulSets keep their order, whatever their pods do."""

from __future__ import annotations

from typing import Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.workloads.stateful.ordinals import ordinal_of, revision_of
from kingtide.controlplane.workloads.stateful.reconcile import reconcile
from kingtide.kube.pods import Condition, Pod
from kingtide.kube.workloads import StatefulSet
from tests.unit.controlplane.workloads.stateful.scene import NOW_MS, member, stateful_set

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.just(0)),
        st.tuples(st.just("ready"), st.integers(0, 7)),
        st.tuples(st.just("gone"), st.integers(0, 7)),
        st.tuples(st.just("scale"), st.integers(0, 6)),
    ),
    max_size=60,
)


class Cluster:
    """One set; new pods are not Ready, deleted ones leave when told."""

    def __init__(self, it: StatefulSet) -> None:
        self.it = it
        self.pods: dict[int, Pod] = {}

    def look(self) -> bool:
        step = reconcile(self.it, list(self.pods.values()), NOW_MS)
        for new in step.create:
            assert new.ordinal not in self.pods
            self.pods[new.ordinal] = member(new.ordinal, "pending", new.revision)
        for pod in step.delete:
            ordinal = ordinal_of(self.it, pod)
            assert ordinal is not None
            self.pods[ordinal] = msgspec.structs.replace(pod, deletion_ms=NOW_MS)
        return not step.is_rest

    def happen(self, what: str, number: int) -> None:
        match what:
            case "look":
                self.look()
            case "scale":
                self.it = msgspec.structs.replace(self.it, replicas=number)
            case "ready":
                self.become_ready(number)
            case _:
                if number in self.pods and self.pods[number].deletion_ms is not None:
                    del self.pods[number]

    def become_ready(self, number: int) -> None:
        pod = self.pods.get(number)
        if pod is not None and pod.deletion_ms is None:
            ready = Condition("True", NOW_MS - 1)
            self.pods[number] = msgspec.structs.replace(pod, phase="Running", ready=ready)

    def settle(self) -> None:
        for _ in range(200):
            for number in list(self.pods):
                self.happen("gone", number)
                self.become_ready(number)
            if not self.look():
                return
        raise AssertionError("it never comes to rest")


@given(replicas=st.integers(0, 6), events=EVENTS)
def test_an_ordered_set_has_no_gaps(replicas: int, events: list[tuple[str, int]]) -> None:
    cluster = Cluster(stateful_set(replicas))
    for what, number in events:
        cluster.happen(what, number)
        ordinals = sorted(cluster.pods)
        assert ordinals == list(range(len(ordinals)))
        waiting = [o for o, pod in cluster.pods.items() if not pod.is_ready]
        assert len(waiting) <= 1


@given(
    replicas=st.integers(0, 6),
    policy=st.sampled_from(["OrderedReady", "Parallel"]),
    events=EVENTS,
)
def test_a_set_ends_with_its_ordinals_from_nothing_on(
    replicas: int, policy: Literal["OrderedReady", "Parallel"], events: list[tuple[str, int]]
) -> None:
    cluster = Cluster(stateful_set(replicas, policy))
    for what, number in events:
        cluster.happen(what, number)
    cluster.settle()
    assert sorted(cluster.pods) == list(range(cluster.it.replicas))


@given(
    replicas=st.integers(1, 7),
    policy=st.sampled_from(["OrderedReady", "Parallel"]),
    partition=st.integers(0, 8),
    unavailable=st.one_of(st.integers(0, 4).map(str), st.integers(0, 100).map(lambda p: f"{p}%")),
    events=st.lists(st.tuples(st.sampled_from(["look", "gone", "ready"]), st.integers(0, 7))),
)
def test_an_update_leaves_enough_and_stops_at_the_partition(
    replicas: int,
    policy: Literal["OrderedReady", "Parallel"],
    partition: int,
    unavailable: str,
    events: list[tuple[str, int]],
) -> None:
    cluster = Cluster(stateful_set(replicas, policy))
    cluster.settle()
    cluster.it = msgspec.structs.replace(
        cluster.it, update_revision="r2", partition=partition, max_unavailable=unavailable
    )
    percent = unavailable.endswith("%")
    written = int(unavailable.rstrip("%"))
    allowed = max(1, replicas * written // 100 if percent else written)
    for what, number in events:
        cluster.happen(what, number)
        well = sum(p.is_ready and p.deletion_ms is None for p in cluster.pods.values())
        assert well >= replicas - allowed
    cluster.settle()
    revisions = {ordinal: revision_of(pod) for ordinal, pod in cluster.pods.items()}
    assert revisions == {o: "r1" if o < partition else "r2" for o in range(replicas)}
