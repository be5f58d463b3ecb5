"""A group replaces instances before they go: to balance its zones, or because EC2 recommends it.

The new instance is launched first and the old one terminated (by its hook, where there is one) once
the new one is in service, so that the group has more than it wants in between: above its maximum
by a tenth or by one instance, whichever is more.
Sources: https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html
(rebalancing activities), ec2-auto-scaling-capacity-rebalancing.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from kingtide.aws.autoscaling import AutoScalingGroup, Instance, Lifecycle

MARGIN_PERCENT = 10
"""By how much a group may exceed its maximum meanwhile."""


class ReplacingGroup(Protocol):
    """What a group does for its replacements."""

    @property
    def instances(self) -> Mapping[str, Instance]:
        """All not yet terminated, by id."""

    def launch_in(
        self, zones: Iterable[str] | None, lifecycle: Lifecycle, cause: str
    ) -> str | None:
        """Launch an instance in the first of these zones (None: any) that has capacity."""

    def take_out(self, instance: Instance, cause: str) -> None:
        """Terminate an instance."""


class Replacements:
    """The replacements of one group that are under way: new instance -> the one that goes."""

    def __init__(self, group: ReplacingGroup, bounds: AutoScalingGroup) -> None:
        self._group = group
        self._zones = bounds.zones
        margin = max(1, bounds.max_size * MARGIN_PERCENT // 100)
        self._most = bounds.max_size + margin
        self._victims: dict[str, str] = {}
        self._causes: dict[str, str] = {}

    @property
    def under_way(self) -> int:
        """How many instances more than desired the group has or launches for now."""
        return len(self._victims)

    @property
    def is_balanced(self) -> bool:
        """Whether no two zones differ by more than one instance, when all under way is done."""
        counts = self._by_zone()
        return max(counts.values()) - min(counts.values()) <= 1

    def balance(self, cause: str) -> None:
        """Begin as many replacements from fuller to emptier zones as are due and allowed.

        A zone without capacity is passed over, as long as another one is due.
        """
        closed: dict[str, None] = {}
        while not self.is_balanced and self._room() > 0:
            counts = self._by_zone()
            fullest = max(self._zones, key=lambda zone: counts[zone])
            due = [z for z in self._zones if counts[fullest] - counts[z] > 1 and z not in closed]
            victim = self._oldest_of(fullest)
            if not due or victim is None:
                return
            emptiest = min(due, key=lambda zone: counts[zone])
            if not self._begin(victim, (emptiest,), cause):
                closed[emptiest] = None

    def replace(self, instance: Instance, cause: str) -> bool:
        """Begin to replace one instance, where there is capacity and no replacement yet."""
        if instance.instance_id in self._victims.values() or self._room() <= 0:
            return False
        return self._begin(instance, None, cause)

    def instance_changed(self, instance: Instance) -> None:
        """End the old instance once the new one is in service; forget a pair that lost one."""
        name = instance.instance_id
        if instance.is_leaving:
            self._forget(name)
            for new, victim in list(self._victims.items()):
                if victim == name:
                    self._forget(new)
        elif instance.state == "InService" and name in self._victims:
            cause = self._causes[name]
            old = self._group.instances.get(self._forget(name))
            if old is not None and not old.is_leaving:
                self._group.take_out(old, cause)

    def _begin(self, victim: Instance, zones: Iterable[str] | None, cause: str) -> bool:
        new = self._group.launch_in(zones, victim.pool.lifecycle, cause)
        if new is None:
            return False
        self._victims[new] = victim.instance_id
        self._causes[new] = cause
        return True

    def _forget(self, new: str) -> str:
        self._causes.pop(new, None)
        return self._victims.pop(new, "")

    def _staying(self) -> list[Instance]:
        going = set(self._victims.values())
        return [
            instance
            for instance in self._group.instances.values()
            if not instance.is_leaving and instance.instance_id not in going
        ]

    def _room(self) -> int:
        active = sum(not instance.is_leaving for instance in self._group.instances.values())
        return self._most - active

    def _by_zone(self) -> dict[str, int]:
        counts = dict.fromkeys(self._zones, 0)
        for instance in self._staying():
            counts[instance.pool.zone] += 1
        return counts

    def _oldest_of(self, zone: str) -> Instance | None:
        there = [
            instance
            for instance in self._staying()
            if instance.pool.zone == zone and instance.instance_id not in self._victims
        ]
        return min(there, key=lambda instance: instance.launched_ms, default=None)
