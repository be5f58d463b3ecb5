"""Puts a running process together: cluster, account, lease, loops, observers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

import httpx2
import msgspec

from kingtide.control.deliberation import Deliberation, Loop
from kingtide.control.loop import ControlLoop, Sight
from kingtide.fleet.pause_pods import PAUSE_NAMESPACE, pause_name
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.repository import LayeredCluster
from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.live.aws.client import AwsClient
from kingtide.live.aws.groups import cluster_selection
from kingtide.live.aws.limits import CallLimits
from kingtide.live.aws.performing import AwsPerformer
from kingtide.live.aws.queue import InterruptionInbox
from kingtide.live.aws.view import AwsView
from kingtide.live.kubernetes.events.recorder import EventRecorder
from kingtide.live.kubernetes.events.told_event import Regarding
from kingtide.live.kubernetes.lease import LeaderLease, new_identity
from kingtide.live.kubernetes.observing.collection import GarbageCollection
from kingtide.live.kubernetes.observing.observed import Observed
from kingtide.live.kubernetes.performing.api import Api
from kingtide.live.kubernetes.performing.nodes import node_of_instance
from kingtide.live.kubernetes.performing.performer import KubernetesPerformer
from kingtide.live.kubernetes.performing.write_rate import WriteRate
from kingtide.live.write_alarm import WriteAlarm
from kingtide.operate.running.asked import Asked, Wanted
from kingtide.operate.running.beginning import FirstPass, NoPass, first_answer
from kingtide.operate.running.clock import MachineClock, Pace, ServerClock
from kingtide.operate.running.health import HealthServer, application
from kingtide.operate.running.journal import DecisionFile
from kingtide.operate.running.live_world import LiveWorld
from kingtide.operate.running.logs import DecisionLog
from kingtide.operate.running.metrics import Metrics
from kingtide.operate.running.policies import PolicyFiles
from kingtide.operate.running.process import Process, Settings, nothing_changed
from kingtide.operate.running.reloading import Reloading
from kingtide.operate.running.telling import EventTelling, Journal, PhrasesOf, observers
from kingtide.operate.running.troubles import Troubles, troubles_of
from kingtide.operate.running.world import Alone, Leadership
from kingtide.operate.running.world_metrics import Parts
from kingtide.roster.registry import CONTROLLERS, ControllerRun, loop_name

LEASE = "kingtide"
"""The Lease in our namespace by which one process of a cluster leads."""
OURSELVES = Regarding("Lease", "coordination.k8s.io/v1", KINGTIDE_NAMESPACE, LEASE)
"""What an Event is about that is about no object of the cluster."""
ONCE_SECONDS = 120
"""Who makes one pass waits no longer for the Lease and for a whole view: eight times what another
process may hold a Lease for that it does not renew."""

LAST_EVENTS_SECONDS = 2
"""For the Events of the last second; the Lease waits meanwhile."""

Beside = list[Coroutine[Any, Any, None]]


class Chosen(msgspec.Struct, frozen=True):
    """What a user asked for: the cluster, its controllers, and how they act.

    `wanted` has the files read again when they change, None does not. `identity` is who we are
    among those who might lead, None for this process's name.
    """

    asked: Asked
    wanted: Wanted | None = None
    queue: str | None = None
    aws_endpoint: str | None = None
    is_dry: bool = False
    is_once: bool = False
    once_seconds: float = ONCE_SECONDS
    by_server_clock: bool = False
    identity: str | None = None


LoopsOf = Callable[[Asked, LiveWorld], tuple[Loop, ...]]
"""Returns the loops that run what was asked for, in a world."""


class Outlets(NamedTuple):
    """Where a process tells what it does; None for what is not wanted."""

    log: DecisionLog
    phrases: PhrasesOf
    journal: DecisionFile | None = None
    listener: socket.socket | None = None


def loops_of(asked: Asked, world: LiveWorld) -> tuple[Loop, ...]:
    """Return a loop for each run of the roster's controllers."""
    sight = Sight(
        world.cluster,
        world.cloud,
        asked.cluster.full_name,
        lambda: world.inbox,
        asked.budgets,
    )
    return tuple(
        ControlLoop(
            CONTROLLERS[run.key].controller, run.policy, sight, 1, loop_name(asked.runs, place)
        )
        for place, run in enumerate(asked.runs)
    )


async def run_controllers(
    client: httpx2.AsyncClient,
    chosen: Chosen,
    outlets: Outlets,
    stop: asyncio.Event,
    loops: LoopsOf = loops_of,
) -> None:
    """Run controllers on a cluster until stopped; the pass that runs then is finished.

    Raises:
        NotConnectable, ApiRefused: who we are is not accepted.
        NotReached: the cluster does not answer at the start.
        NoPass: it is to be one pass, and none could be made.
        Exception: what ends a part of the process that has to run: a defect, or no way to AWS.
    """
    began = time.monotonic()
    await first_answer(client)
    clock = ServerClock(client)
    pace: Pace = clock if chosen.by_server_clock else MachineClock()
    now_ms = pace.now_ms
    identity = chosen.identity or new_identity()
    lease = LeaderLease(client, KINGTIDE_NAMESPACE, LEASE, identity, now_ms=now_ms)
    beside: Beside = []
    if chosen.by_server_clock:
        await clock.ask()
        beside.append(clock.run())
    alarm = WriteAlarm(lease.seconds_left)
    lease.on_renewal = alarm.renewed
    leadership: Leadership = Alone(lease.identity) if chosen.is_dry else lease
    if not chosen.is_dry:
        await lease.try_once()  # who leads before the first list needs no second one
        beside.append(lease.run())
    world, parts = _world(client, chosen, leadership, alarm, pace)
    process, more = _process(world, parts, chosen, outlets, pace, loops, began)
    beside += [world.run(), Troubles(lambda: troubles_of(parts), outlets.log).run(), *more]
    try:
        work = process.run(stop, once=chosen.is_once)
        if chosen.is_once:
            work = _bounded(work, process, chosen.once_seconds)
        await until_done(work, beside)
    finally:
        await world.give_back()
        if parts.events is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(parts.events.write_due(), LAST_EVENTS_SECONDS)
        await lease.release()
        parts.aws.close()


async def _bounded(work: Coroutine[Any, Any, None], process: Process, seconds: float) -> None:
    try:
        await asyncio.wait_for(work, seconds)
    except TimeoutError:
        why = process.unready() or "another process leads"
        raise NoPass(f"no pass within {seconds:g} s: {why}") from None


async def until_done(work: Coroutine[Any, Any, None], beside: Beside) -> None:
    """Run the work with what it needs beside it; what ends one of those early ends the work."""
    main = asyncio.ensure_future(work)
    others = [asyncio.ensure_future(it) for it in beside]
    try:
        await asyncio.wait([main, *others], return_when=asyncio.FIRST_COMPLETED)
        broken = next((it for it in others if it.done()), None)
        if broken is not None and not main.done():
            broken.result()
            raise RuntimeError(f"a part of the process has ended: {broken}")
        await main
    finally:
        for task in (main, *others):
            task.cancel()
        await asyncio.gather(main, *others, return_exceptions=True)


def _process(
    world: LiveWorld,
    parts: Parts,
    chosen: Chosen,
    outlets: Outlets,
    pace: Pace,
    loops: LoopsOf,
    began: float,
) -> tuple[Process, Beside]:
    """Return the pass loop, and what has to run beside it; `began` is monotonic."""
    log, asked = outlets.log, chosen.asked
    leadership = parts.leadership
    metrics = Metrics(world.staleness_seconds, lambda: leadership.is_leader)
    metrics.reads(parts.samples)
    events = None
    beside: Beside = []
    if parts.events is not None:
        events = EventTelling(parts.events, outlets.phrases, world.cluster, OURSELVES)
        beside.append(parts.events.run())
    first = FirstPass(metrics, log, began)
    tells = observers(metrics, Journal(outlets.journal, log, metrics), log, events, first)
    settings: Callable[[Sequence[Loop]], Settings | None] = nothing_changed
    if chosen.wanted is not None:
        files = PolicyFiles(chosen.wanted, asked, arrived=world.wake)

        def made(found: Asked) -> tuple[Loop, ...]:
            parts.observed.follow_config_maps(followed_config_maps(found.cluster, found.runs))
            return loops(found, world)

        settings = Reloading(files, asked, made, tells, metrics, log, pace.now_ms)
        beside.append(files.run())
    process = Process(
        world,
        loops(asked, world),
        Deliberation(world.cluster, asked.budgets),
        leadership,
        tells,
        pace.now_ms,
        expected=asked.cluster.full_name,
        safety=asked.safety,
        is_dry=chosen.is_dry,
        settings=settings,
        sleep=pace.sleep,
    )
    if outlets.listener is not None:
        app = application(metrics.registry, process.pulse.unhealthy, process.unready)
        beside.append(HealthServer(app, outlets.listener).answer())
    return process, beside


def _world(
    client: httpx2.AsyncClient,
    chosen: Chosen,
    leadership: Leadership,
    alarm: WriteAlarm,
    pace: Pace,
) -> tuple[LiveWorld, Parts]:
    cluster, now_ms = chosen.asked.cluster, pace.now_ms

    def may_write() -> bool:
        return leadership.is_leader and not chosen.is_dry

    rate = WriteRate(clock=pace.seconds, sleep=pace.sleep)
    api = Api(client, rate, may_write, writing=alarm.writing)
    config_maps = followed_config_maps(cluster, chosen.asked.runs)
    observed = Observed(client, config_maps, collection=GarbageCollection())
    limits = CallLimits(clock=pace.seconds)
    aws = AwsClient(
        cluster.spec.region, chosen.aws_endpoint, limits, may_write, writing=alarm.writing
    )
    if not chosen.is_dry:
        aws.prepare_writes("autoscaling")
    view = AwsView(
        aws, cluster_selection(cluster.full_name), now_ms, pace.seconds, sleep=pace.sleep
    )
    arrived = asyncio.Event()
    queue = None
    if chosen.queue is not None and not chosen.is_dry:
        queue = InterruptionInbox(aws, chosen.queue, arrived.set, now_ms)
    events = None if chosen.is_dry else EventRecorder(client, leadership.identity, now_ms)

    async def node_of(instance_id: str) -> str | None:
        return await node_of_instance(api, instance_id) or None

    performer = AwsPerformer(aws, view.reader, node_of, queue, view.ask, now_ms, pace.seconds)
    world = LiveWorld(
        observed,
        view,
        KubernetesPerformer(api, now_ms),
        performer,
        lambda: leadership.is_leader,
        queue,
        arrived,
    )
    return world, Parts(observed, view, aws, rate, leadership, queue, events)


def followed_config_maps(cluster: LayeredCluster, runs: Sequence[ControllerRun]) -> list[str]:
    """Return the ConfigMaps that the controllers read: the order of groups, and ladders."""
    orders = [
        run.policy.priority_config_map
        for run in runs
        if isinstance(run.policy, NodeAutoscalingPolicy)
    ]
    groups = cluster.spec.overprovisioning
    return orders + [f"{PAUSE_NAMESPACE}/{pause_name(group)}" for group in groups]
