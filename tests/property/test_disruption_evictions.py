"""Evictions, as many as anybody asks for, never take a budget below what it needs healthy."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.disruption.census import census
from kingtide.controlplane.disruption.eviction import EvictionGranted, may_evict
from kingtide.controlplane.disruption.status import synced
from kingtide.kube.pods import Pod
from kingtide.kube.workloads import PodDisruptionBudget
from tests.unit.controlplane.disruption.scene import NOW_MS, Scales, budget, pod

AMOUNTS = st.one_of(
    st.integers(0, 12).map(str), st.integers(0, 100).map(lambda percent: f"{percent}%")
)
BUDGETS = st.one_of(AMOUNTS.map(budget), AMOUNTS.map(lambda amount: budget(None, amount)))


class Cluster:
    """Pods under one budget; the controller looks whenever `look` is called, and not before."""

    def __init__(self, it: PodDisruptionBudget, readiness: list[bool], wanted: int) -> None:
        self.budget = it
        self.pods: dict[str, Pod] = {
            f"p{i}": pod(f"p{i}", ready=ready) for i, ready in enumerate(readiness)
        }
        self.scales = Scales(api=wanted)
        self.now_ms = NOW_MS
        self.look()

    @property
    def healthy(self) -> int:
        return sum(p.is_ready and p.deletion_ms is None for p in self.pods.values())

    def look(self) -> None:
        counted = census(self.pods.values(), self.budget.disrupted_pods)
        self.budget = synced(self.budget, counted, self.scales, self.now_ms).budget

    def evict(self, name: str) -> bool:
        """Evict a pod: charged first, deleted then, as the API server does."""
        verdict = may_evict(self.pods[name], (self.budget,), self.now_ms)
        if not isinstance(verdict, EvictionGranted):
            return False
        if verdict.budget is not None:
            self.budget = verdict.budget
        self.pods[name] = msgspec.structs.replace(self.pods[name], deletion_ms=self.now_ms)
        return True


@given(
    it=BUDGETS,
    readiness=st.lists(st.booleans(), max_size=12),
    wanted=st.integers(0, 15),
    steps=st.lists(st.one_of(st.integers(0, 11), st.none()), max_size=40),
)
def test_evictions_leave_as_many_healthy_as_the_budget_needs(
    it: PodDisruptionBudget, readiness: list[bool], wanted: int, steps: list[int | None]
) -> None:
    cluster = Cluster(it, readiness, wanted)
    floor = min(cluster.healthy, cluster.budget.desired_healthy)
    for step in steps:
        cluster.now_ms += 1
        if step is None:
            cluster.look()
        elif f"p{step}" in cluster.pods:
            cluster.evict(f"p{step}")
        assert cluster.healthy >= floor
        assert cluster.budget.disruptions_allowed >= 0


@given(
    it=BUDGETS,
    readiness=st.lists(st.booleans(), max_size=12),
    wanted=st.integers(0, 15),
)
def test_exactly_as_many_ready_pods_go_as_the_status_says(
    it: PodDisruptionBudget, readiness: list[bool], wanted: int
) -> None:
    cluster = Cluster(it, readiness, wanted)
    allowed = cluster.budget.disruptions_allowed
    ready = [name for name, p in cluster.pods.items() if p.is_ready]
    gone = sum(cluster.evict(name) for name in ready)
    assert gone == min(allowed, len(ready))
    cluster.look()
    assert cluster.budget.disrupted_pods == {}


@given(it=BUDGETS, ready=st.integers(0, 12), wanted=st.integers(0, 12))
def test_one_more_healthy_pod_never_allows_fewer_disruptions(
    it: PodDisruptionBudget, ready: int, wanted: int
) -> None:
    fewer = Cluster(it, [True] * ready + [False], wanted)
    more = Cluster(it, [True] * (ready + 1), wanted)
    assert more.budget.disruptions_allowed >= fewer.budget.disruptions_allowed
