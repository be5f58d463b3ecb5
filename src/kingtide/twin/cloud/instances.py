"""The life of instances: launched, running, shutting down, gone; billed while they run."""

from __future__ import annotations

from functools import partial
from typing import Literal, Protocol

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    InstanceState,
    Lifecycle,
    LifecycleHook,
    ScalingActivity,
)
from kingtide.twin.cloud import event_bodies, wording
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cloud.describe import CloudDescription
from kingtide.twin.cloud.lifecycle_waits import LifecycleWaits
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.pools import CapacityPools
from kingtide.twin.cloud.prices import PriceList
from kingtide.twin.cloud.queue import InterruptionQueue
from kingtide.twin.cloud.uuids import uuid_of
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree


class InstanceOwner(Protocol):
    """The group an instance belongs to."""

    def instance_changed(self, instance: Instance) -> None:
        """Keep the instance's new state."""


class Fleet:
    """Carries out launches and terminations for all groups of a run."""

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        latencies: LatencyTable,
        pools: CapacityPools,
        prices: PriceList,
        queue: InterruptionQueue,
        listener: InstanceListener,
    ) -> None:
        self.engine = engine
        self.seeds = seeds
        self.latencies = latencies
        self.pools = pools
        self.prices = prices
        self.cost = CostMeter(engine.now_ms)
        self.description = CloudDescription(engine, latencies)
        self.waits = LifecycleWaits(engine, seeds, queue)
        self.last_begun: dict[str, ScalingActivity] = {}
        """Each group's newest activity, before any describe call shows it."""
        self._queue = queue
        self._listener = listener
        self._waiting: dict[str, ScalingActivity] = {}
        self._launch_activities: dict[str, ScalingActivity] = {}
        self._running_since_ms: dict[str, int] = {}

    def has_capacity(self, pool: CapacityPool) -> bool:
        """Return whether a pool has capacity now."""
        return self.pools.has_capacity(pool, self.engine.now_ms)

    def depth(self, pool: CapacityPool) -> int:
        """Return a pool's depth now."""
        return self.pools.depth(pool, self.engine.now_ms)

    # -- launch

    def launch(
        self, owner: InstanceOwner, group: str, pool: CapacityPool, number: int, cause: str
    ) -> Instance:
        """Start an instance in a pool that has capacity: the group's number-th."""
        now_ms = self.engine.now_ms
        instance = Instance(self._instance_id(group, number), group, pool, "Pending", now_ms)
        activity = self._begin(instance, f"launch/{number}", "Launching a new EC2 instance", cause)
        self._launch_activities[instance.instance_id] = activity
        self.engine.trace(f"cloud {group} launch {instance.instance_id} {pool}")
        self.pools.take(pool)
        owner.instance_changed(instance)
        delay_ms = self.latencies.draw_ms("cloud.launch", instance.instance_id)
        self.engine.after(delay_ms, EventClass.WORLD, self._run, owner, instance)
        return instance

    def already_running(self, group: str, pool: CapacityPool, number: int) -> Instance:
        """Return an instance in service from the start of the world; the listener is not called."""
        now_ms = self.engine.now_ms
        instance = Instance(self._instance_id(group, number), group, pool, "InService", now_ms)
        self.engine.trace(f"cloud {group} runs {instance.instance_id} {pool}")
        self.pools.take(pool)
        self._bill(instance)
        return instance

    def launch_failed(
        self, group: AutoScalingGroup, lifecycle: Lifecycle, wanted: int, number: int, cause: str
    ) -> None:
        """Record the failure of the number-th attempt: one activity for all it wanted.

        AWS lists one activity an instance; those of one attempt fail alike here, so that one tells
        as much.
        """
        now_ms = self.engine.now_ms
        message = wording.SPOT_CAPACITY_FAILURE
        if lifecycle == "on-demand":
            pool = CapacityPool(group.instance_types[0], group.zones[0], lifecycle)
            message = wording.on_demand_capacity_failure(pool)
        activity = ScalingActivity(
            activity_id=self._activity_id(group.name, f"failure/{lifecycle}/{number}"),
            group=group.name,
            status="Failed",
            start_ms=now_ms,
            end_ms=now_ms,
            cause=cause,
            status_message=message,
            description=f"Launching a new EC2 instance.  Status Reason: {message}",
        )
        self.engine.trace(f"cloud {group.name} failed {wanted} {lifecycle}")
        self.description.activity_changed(activity, "cloud.report_failure")
        self._listener.on_launch_failed(activity, wanted)

    def _run(self, owner: InstanceOwner, pending: Instance) -> None:
        activity = self._launch_activities.pop(pending.instance_id, None)
        if activity is None:
            return  # terminated before it ran
        instance = _in_state(pending, "InService")
        self.engine.trace(f"cloud {instance.group} running {instance.instance_id}")
        self._bill(instance)
        self._end(activity, "Successful")
        owner.instance_changed(instance)
        self._listener.on_running(instance, instance.launched_ms)

    # -- termination

    def terminate(
        self,
        owner: InstanceOwner,
        instance: Instance,
        number: int,
        cause: str,
        hook: LifecycleHook | None = None,
    ) -> None:
        """Shut an instance down, a running one after its hook: a group's number-th termination."""
        held = hook if instance.instance_id not in self._launch_activities else None
        ending = _in_state(instance, "Terminating" if held is None else "Terminating:Wait")
        activity = self._begin(ending, f"terminate/{number}", "Terminating EC2 instance", cause)
        self.engine.trace(f"cloud {ending.group} terminate {ending.instance_id}")
        launch = self._launch_activities.pop(ending.instance_id, None)
        owner.instance_changed(ending)
        if launch is not None:
            self._end(launch, "Cancelled")
            self._go(owner, ending, activity, ran=False)
        elif held is None:
            self._shut_down(owner, ending, activity)
        else:
            self._waiting[ending.instance_id] = activity
            proceed = partial(self._after_wait, owner, ending)
            self.waits.begin(ending, held, number, proceed)

    def take_away(self, owner: InstanceOwner, instance: Instance, number: int, cause: str) -> None:
        """End an instance without asking its group, whatever holds it."""
        activity = self._waiting.pop(instance.instance_id, None)
        if activity is None:
            self.terminate(owner, instance, number, cause)
            return
        self.waits.drop(instance.instance_id)
        ending = _in_state(instance, "Terminating")
        self.engine.trace(f"cloud {ending.group} taken {ending.instance_id}")
        owner.instance_changed(ending)
        self._shut_down(owner, ending, activity)

    def _after_wait(self, owner: InstanceOwner, waiting: Instance) -> None:
        activity = self._waiting.pop(waiting.instance_id)
        ending = _in_state(waiting, "Terminating")
        owner.instance_changed(ending)
        self._shut_down(owner, ending, activity)

    def _shut_down(self, owner: InstanceOwner, ending: Instance, activity: ScalingActivity) -> None:
        self._stop_billing(ending)
        self._listener.on_terminating(ending)
        self._tell(ending, "shutting-down")
        self._go(owner, ending, activity, ran=True)

    def _go(
        self, owner: InstanceOwner, ending: Instance, activity: ScalingActivity, *, ran: bool
    ) -> None:
        self.pools.give_back(ending.pool)
        delay_ms = self.latencies.draw_ms("cloud.terminate", ending.instance_id)
        self.engine.after(delay_ms, EventClass.WORLD, self._gone, owner, ending, activity, ran)

    def _gone(
        self, owner: InstanceOwner, ending: Instance, activity: ScalingActivity, ran: bool
    ) -> None:
        instance = _in_state(ending, "Terminated")
        self.engine.trace(f"cloud {instance.group} terminated {instance.instance_id}")
        self._end(activity, "Successful")
        owner.instance_changed(instance)
        if ran:
            self._tell(instance, "terminated")
            self._listener.on_terminated(instance)

    def _tell(self, instance: Instance, state: Literal["shutting-down", "terminated"]) -> None:
        now_ms = self.engine.now_ms
        self._queue.send(
            lambda event_id: event_bodies.state_change(event_id, now_ms, instance, state)
        )

    # -- bills, activities, ids

    def _bill(self, instance: Instance) -> None:
        now_ms, pool = self.engine.now_ms, instance.pool
        self._running_since_ms[instance.instance_id] = now_ms
        self.cost.start(pool, self.prices.micro_usd_per_hour(pool), now_ms)

    def _stop_billing(self, instance: Instance) -> None:
        since_ms, pool = self._running_since_ms.pop(instance.instance_id), instance.pool
        price = self.prices.micro_usd_per_hour(pool)
        self.cost.end(pool, price, since_ms, self.engine.now_ms)

    def _begin(self, instance: Instance, name: str, what: str, cause: str) -> ScalingActivity:
        activity = ScalingActivity(
            activity_id=self._activity_id(instance.group, name),
            group=instance.group,
            status="InProgress",
            start_ms=self.engine.now_ms,
            end_ms=None,
            cause=cause,
            description=f"{what}: {instance.instance_id}",
        )
        self.last_begun[instance.group] = activity
        self.description.activity_changed(activity)
        return activity

    def _end(self, activity: ScalingActivity, status: str) -> None:
        ended = msgspec.structs.replace(activity, status=status, end_ms=self.engine.now_ms)
        self.description.activity_changed(ended)

    def _instance_id(self, group: str, number: int) -> str:
        """An id as EC2 writes it: `i-` and 17 hexadecimal digits, the first of them 0."""
        return f"i-0{self.seeds.draw('cloud/instance', group, number):016x}"

    def _activity_id(self, group: str, name: str) -> str:
        return uuid_of(self.seeds, "cloud/activity", f"{group}/{name}")


def _in_state(instance: Instance, state: InstanceState) -> Instance:
    return msgspec.structs.replace(instance, state=state)
