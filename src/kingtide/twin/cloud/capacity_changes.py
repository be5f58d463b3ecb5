"""What pools have to give changes: by the hour, by other accounts, by what a fault says.

Spot is what nobody runs on demand. So where a spot pool falls below what is in use, the difference
is taken back, with the usual notice; on-demand instances are never taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.cloud.interruptions import NOTICE_MS, Interruptions
from kingtide.twin.cloud.listener import InstanceListener
from kingtide.twin.cloud.pools import CapacityPools
from kingtide.twin.cloud_conditions import (
    AccountLaunch,
    CloudConditions,
    Course,
    OtherAccount,
    PoolDepth,
)
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.seed import SeedTree

SHRUNK = "the pool has less to give"


class _Fixed(msgspec.Struct, frozen=True):
    """A capacity that holds whatever its course says."""

    instances: int
    until_ms: int | None


class CapacityChanges:
    """Moves the capacities of a run's pools."""

    def __init__(
        self,
        engine: Engine,
        seeds: SeedTree,
        pools: CapacityPools,
        interruptions: Interruptions,
        listener: InstanceListener,
        conditions: CloudConditions,
    ) -> None:
        self._engine = engine
        self._seeds = seeds
        self._pools = pools
        self._interruptions = interruptions
        self._listener = listener
        self._depths = {
            pool: (depth.instances, depth.course)
            for depth in conditions.depths
            for pool in depth.pools
        }
        self._fixed: dict[CapacityPool, _Fixed] = {}
        for pool, known in self._depths.items():
            pools.set_capacity(pool, self._capacity(pool, *known))
        for depth in conditions.depths:
            engine.at(engine.now_ms, EventClass.WORLD, self._look, depth)
        for account in conditions.other_accounts:
            for launch in account.launches:
                engine.at(launch.from_ms, EventClass.WORLD, self._launch, account, launch)

    def set_depth(
        self, pools: Sequence[CapacityPool], instances: int, until_ms: int | None
    ) -> None:
        """Let each pool give so many instances more, and then none, until a time."""
        for pool in pools:
            held = self._pools.in_use(pool) + self._pools.taken_by_others(pool)
            self._fixed[pool] = _Fixed(held + instances, until_ms)
            self._engine.trace(f"cloud {pool} has {instances} left")
            self._set(pool, held + instances, SHRUNK)
            if until_ms is not None:
                self._engine.at(until_ms, EventClass.WORLD, self._release, pool, until_ms)

    def _release(self, pool: CapacityPool, until_ms: int) -> None:
        fixed = self._fixed.get(pool)
        if fixed is None or fixed.until_ms != until_ms:
            return  # another depth was set meanwhile
        del self._fixed[pool]
        known = self._depths.get(pool)
        self._set(pool, None if known is None else self._capacity(pool, *known), SHRUNK)

    def _look(self, depth: PoolDepth) -> None:
        for pool in depth.pools:
            if pool not in self._fixed:
                self._set(pool, self._capacity(pool, depth.instances, depth.course), SHRUNK)
        self._engine.after(depth.course.every_ms, EventClass.WORLD, self._look, depth)

    def _capacity(self, pool: CapacityPool, instances: int, course: Course) -> int:
        now_ms = self._engine.now_ms
        return with_noise(instances, self._seeds, "cloud/pool-capacity", pool, course, now_ms)

    def _set(self, pool: CapacityPool, instances: int | None, why: str) -> None:
        self._engine.trace(f"cloud {pool} holds {instances}")
        self._pools.set_capacity(pool, instances)
        self._take_back(pool, why)

    def _take_back(self, pool: CapacityPool, why: str) -> None:
        lacking = self._pools.lacking(pool)
        if lacking <= 0 or pool.lifecycle != "spot":
            return
        lacking -= self._interruptions.under_notice(pool)
        if lacking > 0:
            chosen = self._interruptions.choose([pool], lacking)
            self._interruptions.reclaim(chosen, NOTICE_MS, why)

    def _launch(self, account: OtherAccount, launch: AccountLaunch) -> None:
        kind, zone = launch.instance_type, launch.zone
        on_demand, spot = (CapacityPool(kind, zone, name) for name in ("on-demand", "spot"))
        left = self._pools.left(on_demand)
        count = launch.instances if left is None else min(left, launch.instances)
        self._engine.trace(f"cloud account {account.name} launches {count} {on_demand}")
        self._listener.on_account_launch(account.name, on_demand, launch.instances, count)
        for pool in (on_demand, spot):
            self._pools.take_for_others(pool, count)
        self._take_back(spot, f"{cause_of(account.name)} {count} {kind} on demand in {zone}")
        if launch.until_ms is not None:
            self._engine.at(launch.until_ms, EventClass.WORLD, self._end, account, spot, count)

    def _end(self, account: OtherAccount, spot: CapacityPool, count: int) -> None:
        self._engine.trace(f"cloud account {account.name} ends {count} {spot}")
        on_demand = msgspec.structs.replace(spot, lifecycle="on-demand")
        for pool in (on_demand, spot):
            self._pools.take_for_others(pool, -count)


def cause_of(account: str) -> str:
    """Return how the causes of reclaims begin that another account is the reason of."""
    return f"account {account} launched"


def with_noise(
    amount: int,
    seeds: SeedTree,
    component: str,
    pool: CapacityPool,
    course: Course,
    now_ms: int,
) -> int:
    """Return what an amount is on a pool's course now, with noise, rounded down."""
    noise_percent = 0
    if course.noise_percent:
        span = 2 * course.noise_percent + 1
        drawn = seeds.below(span, component, str(pool), now_ms // course.every_ms)
        noise_percent = drawn - course.noise_percent
    parts_per_million = course.parts_per_million_at(now_ms)
    return amount * parts_per_million * (100 + noise_percent) // 100_000_000
