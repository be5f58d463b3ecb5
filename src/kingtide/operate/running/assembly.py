"""Puts a running process together: cluster, account, lease, loops, observers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import httpx2
import msgspec

from kingtide.control.budget import read_budgets
from kingtide.control.deliberation import Deliberation
from kingtide.control.loop import ControlLoop, Sight
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE, pause_name
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.repository import LayeredCluster
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.groups import cluster_selection
from kingtide.live.aws.performing import AwsPerformer
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.view import AwsView
from kingtide.live.kubernetes.lease import LeaderLease, new_identity
from kingtide.live.kubernetes.observing.collection import GarbageCollection
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.nodes import node_of_instance
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.operate.running.clock import ServerClock, machine_ms
from kingtide.operate.running.live_world import LiveWorld
from kingtide.operate.running.process import Observers, Process
from kingtide.roster.registry import CONTROLLERS, ControllerRun, loop_name
from kingtide.roster.settings import disruption_policy

LEASE = "kingtide"
"""The Lease in our namespace by which one process of a cluster leads."""


class Chosen(msgspec.Struct, frozen=True):
    """What a user asked for: the cluster, its controllers, and how they act."""

    cluster: LayeredCluster
    runs: tuple[ControllerRun, ...]
    queue: str | None = None
    aws_endpoint: str | None = None
    is_dry: bool = False
    is_once: bool = False
    by_server_clock: bool = False


async def run_controllers(
    client: httpx2.AsyncClient,
    chosen: Chosen,
    observers: Callable[[LiveWorld, LeaderLease], Observers],
    stop: asyncio.Event,
) -> None:
    """Run controllers on a cluster until stopped; the pass that runs then is finished.

    Raises:
        Exception: what ends a part of the process that has to run: a defect, or no way to AWS.
    """
    clock = ServerClock(client)
    now_ms = clock.now_ms if chosen.by_server_clock else machine_ms
    if chosen.by_server_clock:
        await clock.ask()
    lease = LeaderLease(client, KINGTIDE_NAMESPACE, LEASE, new_identity(), now_ms=now_ms)
    world = _world(client, chosen, lease, now_ms)
    process = Process(
        world,
        _loops(chosen, world),
        Deliberation(world.cluster, _budgets(chosen)),
        lease,
        observers(world, lease),
        now_ms,
        expected=chosen.cluster.full_name,
        is_dry=chosen.is_dry,
    )
    beside: list[Coroutine[Any, Any, None]] = [world.run(), lease.run()]
    if chosen.by_server_clock:
        beside.append(clock.run())
    await _until_done(process.run(stop, once=chosen.is_once), beside)
    with contextlib.suppress(httpx2.HTTPError):
        await lease.release()


async def _until_done(
    work: Coroutine[Any, Any, None], beside: Sequence[Coroutine[Any, Any, None]]
) -> None:
    """Run the work with what it needs beside it; what ends one of those early ends the work."""
    main = asyncio.ensure_future(work)
    others = [asyncio.ensure_future(it) for it in beside]
    try:
        await asyncio.wait([main, *others], return_when=asyncio.FIRST_COMPLETED)
        broken = next((it for it in others if it.done()), None)
        if broken is not None:
            broken.result()
        await main
    finally:
        for task in (main, *others):
            task.cancel()
        await asyncio.gather(main, *others, return_exceptions=True)


def _world(
    client: httpx2.AsyncClient, chosen: Chosen, lease: LeaderLease, now_ms: Callable[[], int]
) -> LiveWorld:
    spec = chosen.cluster.spec
    api = Api(client, WriteRate(), may_write=lambda: lease.is_leader)
    observed = Observed(client, _config_maps(chosen), collection=GarbageCollection())
    aws = AwsClient(spec.region, chosen.aws_endpoint, may_write=lambda: lease.is_leader)
    view = AwsView(aws, cluster_selection(chosen.cluster.full_name), now_ms)
    arrived = asyncio.Event()
    queue = None
    if chosen.queue is not None:
        queue = InterruptionInbox(aws, chosen.queue, arrived.set, now_ms)

    async def node_of(instance_id: str) -> str | None:
        return await node_of_instance(api, instance_id) or None

    performer = AwsPerformer(aws, view.reader, node_of, queue, view.ask, now_ms)
    return LiveWorld(observed, view, KubernetesPerformer(api, now_ms), performer, queue, arrived)


def _config_maps(chosen: Chosen) -> list[str]:
    """Return the ConfigMaps that the controllers read: the order of groups, and ladders."""
    orders = [
        run.policy.priority_config_map
        for run in chosen.runs
        if isinstance(run.policy, NodeAutoscalingPolicy)
    ]
    groups = chosen.cluster.spec.overprovisioning
    return orders + [f"{PAUSE_NAMESPACE}/{pause_name(group)}" for group in groups]


def _budgets(chosen: Chosen) -> Any:
    return read_budgets(disruption_policy(chosen.cluster.node))


def _loops(chosen: Chosen, world: LiveWorld) -> list[ControlLoop[Any, Any]]:
    sight = Sight(
        world.cluster,
        world.cloud,
        chosen.cluster.full_name,
        lambda: world.inbox,
        _budgets(chosen),
    )
    return [
        ControlLoop(
            CONTROLLERS[run.key].controller, run.policy, sight, 1, loop_name(chosen.runs, place)
        )
        for place, run in enumerate(chosen.runs)
    ]
