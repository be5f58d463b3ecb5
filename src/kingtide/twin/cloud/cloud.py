"""The simulated cloud as the world and the performers of actions use it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, ScalingActivity
from kingtide.twin.cloud.answer import Answer, validation_error
from kingtide.twin.cloud.capacity_changes import CapacityChanges
from kingtide.twin.cloud.cost import CostMeter
from kingtide.twin.cloud.describe import CloudDescription
from kingtide.twin.cloud.groups import ScalingGroup
from kingtide.twin.cloud.instances import Fleet
from kingtide.twin.cloud.interruptions import NOTICE_MS, UNSAID, Interruptions
from kingtide.twin.cloud.lifecycle_waits import LifecycleResult
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.planned import plan
from kingtide.twin.cloud.pools import CapacityPools
from kingtide.twin.cloud.price_changes import PriceChanges
from kingtide.twin.cloud.prices import PriceList
from kingtide.twin.cloud.queue import InterruptionQueue
from kingtide.twin.cloud_conditions import CloudConditions
from kingtide.twin.definition import NodeGroup, PoolOutage, PriceOverride
from kingtide.twin.engine import Engine
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.seed import SeedTree


class ImpossibleGroup(ValueError):
    """A group's definition contradicts itself."""


class Cloud:
    """Auto Scaling groups over capacity pools, from the engine's present time on.

    Groups start with their `running` instances in service and with the greatest of desired
    capacity, minimum size and `running` as desired. `listener` is not called for those; read
    `instances()`. Every random choice hangs on the group's name and a count of its own.

    Raises:
        ImpossibleGroup: no zones or types, min above max, or more than max running.
        UnknownInstanceType: a type that the price table does not have.
    """

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        latencies: LatencyTable,
        node_groups: Sequence[NodeGroup],
        outages: Sequence[PoolOutage],
        listener: InstanceListener,
        price_overrides: Sequence[PriceOverride] = (),
        conditions: CloudConditions | None = None,
    ) -> None:
        zones = [zone for node_group in node_groups for zone in node_group.group.zones]
        prices = PriceList(_region_of(zones[0]) if zones else "", price_overrides)
        pools = CapacityPools(seeds, outages)
        conditions = conditions or CloudConditions()
        self.queue = InterruptionQueue(
            engine, seeds, latencies, conditions.duplicate_messages_per_million
        )
        self._fleet = Fleet(engine, seeds, latencies, pools, prices, self.queue, listener)
        self._listener = listener
        self._zone_rebalancing = conditions.zone_rebalancing
        self._groups: dict[str, ScalingGroup] = {}
        self.interruptions = Interruptions(engine, seeds, self._groups, self.queue, listener)
        self._capacity = CapacityChanges(
            engine, seeds, pools, self.interruptions, listener, conditions
        )
        PriceChanges(engine, seeds, prices, self.cost, listener, conditions.price_courses)
        for node_group in node_groups:
            self._add(node_group)
        plan(engine, self, conditions)

    @property
    def view(self) -> CloudDescription:
        """What controllers see: behind the truth by the describe latencies."""
        return self._fleet.description

    @property
    def cost(self) -> CostMeter:
        """What the instances cost, from the start of the world."""
        return self._fleet.cost

    @property
    def pools(self) -> CapacityPools:
        """Where there is capacity."""
        return self._fleet.pools

    @property
    def prices(self) -> PriceList:
        """What each pool costs."""
        return self._fleet.prices

    def instances(self) -> Iterator[Instance]:
        """Yield every instance that is not terminated, by group in order of launch."""
        for group in self._groups.values():
            yield from group.instances.values()

    def group(self, name: str) -> AutoScalingGroup:
        """Return a group as it truly is now, for checks and figures; controllers use `view`."""
        return self._groups[name].picture()

    def set_desired_capacity(self, group: str, desired: int, expected_desired: int) -> Answer:
        """Change a group's desired capacity if it still is `expected_desired`.

        Answers done, precondition_failed, or failed with ValidationError beyond min or max.
        """
        found = self._groups.get(group)
        if found is None:
            return _not_found(group)
        return found.set_desired_capacity(desired, expected_desired)

    def terminate_instance(self, group: str, instance_id: str, *, decrement: bool = True) -> Answer:
        """Terminate an instance of a group and, with `decrement`, want one less.

        Answers done, precondition_failed for one that is terminating already, or failed with
        ValidationError for an unknown one or where desired is at its minimum.
        """
        found = self._groups.get(group)
        if found is None:
            return _not_found(group)
        return found.terminate(instance_id, decrement=decrement)

    def last_activity(self, group: str) -> ScalingActivity | None:
        """Return the activity that a group began last, as a call that begins one answers it."""
        return self._fleet.last_begun.get(group)

    # -- lifecycle hooks

    def complete_lifecycle_action(
        self, group: str, hook: str, instance_id: str, token: str, result: LifecycleResult
    ) -> Answer:
        """Let a held instance end; failed with ValidationError where `token` names no wait."""
        return self._fleet.waits.complete(group, hook, instance_id, token, result)

    def record_lifecycle_heartbeat(
        self, group: str, hook: str, instance_id: str, token: str
    ) -> Answer:
        """Restart a wait's timeout; failed with ValidationError where `token` names no wait."""
        return self._fleet.waits.heartbeat(group, hook, instance_id, token)

    def lifecycle_token(self, instance_id: str) -> str:
        """Return the token of the wait that holds an instance, empty where none does."""
        return self._fleet.waits.token_of(instance_id)

    @property
    def lifecycle_timeouts(self) -> int:
        """How many held instances ended because nobody answered in time."""
        return self._fleet.waits.timeouts

    # -- what the cloud does by itself

    def reclaim(
        self, instance_ids: Sequence[str], notice_ms: int = NOTICE_MS, why: str = UNSAID
    ) -> Sequence[str]:
        """Take spot instances back after a notice (0: without a warning).

        Returns those that were running; unknown, ending and on-demand ones are left alone, and so
        are those whose notice already ends as early. `why` is a clause for the journal.
        """
        return self.interruptions.reclaim(instance_ids, notice_ms, why)

    def reclaim_share(
        self,
        pools: Sequence[CapacityPool],
        parts_per_million: int,
        notice_ms: int = NOTICE_MS,
        why: str = UNSAID,
    ) -> Sequence[str]:
        """Take a share of the spot instances in these pools back, rounded up, by lot."""
        chosen = self.interruptions.share_of(pools, parts_per_million)
        return self.interruptions.reclaim(chosen, notice_ms, why)

    def recommend_rebalance(
        self, instance_ids: Sequence[str], notice_after_ms: int | None = None
    ) -> Sequence[str]:
        """Recommend to move away from spot instances; None: no interruption follows.

        Returns those that were running. So long after the recommendation the usual warning comes.
        """
        return self.interruptions.recommend(instance_ids, notice_after_ms)

    def close_pools(self, pools: Sequence[CapacityPool], until_ms: int | None) -> None:
        """Have pools launch nothing from now until a time; what runs there stays."""
        now_ms = self._fleet.engine.now_ms
        self._fleet.engine.trace(f"cloud closes {' '.join(map(str, pools))}")
        self.pools.close(pools, now_ms, until_ms)

    def set_depth(
        self, pools: Sequence[CapacityPool], instances: int, until_ms: int | None = None
    ) -> None:
        """Let each pool give so many instances more, and then none, until a time."""
        self._capacity.set_depth(pools, instances, until_ms)

    def lose_zone(self, zone: str, until_ms: int | None) -> None:
        """Have a zone fail: its instances end without notice and none launches until a time."""
        lost = [i for i in self.instances() if i.pool.zone == zone and i.state != "Terminating"]
        self._fleet.engine.trace(f"cloud loses {zone}")
        self._listener.on_zone_lost(zone, len(lost))
        self.close_pools([pool for pool in self.all_pools() if pool.zone == zone], until_ms)
        for instance in lost:
            self._groups[instance.group].lose(instance.instance_id)

    def all_pools(self) -> Sequence[CapacityPool]:
        """Return every pool that a group may launch into, each once, in order of the groups."""
        found: dict[CapacityPool, None] = {}
        for state in self._groups.values():
            found |= dict.fromkeys(state.pools())
        return tuple(found)

    def _add(self, node_group: NodeGroup) -> None:
        group, running = node_group.group, node_group.running
        _check(group, running)
        for name in group.instance_types:
            for zone in group.zones:
                self.prices.micro_usd_per_hour(CapacityPool(name, zone, group.lifecycle))
        desired = max(group.desired_capacity, group.min_size, running)
        state = ScalingGroup(group, desired, self._fleet, zone_rebalancing=self._zone_rebalancing)
        self._groups[group.name] = state
        state.start(running)
        self.view.show_at_once(state.picture())


def _check(group: AutoScalingGroup, running: int) -> None:
    if not group.zones or not group.instance_types:
        raise ImpossibleGroup(f"group {group.name} has no zones or no instance types")
    largest = max(running, group.desired_capacity)
    if not 0 <= group.min_size <= group.max_size or not 0 <= largest <= group.max_size:
        raise ImpossibleGroup(
            f"group {group.name}: min {group.min_size}, max {group.max_size}, desired"
            f" {group.desired_capacity} and {running} running do not fit together"
        )


def _not_found(group: str) -> Answer:
    return validation_error(f"AutoScalingGroup name not found - AutoScalingGroup {group} not found")


def _region_of(zone: str) -> str:
    """`eu-west-3a` is in `eu-west-3`."""
    return zone[:-1]
