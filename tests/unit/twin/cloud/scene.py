"""A small cloud to look at: one or more groups, and a listener that writes down what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kingtide.aws.autoscaling import (
    AutoScalingGroup,
    CapacityPool,
    Instance,
    Lifecycle,
    ScalingActivity,
)
from kingtide.twin.cloud.cloud import Cloud
from kingtide.twin.cloud_conditions import CloudConditions
from kingtide.twin.definition import NodeGroup, PoolOutage
from kingtide.twin.engine import Engine
from kingtide.twin.latencies import Latency, LatencyTable, constant
from kingtide.twin.seed import SeedTree

START_MS = 1_606_852_800_000
ZONES = ("eu-west-3a", "eu-west-3b", "eu-west-3c")
TYPES = ("c5.4xlarge", "c5d.4xlarge", "c5n.4xlarge")
SPOT = "spot-nodes-workers-4x"
ON_DEMAND = "on-demand-workers-4x"

REACTION_MS = 5_000
LAUNCH_MS = 10_000
FAILURE_MS = 3_000
RETRY_MS = 60_000
DESCRIBE_MS = 1_000
TERMINATE_MS = 40_000
HEALTH_CHECK_MS = 20_000
DELIVERY_MS = 500
VISIBILITY_MS = 20_000
RETENTION_MS = 300_000

STEADY: Mapping[str, Latency] = {
    name: constant(ms, "made for this test")
    for name, ms in {
        "cloud.group_reaction": REACTION_MS,
        "cloud.launch": LAUNCH_MS,
        "cloud.report_failure": FAILURE_MS,
        "cloud.retry_launch": RETRY_MS,
        "cloud.describe": DESCRIBE_MS,
        "cloud.terminate": TERMINATE_MS,
        "cloud.health_check": HEALTH_CHECK_MS,
        "queue.delivery": DELIVERY_MS,
        "queue.visibility_timeout": VISIBILITY_MS,
        "queue.retention": RETENTION_MS,
    }.items()
}


class Told:
    """Writes down what the cloud tells: (what, instance id or group, milliseconds since start)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.events: list[tuple[str, str, int]] = []
        self.failures: list[tuple[ScalingActivity, int]] = []
        self.pools: dict[str, CapacityPool] = {}
        self.prices: list[tuple[int, CapacityPool, int]] = []
        self.interruptions: list[tuple[int, int, str]] = []

    def _add(self, what: str, name: str) -> None:
        self.events.append((what, name, self._engine.now_ms - START_MS))

    def on_running(self, instance: Instance, launched_ms: int) -> None:
        assert launched_ms == instance.launched_ms
        self.pools[instance.instance_id] = instance.pool
        self._add("running", instance.instance_id)

    def on_terminating(self, instance: Instance) -> None:
        self._add("terminating", instance.instance_id)

    def on_terminated(self, instance: Instance) -> None:
        self._add("terminated", instance.instance_id)

    def on_launch_failed(self, activity: ScalingActivity, wanted: int) -> None:
        self.failures.append((activity, wanted))
        self._add("failed", activity.group)

    def on_interruption(self, instances: Sequence[Instance], notice_ms: int, why: str) -> None:
        self.interruptions.append((len(instances), notice_ms, why))
        for instance in instances:
            self._add("warned", instance.instance_id)

    def on_rebalance_recommendation(self, instances: Sequence[Instance]) -> None:
        for instance in instances:
            self._add("recommended", instance.instance_id)

    def on_account_launch(
        self, account: str, pool: CapacityPool, wanted: int, launched: int
    ) -> None:
        self._add("account", f"{account} {launched}/{wanted} {pool}")

    def on_zone_lost(self, zone: str, instances: int) -> None:
        self._add("zone lost", f"{zone} {instances}")

    def on_price_change(self, pool: CapacityPool, micro_usd_per_hour: int) -> None:
        self.prices.append((self._engine.now_ms - START_MS, pool, micro_usd_per_hour))

    def times_of(self, what: str) -> list[int]:
        return [at_ms for kind, _, at_ms in self.events if kind == what]


class Scene(msgspec.Struct):
    """A cloud with its engine and listener."""

    engine: Engine
    cloud: Cloud
    told: Told

    def run_for(self, milliseconds: int) -> None:
        self.engine.run_until(self.engine.now_ms + milliseconds)

    def activities(self, group: str) -> Sequence[ScalingActivity]:
        return self.cloud.view.activities_since(group, 0)

    def active(self, group: str) -> list[Instance]:
        members = self.cloud.group(group).instances
        return [i for i in members if i.state in ("Pending", "InService")]


def spot_group(**changes: object) -> AutoScalingGroup:
    """A spot group of three types in three zones, 0 to 10 instances."""
    group = AutoScalingGroup(
        name=SPOT,
        min_size=0,
        max_size=10,
        desired_capacity=0,
        instance_types=TYPES,
        zones=ZONES,
        tags={},
        on_demand_percentage_above_base=0,
    )
    return msgspec.structs.replace(group, **changes)


def on_demand_group(**changes: object) -> AutoScalingGroup:
    """The same of on-demand instances."""
    return spot_group(name=ON_DEMAND, on_demand_percentage_above_base=100, **changes)


def every_pool(lifecycle: Lifecycle = "spot") -> tuple[CapacityPool, ...]:
    """All pools of these groups."""
    return tuple(CapacityPool(name, zone, lifecycle) for name in TYPES for zone in ZONES)


def empty(
    pools: tuple[CapacityPool, ...], from_ms: int = 0, until_ms: int | None = None
) -> PoolOutage:
    """An outage, in milliseconds since the start."""
    until = None if until_ms is None else START_MS + until_ms
    return PoolOutage(pools, START_MS + from_ms, until)


def scene(
    *groups: NodeGroup,
    outages: Sequence[PoolOutage] = (),
    seed: int = 1,
    latencies: Mapping[str, Latency] = STEADY,
    conditions: CloudConditions | None = None,
) -> Scene:
    """Build a cloud; without groups it is one empty spot group."""
    engine, seeds = Engine(START_MS), SeedTree(seed)
    told = Told(engine)
    table = LatencyTable(seeds, latencies)
    cloud = Cloud(
        engine,
        seeds,
        table,
        groups or (NodeGroup(spot_group()),),
        outages,
        told,
        conditions=conditions or CloudConditions(duplicate_messages_per_million=0),
    )
    return Scene(engine, cloud, told)
