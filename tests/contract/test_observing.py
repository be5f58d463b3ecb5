"""What live observes of a cluster over HTTP is what the twin's own index holds of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kingtide.control.index import ClusterIndex, WatchedObject
from kingtide.kube.pods import Pod
from kingtide.kube.resources import Resources
from kingtide.kube.scalables import Scalable
from kingtide.kube.wire.kinds import api_kinds
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.twin.cluster.store import Store
from tests.served_world import ServedWorld, served_world

WAIT_SECONDS = 20
LIFE_MS = 600_000
"""By then the small rehearsal's demand has brought nodes."""
CONFIG_MAP = "overprovisioning/overprovisioning-workers"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("small"), run_seconds=60) as it:
        yield it


@pytest.fixture(scope="module")
def kubeconfig(served: ServedWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return served.write_kubeconfig(tmp_path_factory.mktemp("kubeconfig"))


@asynccontextmanager
async def observing(kubeconfig: Path, *config_maps: str) -> AsyncIterator[Observed]:
    """Observe the server while the block runs, from when all is listed."""
    async with cluster_connection(kubeconfig) as client:
        observed = Observed(client, config_maps)
        task = asyncio.create_task(observed.run())
        try:
            await until(observed, lambda: observed.is_synced)
            yield observed
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(observed: Observed, what: Callable[[], bool]) -> None:
    """Take what arrives until something holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            observed.take_in()
            if what():
                return
            await asyncio.sleep(0.01)


def index_of(store: Store) -> ClusterIndex:
    """Return the index of a store, filled in process; times are whole seconds, as the API's are."""
    index, kinds = ClusterIndex(), api_kinds()
    config_maps = [it for it in store.config_maps.values() if it.key == CONFIG_MAP]
    of_kinds: tuple[Iterable[WatchedObject], ...] = (
        store.nodes.values(),
        store.pods.values(),
        store.deployments.values(),
        store.replica_sets.values(),
        store.stateful_sets.values(),
        store.daemon_sets.values(),
        store.jobs.values(),
        store.cron_jobs.values(),
        store.disruption_budgets.values(),
        store.autoscalers.values(),
        config_maps,
    )
    for it in (it for objects in of_kinds for it in objects):
        kind = kinds[type(it).__name__]
        index.apply(None, kind.read(msgspec.json.encode(kind.body(it))))
    return index


def is_same(observed: ClusterIndex, expected: ClusterIndex) -> bool:
    try:
        assert_same(observed, expected)
    except AssertionError:
        return False
    return True


ADDED: Mapping[str, tuple[str, ...]] = {
    "Deployment": ("status_replicas", "ready_replicas", "resource_version"),
    "DaemonSet": ("created_ms", "resource_version"),
    "Scalable of a DaemonSet": ("created_ms",),
}
"""What the API adds, by kind, to the objects of the twin's store, and no controller of ours reads:
statuses counted from pods, the versions of those who write them, and when DaemonSets were made
that were there from the begin.
"""
REVISION = "deployment.kubernetes.io/revision"
"""The Deployment controller's own annotation, which nobody of ours reads."""


def bare(objects: Mapping[str, Any]) -> dict[str, Any]:
    """Return objects without what the API adds to those of the twin's store."""
    return {key: _bare(it) for key, it in objects.items()}


def _bare(it: Any) -> Any:
    kind = type(it).__name__
    if isinstance(it, Scalable):
        kind = f"Scalable of a {it.kind}"
    same: dict[str, Any] = dict.fromkeys(ADDED.get(kind, ()), 0)
    if "Deployment" in kind:
        same["annotations"] = {k: v for k, v in it.annotations.items() if k != REVISION}
    return msgspec.structs.replace(it, **same)


def assert_same(observed: ClusterIndex, expected: ClusterIndex) -> None:
    for name in (
        "nodes", "deployments", "daemon_sets", "config_maps", "disruption_budgets", "scalables",
        "forcing_pods",
    ):  # fmt: skip
        assert bare(getattr(observed, name)) == bare(getattr(expected, name)), name
    for node in expected.nodes:
        assert observed.pods_on(node) == expected.pods_on(node)
        assert requested(observed, node) == requested(expected, node)
        for pod in expected.pods_on(node).values():
            assert owner_of(observed, pod) == owner_of(expected, pod)
    assert waiting(observed) == waiting(expected)


def requested(index: ClusterIndex, node: str) -> Resources:
    row = index.node_table.row_of(node)
    assert row is not None
    return index.node_table.requested(row)


def owner_of(index: ClusterIndex, pod: Pod) -> tuple[bool, int | None] | None:
    """Return whether a pod's controller exists, and how many replicas that wants."""
    if pod.owner is None:
        return None
    owner = (pod.owner.kind, pod.namespace, pod.owner.name)
    return index.controller_exists(*owner), index.controller_replicas(*owner)


def waiting(index: ClusterIndex) -> list[tuple[int, int]]:
    """Return the groups of unschedulable pods: how many, and when the youngest was made."""
    return sorted((len(it), it.newest_ms) for it in index.unschedulable_alike)


def test_the_index_is_the_same_as_in_process(served: ServedWorld, kubeconfig: Path) -> None:
    async def run() -> None:
        async with observing(kubeconfig, CONFIG_MAP) as observed:
            expected = served.call(lambda: index_of(served.world.store))
            assert len(expected.nodes) > 2
            assert list(expected.config_maps) == [CONFIG_MAP]
            assert_same(observed.index, expected)
            assert "kube-system" in observed.index.namespaces

    asyncio.run(run())


def test_it_stays_the_same_while_the_cluster_lives(served: ServedWorld, kubeconfig: Path) -> None:
    world = served.world

    def live() -> None:
        world.run_until(world.engine.now_ms + LIFE_MS)

    async def run() -> None:
        async with observing(kubeconfig, CONFIG_MAP) as observed:
            before = len(observed.index.nodes)
            served.call(live)
            expected = served.call(lambda: index_of(world.store))
            await until(observed, lambda: is_same(observed.index, expected))
            assert_same(observed.index, expected)
            assert len(expected.nodes) > before

    asyncio.run(run())


def test_the_index_changes_only_when_it_is_taken(served: ServedWorld, kubeconfig: Path) -> None:
    store = served.world.store

    def cordon() -> str:
        node = next(it for it in store.nodes.values() if not it.unschedulable)
        return store.update_node(node, unschedulable=True).name

    async def run() -> None:
        async with observing(kubeconfig) as observed:
            name = served.call(cordon)
            async with asyncio.timeout(WAIT_SECONDS):
                await observed.changed()
            assert not observed.index.nodes[name].unschedulable
            assert "nodes" in observed.take_in()
            assert observed.index.nodes[name].unschedulable
            assert observed.take_in() == ()

    asyncio.run(run())


def test_a_config_map_is_followed_by_name_for_as_long_as_it_is_wanted(
    served: ServedWorld, kubeconfig: Path
) -> None:
    async def run() -> None:
        async with observing(kubeconfig) as observed:
            assert dict(observed.index.config_maps) == {}
            observed.follow_config_maps([CONFIG_MAP])
            await until(observed, lambda: CONFIG_MAP in observed.index.config_maps)
            observed.follow_config_maps([])
            assert observed.take_in() == ("configuration",)
            assert dict(observed.index.config_maps) == {}
            assert f"ConfigMap/{CONFIG_MAP}" not in observed.following()

    asyncio.run(run())


def test_a_new_leader_lists_again_and_is_told_what_changed(
    served: ServedWorld, kubeconfig: Path
) -> None:
    async def run() -> None:
        async with observing(kubeconfig) as observed:
            lists = {name: it.lists for name, it in observed.following().items()}
            observed.relist()
            assert not observed.is_synced
            assert observed.staleness_seconds()["Node"] == float("inf")
            await until(observed, lambda: observed.is_synced)
            again = observed.following()
            assert all(it.lists == lists[name] + 1 for name, it in again.items())
            assert observed.take_in() == ()

    asyncio.run(run())


def test_kinds_that_the_cluster_does_not_have_are_neither_missing_nor_stale(
    served: ServedWorld, kubeconfig: Path
) -> None:
    async def run() -> None:
        async with observing(kubeconfig) as observed:
            absent = {name for name, it in observed.following().items() if it.is_absent}
            assert absent == {"ScaledObject", "Rollout", "Stack", "AutoscalingRunnerSet"}
            assert max(observed.staleness_seconds().values()) < WAIT_SECONDS
            assert sum(it.unreadable for it in observed.following().values()) == 0
            assert sum(it.failures for it in observed.following().values()) == 0

    asyncio.run(run())
