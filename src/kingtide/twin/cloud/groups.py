"""One Auto Scaling group: it keeps as many instances as it is told to, or keeps trying.

Whatever changes, the group looks at desired and actual and launches or terminates the difference;
what could not be launched is tried again while desired exceeds actual, so lowering desired is what
ends the tries (https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from kingtide.aws.autoscaling import AutoScalingGroup, CapacityPool, Instance, Lifecycle
from kingtide.twin.cloud import wording
from kingtide.twin.cloud.allocation import choose_pool, lifecycles_of_next, zones_by_need
from kingtide.twin.cloud.answer import DONE, Answer, changed_meanwhile, validation_error
from kingtide.twin.cloud.instances import Fleet
from kingtide.twin.cloud.replacements import Replacements
from kingtide.twin.cloud.zone_balancing import ZoneBalancing
from kingtide.twin.engine import EventClass


class ScalingGroup:
    """A group's present state and its work; `instances` are all not yet terminated, by id."""

    def __init__(
        self, group: AutoScalingGroup, desired: int, fleet: Fleet, *, zone_rebalancing: bool = False
    ) -> None:
        self.desired = desired
        self.instances: dict[str, Instance] = {}
        self._group = group
        self._fleet = fleet
        self._replacements = Replacements(self, group)
        self._zone_balancing: ZoneBalancing | None = None
        if zone_rebalancing:
            self._zone_balancing = ZoneBalancing(
                fleet.engine,
                fleet.latencies,
                group.name,
                self._replacements,
                lambda: self.active >= self.desired,
            )
        self._request_cause = ""
        self._act_at_ms: int | None = None
        self._reactions = 0
        self._rounds = 0
        self._launches = 0
        self._terminations = 0
        self._losses = 0

    @property
    def active(self) -> int:
        """Instances that count against desired: Pending and InService."""
        return sum(not i.is_leaving for i in self.instances.values())

    def picture(self) -> AutoScalingGroup:
        """Return the group as AWS would describe it now."""
        return msgspec.structs.replace(
            self._group, desired_capacity=self.desired, instances=tuple(self.instances.values())
        )

    def pools(self) -> Sequence[CapacityPool]:
        """Return every pool that the group may launch into."""
        group = self._group
        percentage = group.on_demand_percentage_above_base
        lifecycles: dict[Lifecycle, bool] = {
            "spot": percentage < 100,
            "on-demand": percentage > 0 or group.on_demand_base > 0,
        }
        return [
            CapacityPool(name, zone, lifecycle)
            for lifecycle, used in lifecycles.items()
            if used
            for name in group.instance_types
            for zone in group.zones
        ]

    def start(self, running: int) -> None:
        """Put instances into service over zones and types, and launch what desired is above them.

        Spot types take turns, because a fleet was launched over days; on-demand follows the order
        of the list. Pools that are empty now are used only where no other is.
        """
        group, fleet = self._group, self._fleet
        types, zones = group.instance_types, dict.fromkeys(group.zones, 0)
        first = fleet.seeds.below(len(types), "cloud/first-type", group.name)
        for number, lifecycle in enumerate(lifecycles_of_next(group, 0, 0, running)):
            turn = first + number // len(zones) if lifecycle == "spot" else 0
            pools = [
                CapacityPool(types[(turn + i) % len(types)], zone, lifecycle)
                for zone in zones_by_need(group.zones, zones, 0)
                for i in range(len(types))
            ]
            pool = next((pool for pool in pools if fleet.has_capacity(pool)), pools[0])
            zones[pool.zone] += 1
            instance = fleet.already_running(group.name, pool, number)
            self.instances[instance.instance_id] = instance
        self._launches = running
        if self.desired != running:
            self.react()

    # -- calls

    def set_desired_capacity(self, desired: int, expected_desired: int) -> Answer:
        """Change desired, with HonorCooldown=false: activities in progress do not refuse it."""
        group = self._group
        if self.desired != expected_desired:
            return changed_meanwhile(
                f"desired capacity of {group.name} is {self.desired}, not {expected_desired}"
            )
        for bound, above, wrong in (
            (group.max_size, "above max", desired > group.max_size),
            (group.min_size, "below min", desired < group.min_size),
        ):
            if wrong:
                return validation_error(
                    f"New SetDesiredCapacity value {desired} is {above} value {bound} for the"
                    " AutoScalingGroup."
                )
        if desired != self.desired:
            engine = self._fleet.engine
            engine.trace(f"cloud {group.name} desired {self.desired} -> {desired}")
            self._request_cause = wording.desired_changed(engine.now_ms, self.desired, desired)
            self.desired = desired
            self._changed()
            self.react()
        return DONE

    def terminate(self, instance_id: str, *, decrement: bool) -> Answer:
        """Terminate an instance; without `decrement` the group replaces it."""
        instance = self.instances.get(instance_id)
        if instance is None:
            return validation_error(
                f"Instance Id not found - No managed instance found for instance ID: {instance_id}"
            )
        if instance.is_leaving:
            return changed_meanwhile(f"instance {instance_id} is terminating already")
        minimum = self._group.min_size
        if decrement and self.desired <= minimum:
            return validation_error(
                f"Currently, desiredSize equals minSize ({minimum}). Terminating instance without"
                " replacement will violate group's min size constraint. Either set"
                " shouldDecrementDesiredCapacity flag to false or lower group's min size."
            )
        before = self.desired
        self.desired -= decrement
        cause = wording.taken_out(self._fleet.engine.now_ms, before, self.desired, instance_id)
        self.take_out(instance, cause)
        self.react()
        return DONE

    def lose(self, instance_id: str) -> bool:
        """Lose an instance that EC2 takes away; the group replaces it once it looks.

        Returns False for one that is shutting down or gone.
        """
        instance = self.instances.get(instance_id)
        if instance is None or instance.state == "Terminating":
            return False
        self._terminations += 1
        self._losses += 1
        cause = wording.found_ended(self._fleet.engine.now_ms)
        self._fleet.take_away(self, instance, self._terminations, cause)
        self._act_in("cloud.health_check", self._losses)
        return True

    # -- reconciliation

    def react(self) -> None:
        """Have the group look at itself after Auto Scaling's reaction time."""
        self._reactions += 1
        self._act_in("cloud.group_reaction", self._reactions)

    def _act_in(self, latency: str, number: int) -> None:
        fleet = self._fleet
        due_ms = fleet.engine.now_ms + fleet.latencies.draw_ms(latency, self._group.name, number)
        if self._act_at_ms is None or due_ms < self._act_at_ms:
            self._act_at_ms = due_ms
            fleet.engine.at(due_ms, EventClass.WORLD, self._act, due_ms)

    def _act(self, due_ms: int) -> None:
        if due_ms != self._act_at_ms:
            return  # an earlier look took this one's place
        self._act_at_ms = None
        missing = self.desired + self._replacements.under_way - self.active
        if missing > 0:
            self._launch(missing)
        for _ in range(-missing):
            self._scale_in()
        self._request_cause = ""

    def _launch(self, missing: int) -> None:
        self._rounds += 1
        fleet, now_ms, before = self._fleet, self._fleet.engine.now_ms, self.active
        cause = wording.started(now_ms, before, before + missing)
        if self._request_cause:
            cause = f"{self._request_cause}  {cause}"
        zones = self._count(lambda instance: instance.pool.zone)
        lifecycles = self._count(lambda instance: instance.pool.lifecycle)
        wanted = lifecycles_of_next(
            self._group, lifecycles.get("spot", 0), lifecycles.get("on-demand", 0), missing
        )
        failed: dict[Lifecycle, int] = {}
        for lifecycle in wanted:
            if lifecycle in failed or not self._launch_one(lifecycle, zones, cause):
                failed[lifecycle] = failed.get(lifecycle, 0) + 1
        for lifecycle, count in failed.items():
            fleet.launch_failed(self._group, lifecycle, count, self._rounds, cause)
        if failed:
            self._act_in("cloud.retry_launch", self._rounds)

    def _launch_one(self, lifecycle: Lifecycle, zones: dict[str, int], cause: str) -> bool:
        rotation = self._fleet.seeds.below(
            len(self._group.zones), "cloud/zone", self._group.name, self._launches
        )
        instance = self._launch_into(
            lifecycle, zones_by_need(self._group.zones, zones, rotation), cause
        )
        if instance is None:
            return False
        zones[instance.pool.zone] = zones.get(instance.pool.zone, 0) + 1
        return True

    def _launch_into(
        self, lifecycle: Lifecycle, zones: Sequence[str], cause: str
    ) -> Instance | None:
        fleet, group, number = self._fleet, self._group, self._launches
        pool = choose_pool(
            group,
            lifecycle,
            zones,
            fleet.has_capacity,
            fleet.depth,
            fleet.prices.micro_usd_per_hour,
            number,
        )
        if pool is None:
            return None
        self._launches += 1
        return fleet.launch(self, group.name, pool, number, cause)

    def _scale_in(self) -> None:
        """Terminate by AWS' default policy: from the zone with the most instances, the oldest.

        Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
        """
        active = [i for i in self.instances.values() if not i.is_leaving]
        zones = self._count(lambda instance: instance.pool.zone)
        victim = max(active, key=lambda i: (zones[i.pool.zone], -i.launched_ms))
        now_ms, before = self._fleet.engine.now_ms, len(active)
        cause = wording.scaled_in(now_ms, before, before - 1, victim.instance_id)
        if self._request_cause:
            cause = f"{self._request_cause}  {cause}"
        self.take_out(victim, cause)

    def take_out(self, instance: Instance, cause: str) -> None:
        """Terminate an instance, by its hook where there is one."""
        self._terminations += 1
        hook = self._group.termination_hook
        self._fleet.terminate(self, instance, self._terminations, cause, hook)

    # -- replacing before terminating

    def launch_in(
        self, zones: Iterable[str] | None, lifecycle: Lifecycle, cause: str
    ) -> str | None:
        """Launch an instance in the first of these zones (None: by need) that has capacity."""
        if zones is None:
            counts = self._count(lambda instance: instance.pool.zone)
            zones = zones_by_need(self._group.zones, counts, 0)
        launched = self._launch_into(lifecycle, tuple(zones), cause)
        return None if launched is None else launched.instance_id

    def rebalance_recommended(self, instance_id: str) -> bool:
        """Replace an instance at risk, where the group has Capacity Rebalancing on."""
        instance = self.instances.get(instance_id)
        if instance is None or instance.is_leaving or not self._group.capacity_rebalance:
            return False
        cause = wording.capacity_rebalanced(self._fleet.engine.now_ms, instance_id)
        return self._replacements.replace(instance, cause)

    # -- what becomes of instances

    def instance_changed(self, instance: Instance) -> None:
        """Keep an instance's new state; a terminated one is no longer of the group."""
        if instance.state == "Terminated":
            del self.instances[instance.instance_id]
        else:
            self.instances[instance.instance_id] = instance
        self._replacements.instance_changed(instance)
        if self._zone_balancing is not None:
            self._zone_balancing.instances_changed()
        self._changed()

    def _changed(self) -> None:
        self._fleet.description.group_changed(self._group.name, self.picture)

    def _count(self, key: Callable[[Instance], str]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for instance in self.instances.values():
            if not instance.is_leaving:
                counts[key(instance)] = counts.get(key(instance), 0) + 1
        return counts
