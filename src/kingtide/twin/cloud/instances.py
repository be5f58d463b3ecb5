"""The life of instances: launched, running, shutting down, gone; billed while they run."""

from __future__ import annotations

from typing import Protocol

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    InstanceState,
    Lifecycle,
    ScalingActivity,
)
from kingtide.twin.cloud import wording
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cloud.describe import CloudDescription
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.pools import CapacityPools
from kingtide.twin.cloud.prices import PriceList
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
        listener: InstanceListener,
    ) -> None:
        self.engine = engine
        self.seeds = seeds
        self.latencies = latencies
        self.pools = pools
        self.prices = prices
        self.cost = CostMeter(engine.now_ms)
        self.description = CloudDescription(engine, latencies)
        self._listener = listener
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
    ) -> None:
        """Start an instance in a pool that has capacity: the group's number-th."""
        now_ms = self.engine.now_ms
        instance = Instance(self._instance_id(group, number), group, pool, "Pending", now_ms)
        activity = self._begin(instance, f"launch/{number}", "Launching a new EC2 instance", cause)
        self._launch_activities[instance.instance_id] = activity
        self.engine.trace(f"cloud {group} launch {instance.instance_id} {pool}")
        owner.instance_changed(instance)
        delay_ms = self.latencies.draw_ms("cloud.launch", instance.instance_id)
        self.engine.after(delay_ms, EventClass.WORLD, self._run, owner, instance)

    def already_running(self, group: str, pool: CapacityPool, number: int) -> Instance:
        """Return an instance in service from the start of the world; the listener is not called."""
        now_ms = self.engine.now_ms
        instance = Instance(self._instance_id(group, number), group, pool, "InService", now_ms)
        self.engine.trace(f"cloud {group} runs {instance.instance_id} {pool}")
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

    def terminate(self, owner: InstanceOwner, instance: Instance, number: int, cause: str) -> None:
        """Shut an instance down: the group's number-th termination."""
        ending = _in_state(instance, "Terminating")
        activity = self._begin(ending, f"terminate/{number}", "Terminating EC2 instance", cause)
        self.engine.trace(f"cloud {ending.group} terminate {ending.instance_id}")
        launch = self._launch_activities.pop(ending.instance_id, None)
        owner.instance_changed(ending)
        if launch is not None:
            self._end(launch, "Cancelled")
        else:
            self._stop_billing(ending)
            self._listener.on_terminating(ending)
        delay_ms = self.latencies.draw_ms("cloud.terminate", ending.instance_id)
        self.engine.after(
            delay_ms, EventClass.WORLD, self._gone, owner, ending, activity, launch is None
        )

    def _gone(
        self, owner: InstanceOwner, ending: Instance, activity: ScalingActivity, ran: bool
    ) -> None:
        instance = _in_state(ending, "Terminated")
        self.engine.trace(f"cloud {instance.group} terminated {instance.instance_id}")
        self._end(activity, "Successful")
        owner.instance_changed(instance)
        if ran:
            self._listener.on_terminated(instance)

    # -- bills, activities, ids

    def _bill(self, instance: Instance) -> None:
        now_ms, pool = self.engine.now_ms, instance.pool
        self._running_since_ms[instance.instance_id] = now_ms
        self.cost.start(pool.lifecycle, self.prices.micro_usd_per_hour(pool), now_ms)

    def _stop_billing(self, instance: Instance) -> None:
        since_ms, pool = self._running_since_ms.pop(instance.instance_id), instance.pool
        price = self.prices.micro_usd_per_hour(pool)
        self.cost.end(pool.lifecycle, price, since_ms, self.engine.now_ms)

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
        self.description.activity_changed(activity)
        return activity

    def _end(self, activity: ScalingActivity, status: str) -> None:
        ended = msgspec.structs.replace(activity, status=status, end_ms=self.engine.now_ms)
        self.description.activity_changed(ended)

    def _instance_id(self, group: str, number: int) -> str:
        """An id as EC2 writes it: `i-` and 17 hexadecimal digits, the first of them 0."""
        return f"i-0{self.seeds.draw('cloud/instance', group, number):016x}"

    def _activity_id(self, group: str, name: str) -> str:
        high, low = (self.seeds.draw("cloud/activity", f"{group}/{name}", n) for n in (0, 1))
        text = f"{high:016x}{low:016x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _in_state(instance: Instance, state: InstanceState) -> Instance:
    return msgspec.structs.replace(instance, state=state)
