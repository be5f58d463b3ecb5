"""Rollouts keep what they promise, whatever templates, sizes and pods do meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kingtide.controlplane.workloads.rollout.fenceposts import fenceposts, min_available
from kingtide.controlplane.workloads.rollout.reconcile import reconcile
from kingtide.controlplane.workloads.rollout.sizes import total, total_available
from kingtide.kube.workloads import Deployment, ReplicaSet
from tests.unit.controlplane.workloads.rollout.scene import deployment, replica_set

AMOUNTS = st.one_of(
    st.integers(0, 8).map(str), st.integers(0, 100).map(lambda percent: f"{percent}%")
)
STEPS = st.lists(st.tuples(st.sampled_from(["look", "ready", "template"]), st.integers(0, 5)))


class Rollout:
    """One Deployment whose pods become available when told, and are deleted at once."""

    def __init__(self, it: Deployment) -> None:
        self.deployment = it
        most = it.replicas + fenceposts(it).surge
        first = replica_set("rs0", it.replicas, desired=it.replicas, most=most)
        self.sets: dict[str, ReplicaSet] = {"rs0": first}
        self.current = "rs0"

    @property
    def all(self) -> Sequence[ReplicaSet]:
        return tuple(self.sets.values())

    def template(self) -> None:
        """Another template, for which there is no ReplicaSet yet."""
        self.current = f"rs{len(self.sets)}"

    def ready(self, number: int) -> None:
        """All pods of a ReplicaSet become available."""
        it = self.all[number % len(self.sets)]
        self.sets[it.name] = msgspec.structs.replace(it, available_replicas=it.replicas)

    def look(self) -> bool:
        """Look once; return whether anything was done."""
        new = self.sets.get(self.current)
        olds = [it for it in self.all if it is not new]
        exist = any(it.replicas for it in olds)
        step = reconcile(self.deployment, new, olds, old_pods_exist=exist)
        for it in step.resized:
            # Pods that are not available go first, as the ReplicaSet controller chooses them.
            left = min(it.available_replicas, it.replicas)
            self.sets[it.name] = msgspec.structs.replace(it, available_replicas=left)
        if step.create_replicas is not None:
            made = replica_set(self.current, 0, created_ms=len(self.sets))
            wanted = self.deployment.replicas
            self.sets[self.current] = msgspec.structs.replace(
                made,
                replicas=step.create_replicas,
                available_replicas=0,
                desired_replicas=wanted,
                max_replicas=wanted + fenceposts(self.deployment).surge,
            )
        return not step.is_rest

    def settle(self) -> None:
        """Let all pods become available and look until nothing is left to do."""
        for _ in range(1_000):
            for number in range(len(self.sets)):
                self.ready(number)
            if not self.look():
                return
        raise AssertionError("it never comes to rest")


@given(replicas=st.integers(0, 20), surge=AMOUNTS, unavailable=AMOUNTS, steps=STEPS)
def test_a_rollout_stays_within_its_fenceposts(
    replicas: int, surge: str, unavailable: str, steps: list[tuple[str, int]]
) -> None:
    rollout = Rollout(deployment(replicas, surge, unavailable))
    least = min_available(rollout.deployment)
    most = replicas + fenceposts(rollout.deployment).surge
    for step, number in steps:
        match step:
            case "look":
                rollout.look()
            case "ready":
                rollout.ready(number)
            case _:
                rollout.template()
        assert total_available(rollout.all) >= least
        assert total(rollout.all) <= most
        assert all(it.replicas >= 0 for it in rollout.all)


@given(replicas=st.integers(0, 20), surge=AMOUNTS, unavailable=AMOUNTS, steps=STEPS)
def test_a_rollout_ends_with_all_pods_of_the_last_template(
    replicas: int, surge: str, unavailable: str, steps: list[tuple[str, int]]
) -> None:
    rollout = Rollout(deployment(replicas, surge, unavailable))
    for step, number in steps:
        match step:
            case "look":
                rollout.look()
            case "ready":
                rollout.ready(number)
            case _:
                rollout.template()
    rollout.settle()
    sizes = {it.name: it.replicas for it in rollout.all if it.replicas}
    assert sizes == ({rollout.current: replicas} if replicas else {})


@given(
    replicas=st.integers(1, 20),
    surge=AMOUNTS,
    unavailable=AMOUNTS,
    looks=st.integers(0, 4),
    scaled=st.integers(0, 60),
)
def test_scaling_in_the_middle_brings_exactly_what_is_wanted_and_the_surge(
    replicas: int, surge: str, unavailable: str, looks: int, scaled: int
) -> None:
    rollout = Rollout(deployment(replicas, surge, unavailable))
    rollout.template()
    for _ in range(looks):
        rollout.look()
    running = [it for it in rollout.all if it.replicas]
    rollout.deployment = msgspec.structs.replace(rollout.deployment, replicas=scaled)
    rollout.look()
    if len(running) > 1 and scaled != replicas:
        surge_pods = fenceposts(rollout.deployment).surge if scaled else 0
        assert total(rollout.all) == scaled + surge_pods
    rollout.settle()
    sizes = {it.name: it.replicas for it in rollout.all if it.replicas}
    assert sizes == ({rollout.current: scaled} if scaled else {})


@given(replicas=st.integers(0, 20), steps=STEPS)
def test_recreate_never_runs_two_templates_at_once(
    replicas: int, steps: list[tuple[str, int]]
) -> None:
    rollout = Rollout(deployment(replicas, strategy="Recreate"))
    for step, number in steps:
        match step:
            case "look":
                rollout.look()
            case "ready":
                rollout.ready(number)
            case _:
                rollout.template()
        assert sum(it.replicas > 0 for it in rollout.all) <= 1
        assert total(rollout.all) <= replicas
    rollout.settle()
    assert total(rollout.all) == replicas
