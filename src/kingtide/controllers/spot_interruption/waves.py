"""How many pods of one workload may be on their way at once.

Evicting a pod makes its workload one short until the replacement is Ready. All pods of a workload
that stand on noticed nodes have to go before the last moment, but not at once: they leave in as
many equal waves as the time left has room for, where a wave takes as long as a pod takes to start.
With 30 % of the nodes reclaimed, two minutes of notice and pods that start in 45 s these are two
waves: never more than 15 % short, instead of 30 %. Where a disruption budget allows less, it holds
as well; where time is short everybody is due and no wave holds anybody (`order`).
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controllers.spot_interruption.leaving import AskedByUid, Leaving

ENDLESS_WAVES = 1_000
"""Without a deadline one pod of a workload goes after the other."""


class Waves:
    """The allowance of each workload in one pass; made for it and thrown away."""

    def __init__(
        self, leaving: Iterable[Leaving], asked: AskedByUid, pod_start_ms: int, now_ms: int
    ) -> None:
        self._on_their_way: dict[str, int] = {}
        for it in asked.values():
            if not it.is_refused and now_ms - it.at_ms < pod_start_ms:
                self._on_their_way[it.owner] = self._on_their_way.get(it.owner, 0) + 1
        counts: dict[str, int] = {}
        earliest: dict[str, int] = {}
        for pod in leaving:
            counts[pod.owner] = counts.get(pod.owner, 0) + 1
            if pod.latest_ms is not None:
                known = earliest.get(pod.owner, pod.latest_ms)
                earliest[pod.owner] = min(known, pod.latest_ms)
        self._sizes = {
            owner: -(-count // _waves_left(earliest.get(owner), pod_start_ms, now_ms))
            for owner, count in counts.items()
        }

    def has_place(self, owner: str) -> bool:
        """Return whether one more pod of a workload may leave now."""
        return self._on_their_way.get(owner, 0) < self._sizes.get(owner, 0)

    def take(self, owner: str) -> None:
        """Count a pod as on its way."""
        self._on_their_way[owner] = self._on_their_way.get(owner, 0) + 1


def _waves_left(latest_ms: int | None, pod_start_ms: int, now_ms: int) -> int:
    if latest_ms is None:
        return ENDLESS_WAVES
    return min(ENDLESS_WAVES, 1 + max(0, latest_ms - now_ms) // pod_start_ms)
