"""Capacity pools: which instance type can be had in which zone and lifecycle, and how deep.

A pool has capacity except in the outages of the world's definition, from one instant to another.
Depth is what the allocation strategies compare: AWS does not publish it, so each pool has a seeded
one that is drawn anew every hour; it bounds no launch.
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.aws.autoscaling import CapacityPool
from kingtide.twin.definition import PoolOutage
from kingtide.twin.seed import SeedTree

# AWS says of capacity-optimized only that it looks at "real-time capacity data"; within an hour a
# fleet's launches of one zone mostly land in one pool, over a day they spread. Judged.
DEPTH_HOLDS_MS = 3_600_000


class CapacityPools:
    """Every pool of a run."""

    def __init__(self, seeds: SeedTree, outages: Iterable[PoolOutage]) -> None:
        self._seeds = seeds
        self._empty: dict[CapacityPool, list[tuple[int, int | None]]] = {}
        for outage in outages:
            for pool in outage.pools:
                self._empty.setdefault(pool, []).append((outage.from_ms, outage.until_ms))
        self._depths: dict[CapacityPool, tuple[int, int]] = {}

    def has_capacity(self, pool: CapacityPool, now_ms: int) -> bool:
        """Return whether a launch into the pool would succeed now; an outage's end is exclusive."""
        for from_ms, until_ms in self._empty.get(pool, ()):
            if from_ms <= now_ms and (until_ms is None or now_ms < until_ms):
                return False
        return True

    def depth(self, pool: CapacityPool, now_ms: int) -> int:
        """Return how deep the pool is against others, 64 bits without a unit."""
        period = now_ms // DEPTH_HOLDS_MS
        known = self._depths.get(pool)
        if known is None or known[0] != period:
            known = (period, self._seeds.draw("cloud/pool-depth", str(pool), period))
            self._depths[pool] = known
        return known[1]
