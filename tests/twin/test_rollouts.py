"""Deployments whose template changes while they serve."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from kingtide.kube.pods import Pod, PodTemplate, pod_requests
from kingtide.twin.definition import Application, DemandPoint, Rollout, UpdateStrategy
from kingtide.twin.latencies import constant
from kingtide.twin.world import World
from tests.twin.worlds import (
    MINUTE_MS,
    SECOND_MS,
    START_MS,
    application,
    autoscaler,
    definition,
    fixed_node,
    run_for,
    spec,
)

NODES = tuple(fixed_node(f"n{i}") for i in range(8))
AT_MS = START_MS + 10 * SECOND_MS


def template(millicores: int = 1_000, version: str = "2") -> PodTemplate:
    return PodTemplate({"app": "api"}, spec(millicores), {"version": version})


def rolling(
    replicas: int,
    update: UpdateStrategy | None = None,
    *,
    to: Sequence[Rollout] = (Rollout(AT_MS, template()),),
    **changes: object,
) -> Application:
    return msgspec.structs.replace(
        application("api", replicas),
        update=update or UpdateStrategy(),
        rollouts=tuple(to),
        **changes,
    )


class Watched:
    """A world in which each moment's pods of `api` are counted."""

    def __init__(self, it: Application, *others: Application) -> None:
        self.world = World(definition(it, *others, nodes=NODES))
        self.fewest_available = self.most_wanted = it.replicas
        self.world.store.on_pods(self._on_pod)

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        world = self.world
        tally = world.availability.applications["test/api"]
        self.fewest_available = min(self.fewest_available, tally.available)
        wanted = sum(it.replicas for it in world.store.replica_sets.values())
        self.most_wanted = max(self.most_wanted, wanted)

    def sizes(self) -> dict[str, int]:
        return {it.name: it.replicas for it in self.world.store.replica_sets.values()}

    def versions(self) -> set[str]:
        pods = self.world.store.pods.values()
        return {pod.annotations.get("version", "1") for pod in pods if pod.deletion_ms is None}

    def marks(self) -> list[str]:
        return [m.kind for m in self.world.journal.marks if m.kind.startswith("rollout")]


@pytest.mark.parametrize(
    ("surge", "unavailable", "least", "most"),
    [
        pytest.param("25%", "25%", 8, 13, id="defaults"),
        pytest.param("1", "0", 10, 11, id="one more"),
        pytest.param("0", "1", 9, 10, id="one less"),
        pytest.param("100%", "0", 10, 20, id="blue and green"),
        pytest.param("0", "100%", 0, 10, id="all at once"),
    ],
)
def test_a_rollout_keeps_its_bounds_and_ends(
    surge: str, unavailable: str, least: int, most: int
) -> None:
    update = UpdateStrategy(max_surge=surge, max_unavailable=unavailable)
    watched = Watched(rolling(10, update))
    run_for(watched.world, 20 * MINUTE_MS)
    assert watched.versions() == {"2"}
    assert watched.fewest_available >= least
    assert watched.most_wanted == most
    assert watched.marks() == ["rollout_started", "rollout_finished"]
    assert sorted(watched.sizes().values()) == [0, 10]


def test_nothing_rolls_before_its_time() -> None:
    watched = Watched(rolling(4))
    watched.world.run_until(AT_MS - 1)
    assert watched.sizes() == {"api": 4}
    watched.world.run_until(AT_MS + SECOND_MS)
    assert len(watched.sizes()) == 2


def test_recreate_has_a_moment_without_any_pod() -> None:
    watched = Watched(rolling(4, UpdateStrategy(strategy="Recreate")))
    seen: set[frozenset[str]] = set()
    for _ in range(300):
        run_for(watched.world, SECOND_MS)
        seen.add(frozenset(watched.versions()))
        tally = watched.world.availability.applications["test/api"]
        assert tally.wanted == 4
    assert seen == {frozenset({"1"}), frozenset(), frozenset({"2"})}
    assert tally.max_unavailable == 4


def test_new_pods_must_stay_ready_before_old_ones_go() -> None:
    quick = Watched(rolling(4, UpdateStrategy(max_surge="1", max_unavailable="0")))
    slow = Watched(
        rolling(4, UpdateStrategy(max_surge="1", max_unavailable="0", min_ready_seconds=60))
    )
    for watched in (quick, slow):
        run_for(watched.world, 3 * MINUTE_MS)
    assert quick.versions() == {"2"}
    assert slow.versions() == {"1", "2"}
    run_for(slow.world, 10 * MINUTE_MS)
    assert slow.versions() == {"2"}


def test_a_rollout_whose_pods_never_become_ready_stalls_and_keeps_the_old_ones() -> None:
    watched = Watched(
        rolling(
            10,
            UpdateStrategy(progress_deadline_seconds=120),
            to=(Rollout(AT_MS, template(100_000)),),
        )
    )
    run_for(watched.world, 10 * MINUTE_MS)
    assert watched.marks() == ["rollout_started", "rollout_stalled"]
    assert watched.fewest_available == 8
    progress = watched.world.rollouts.rolling["test/api"].progress
    assert progress is not None
    assert not progress.is_progressing
    assert "has timed out progressing" in progress.message


def test_a_stalled_rollout_is_undone_with_its_first_replica_set() -> None:
    stuck = Rollout(AT_MS, template(100_000))
    back = Rollout(AT_MS + 2 * MINUTE_MS, application("api", 1).template)
    watched = Watched(rolling(10, to=(stuck, back)))
    run_for(watched.world, 10 * MINUTE_MS)
    assert watched.versions() == {"1"}
    assert {name: size for name, size in watched.sizes().items() if size} == {"api": 10}
    assert watched.fewest_available == 8


def test_a_rollout_is_overtaken_by_the_next() -> None:
    first, second = (
        Rollout(AT_MS, template(version="2")),
        Rollout(AT_MS + 8 * SECOND_MS, template(version="3")),
    )
    watched = Watched(rolling(10, to=(first, second)))
    run_for(watched.world, 20 * MINUTE_MS)
    assert watched.versions() == {"3"}
    assert watched.fewest_available >= 8
    assert watched.most_wanted <= 13


def test_an_autoscaler_scales_in_the_middle_of_a_rollout_that_changes_requests() -> None:
    demand = (DemandPoint(START_MS, 2_000), DemandPoint(START_MS + MINUTE_MS, 9_000))
    it = rolling(
        4,
        to=(Rollout(AT_MS + 50 * SECOND_MS, template(2_000)),),
        demand=demand,
        autoscaler=autoscaler("api", 2, 12),
        ready_after_ms=constant(20_000, "test"),
    )
    watched = Watched(it)
    run_for(watched.world, 15 * MINUTE_MS)
    world = watched.world
    assert watched.versions() == {"2"}
    requests = {pod_requests(pod.spec).cpu_millicores for pod in world.store.pods.values()}
    assert requests == {2_000}
    # 9 cores at 70 % of 2 cores a pod.
    assert world.store.deployments["test/api"].replicas == 7
    seen = sum(
        group.count
        for group in world.autoscalers.by_key["test/api"].groups(world.metrics, world.engine.now_ms)
    )
    assert seen == 7
    assert world.observe()["app.api.requested"] == 14.0


def test_a_finished_rollout_scales_like_any_deployment() -> None:
    watched = Watched(rolling(4))
    run_for(watched.world, 10 * MINUTE_MS)
    for wanted in (9, 2, 0, 5):
        watched.world.replica_sets.scale(watched.world.store.deployments["test/api"], wanted)
        run_for(watched.world, 2 * MINUTE_MS)
        tally = watched.world.availability.applications["test/api"]
        assert (tally.wanted, tally.available, tally.unavailable) == (wanted, wanted, 0)
        assert sorted(watched.sizes().values()) == sorted([0, wanted])


def test_every_replica_set_has_as_many_pods_as_it_wants_in_the_end() -> None:
    watched = Watched(rolling(10), application("web", 3))
    run_for(watched.world, 20 * MINUTE_MS)
    for key, size in watched.world.store.replica_sets.items():
        assert watched.world.replica_sets.active_count(key) == size.replicas
        assert watched.world.replica_sets.is_settled(key)


def test_the_same_rollout_is_the_same_to_the_last_event() -> None:
    hashes = set()
    for _ in range(2):
        watched = Watched(rolling(10))
        run_for(watched.world, 10 * MINUTE_MS)
        hashes.add(watched.world.trace_hash)
    assert len(hashes) == 1
