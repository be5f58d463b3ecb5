"""Capacity pools: which instance type can be had in which zone and lifecycle, and how many.

A pool without a capacity of its own never runs out: it has some except in outages. One with a
capacity holds so many of our instances, less what other accounts took of it; launches take from it
and instances that end give back.

Depth is what the allocation strategies compare. AWS does not publish it: of a pool with a capacity
it is what is left, and any other is deeper, by a seeded draw that changes every hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.definition import PoolOutage
from kingtide.twin.seed import SeedTree

# AWS says of capacity-optimized only that it looks at "real-time capacity data"; within an hour a
# fleet's launches of one zone mostly land in one pool, over a day they spread. Judged.
DEPTH_HOLDS_MS = 3_600_000

_UNKNOWN_DEPTH = 1 << 64
"""Above every number of instances that a capacity may be."""


class CapacityPools:
    """Every pool of a run."""

    def __init__(self, seeds: SeedTree, outages: Iterable[PoolOutage]) -> None:
        self._seeds = seeds
        self._empty: dict[CapacityPool, list[tuple[int, int | None]]] = {}
        for outage in outages:
            self.close(outage.pools, outage.from_ms, outage.until_ms)
        self._depths: dict[CapacityPool, tuple[int, int]] = {}
        self._capacity: dict[CapacityPool, int] = {}
        self._in_use: dict[CapacityPool, int] = {}
        self._taken_by_others: dict[CapacityPool, int] = {}

    def close(self, pools: Sequence[CapacityPool], from_ms: int, until_ms: int | None) -> None:
        """Have pools launch nothing for a time, whatever they hold; None: for good."""
        for pool in pools:
            self._empty.setdefault(pool, []).append((from_ms, until_ms))

    def has_capacity(self, pool: CapacityPool, now_ms: int) -> bool:
        """Return whether a launch into the pool would succeed now; an outage's end is exclusive."""
        for from_ms, until_ms in self._empty.get(pool, ()):
            if from_ms <= now_ms and (until_ms is None or now_ms < until_ms):
                return False
        left = self.left(pool)
        return left is None or left > 0

    def depth(self, pool: CapacityPool, now_ms: int) -> int:
        """Return how deep the pool is against others, without a unit."""
        left = self.left(pool)
        if left is not None:
            return left
        period = now_ms // DEPTH_HOLDS_MS
        known = self._depths.get(pool)
        if known is None or known[0] != period:
            drawn = self._seeds.draw("cloud/pool-depth", str(pool), period)
            known = (period, _UNKNOWN_DEPTH + drawn)
            self._depths[pool] = known
        return known[1]

    # -- how many

    def in_use(self, pool: CapacityPool) -> int:
        """Return how many of our instances a pool holds: those that start or run."""
        return self._in_use.get(pool, 0)

    def left(self, pool: CapacityPool) -> int | None:
        """Return how many instances a pool has to give, 0 at least; None: it never runs out."""
        capacity = self._capacity.get(pool)
        if capacity is None:
            return None
        return max(0, capacity - self.in_use(pool) - self._taken_by_others.get(pool, 0))

    def lacking(self, pool: CapacityPool) -> int:
        """Return how many instances a pool holds beyond its capacity."""
        capacity = self._capacity.get(pool)
        if capacity is None:
            return 0
        return max(0, self.in_use(pool) + self._taken_by_others.get(pool, 0) - capacity)

    def set_capacity(self, pool: CapacityPool, instances: int | None) -> None:
        """Say how many instances a pool holds, ours and others'; None: it never runs out."""
        if instances is None:
            self._capacity.pop(pool, None)
        else:
            self._capacity[pool] = max(0, instances)

    def take(self, pool: CapacityPool) -> None:
        """Count an instance of ours that starts."""
        self._in_use[pool] = self.in_use(pool) + 1

    def give_back(self, pool: CapacityPool) -> None:
        """Count an instance of ours that shuts down: others can have it."""
        self._in_use[pool] -= 1

    def taken_by_others(self, pool: CapacityPool) -> int:
        """Return how many instances other accounts run in a pool's hardware."""
        return self._taken_by_others.get(pool, 0)

    def take_for_others(self, pool: CapacityPool, instances: int) -> None:
        """Count what another account takes (negative: gives back)."""
        self._taken_by_others[pool] = self.taken_by_others(pool) + instances
