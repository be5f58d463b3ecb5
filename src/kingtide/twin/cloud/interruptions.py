"""EC2 takes spot instances back, one or dozens at once, mostly after a notice.

A warning comes two minutes before, sometimes less, sometimes never; then the instance shuts down,
whatever holds it, and its group replaces it once a health check has found out. A rebalance
recommendation may come before a warning, with it, or alone.
Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-interruptions.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from kingtide.aws.autoscaling import CapacityPool, Instance
from kingtide.twin.cloud import event_bodies
from kingtide.twin.cloud.groups import ScalingGroup
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.queue import InterruptionQueue
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.seed import PARTS_PER_MILLION, SeedTree

NOTICE_MS = 120_000
"""A Spot Instance interruption notice is a warning two minutes before (EC2 user guide)."""

UNSAID = "EC2 needs the capacity"


class Interruptions:
    """Reclaims and recommendations of one run; `reclaimed` counts instances taken, by cause."""

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        groups: Mapping[str, ScalingGroup],
        queue: InterruptionQueue,
        listener: InstanceListener,
    ) -> None:
        self.reclaimed: dict[str, int] = {}
        self._engine = engine
        self._seeds = seeds
        self._groups = groups
        self._queue = queue
        self._listener = listener
        self._ends_ms: dict[str, int] = {}
        self._draws = 0

    def under_notice(self, pool: CapacityPool) -> int:
        """Return how many instances of a pool are warned and still there."""
        return sum(
            instance.instance_id in self._ends_ms
            for instance in self._instances()
            if instance.pool == pool
        )

    def reclaim(self, instance_ids: Sequence[str], notice_ms: int, why: str) -> Sequence[str]:
        """Take spot instances back after a notice; return those that were running."""
        ends_ms = self._engine.now_ms + notice_ms
        taken = [
            instance
            for instance in self._spot(instance_ids)
            if ends_ms < self._ends_ms.get(instance.instance_id, ends_ms + 1)
        ]
        for instance in taken:
            name = instance.instance_id
            self._engine.trace(f"cloud interrupts {name} at {ends_ms}")
            if notice_ms > 0 and instance.state != "Pending":
                self._warn(instance)
            self._ends_ms[name] = ends_ms
        for pool in dict.fromkeys(instance.pool for instance in taken):
            of_pool = [instance for instance in taken if instance.pool == pool]
            self._listener.on_interruption(of_pool, notice_ms, why)
        for instance in taken:
            self._engine.at(ends_ms, EventClass.WORLD, self._take, instance, ends_ms, why)
        return [instance.instance_id for instance in taken]

    def share_of(self, pools: Sequence[CapacityPool], parts_per_million: int) -> Sequence[str]:
        """Return this share of the instances of pools, rounded up, by lot, warned ones left out."""
        there = [instance for instance in self._instances() if instance.pool in pools]
        count = -(-len(there) * parts_per_million // PARTS_PER_MILLION)
        return self.choose(pools, count)

    def choose(self, pools: Sequence[CapacityPool], count: int) -> Sequence[str]:
        """Return so many instances of pools that nobody warned yet, by lot."""
        self._draws += 1
        number = self._draws
        names = [
            instance.instance_id
            for instance in self._instances()
            if instance.pool in pools and instance.instance_id not in self._ends_ms
        ]
        names.sort(key=lambda name: self._seeds.draw("cloud/reclaim", name, number))
        return names[:count]

    def recommend(self, instance_ids: Sequence[str], notice_after_ms: int | None) -> Sequence[str]:
        """Recommend to move away from spot instances; return those that were running."""
        now_ms = self._engine.now_ms
        chosen = [i for i in self._spot(instance_ids) if i.state != "Pending"]
        for instance in chosen:
            self._engine.trace(f"cloud recommends to leave {instance.instance_id}")
            body = partial(event_bodies.rebalance_recommendation, now_ms=now_ms, instance=instance)
            self._queue.send(body)
        for pool in dict.fromkeys(instance.pool for instance in chosen):
            of_pool = [instance for instance in chosen if instance.pool == pool]
            self._listener.on_rebalance_recommendation(of_pool)
        names = [instance.instance_id for instance in chosen]
        for instance in chosen:
            self._groups[instance.group].rebalance_recommended(instance.instance_id)
        if notice_after_ms is not None:
            self._engine.after(notice_after_ms, EventClass.WORLD, self._follow, names)
        return names

    def _follow(self, names: Sequence[str]) -> None:
        self.reclaim(names, NOTICE_MS, "as a rebalance recommendation announced")

    def _warn(self, instance: Instance) -> None:
        now_ms = self._engine.now_ms
        body = partial(event_bodies.spot_interruption_warning, now_ms=now_ms, instance=instance)
        self._queue.send(body)

    def _take(self, instance: Instance, ends_ms: int, why: str) -> None:
        name = instance.instance_id
        if self._ends_ms.get(name) != ends_ms:
            return  # a shorter notice came after this one
        del self._ends_ms[name]
        if self._groups[instance.group].lose(name):
            self.reclaimed[why] = self.reclaimed.get(why, 0) + 1

    def _instances(self) -> Iterable[Instance]:
        """Yield what runs or is about to, and could be taken back."""
        for group in self._groups.values():
            for instance in group.instances.values():
                if instance.state != "Terminating" and instance.pool.lifecycle == "spot":
                    yield instance

    def _spot(self, instance_ids: Sequence[str]) -> list[Instance]:
        known = {instance.instance_id: instance for instance in self._instances()}
        return [known[name] for name in dict.fromkeys(instance_ids) if name in known]
