"""Our own live reflectors hold what the twin's store holds, over HTTPS, however the watch fares."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.live.kubernetes.connection import cluster_connection
from kingtide.live.kubernetes.reflector import Reflector
from kingtide.rehearsal.prepare import prepare
from kingtide.twin.apiserver.server import ApiServer, Settings
from kingtide.twin.world import World
from tests.small_rehearsal import write_small

KINDS = [it for it in api_kinds() if it != "PriorityClass"]  # no part of the store: configuration


def stored(world: World) -> dict[str, Mapping[str, Any]]:
    store = world.store
    return {
        "Pod": {it.key: it for it in store.pods.values()},
        "Node": store.nodes,
        "Namespace": store.namespaces,
        "ConfigMap": store.config_maps,
        "Deployment": store.deployments,
        "ReplicaSet": store.replica_sets,
        "StatefulSet": store.stateful_sets,
        "DaemonSet": store.daemon_sets,
        "Job": store.jobs,
        "CronJob": store.cron_jobs,
        "PodDisruptionBudget": store.disruption_budgets,
        "HorizontalPodAutoscaler": store.autoscalers,
    }


def as_read(kind: ApiKind, value: Any) -> Any:
    """Return a value as it is once written and read: the API's times have whole seconds."""
    return kind.read(msgspec.json.encode(kind.body(value)))


STATUSES = {"status_replicas": 0, "ready_replicas": 0, "available_replicas": 0}
"""The store's workloads do not know them; the server counts pods."""


def alike(kind: ApiKind, held: Any, value: Any) -> bool:
    """Return whether a copy is what the store holds; `value` None for a namespace of none."""
    if value is None:
        return kind.kind == "Namespace"
    read = as_read(kind, value)
    same: dict[str, Any] = {"resource_version": 0}
    same |= {name: it for name, it in STATUSES.items() if hasattr(read, name)}
    for name in ("uid", "created_ms"):
        if hasattr(read, name) and not getattr(value, name):
            same[name] = getattr(read, name)  # of what came with the cluster the server makes them
    if kind.kind == "Deployment":
        # The server numbers templates where the world's ReplicaSets do.
        same["annotations"] = read.annotations
        if "deployment.kubernetes.io/revision" not in held.annotations:
            return False
    replace = msgspec.structs.replace
    return bool(replace(held, **same) == replace(read, **same))


async def followed(folder: Path) -> World:
    """Run the small evening behind the API, with watches cut and forgotten on the way."""
    definition = prepare(write_small(folder)).definition
    world = World(definition)
    world.run_until(definition.start_ms)
    server = ApiServer(world, Settings("token"))
    server.clock.pause()
    (folder / "kubeconfig").write_bytes(server.kubeconfig("prod"))
    serving = asyncio.create_task(server.run())
    async with cluster_connection(folder / "kubeconfig") as client:
        kinds = api_kinds()
        reflectors = {
            it: Reflector(client, kinds[it], lambda _old, _new: None, random.Random(it))
            for it in KINDS
        }
        running = [asyncio.create_task(it.run()) for it in reflectors.values()]
        try:
            await until(lambda: all(it.is_synced for it in reflectors.values()))
            objects = server.api.objects
            for minute in range(1, 21):
                world.run_until(definition.start_ms + 60_000 * minute)
                server.api.settle()
                if minute == 10:
                    # Whoever reads on from before this lists anew.
                    pods = objects.table(objects.resources.modelled["Pod"])
                    pods.history.compact(objects.revision)
                await asyncio.sleep(0.05)
            await until(lambda: not differences(world, reflectors), 60)
            assert differences(world, reflectors) == []
            assert reflectors["Pod"].unreadable == 0
        finally:
            for it in running:
                it.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            server.stop()
            await serving
    return world


def differences(world: World, reflectors: Mapping[str, Reflector]) -> list[str]:
    """Return what copies and store have differently."""
    found: list[str] = []
    for name, reflector in reflectors.items():
        there = stored(world)[name]
        found += [f"{name} {key} is missing" for key in there if key not in reflector.objects]
        found += [
            f"{name} {key} is another one: {held}\n{there.get(key)}"
            for key, held in reflector.objects.items()
            if not alike(reflector.kind, held, there.get(key))
        ]
    return found


async def until(holds: Any, seconds: float = 60) -> None:
    """Wait until something holds, at most for so long."""
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        await asyncio.sleep(0.05)


def test_reflectors_hold_what_the_store_holds_at_the_end_of_an_evening(tmp_path: Path) -> None:
    world = asyncio.run(followed(tmp_path))
    assert world.journal.decisions
    assert any(it.name for it in world.store.nodes.values())
