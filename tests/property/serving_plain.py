"""The rules of `serving` told one pod at a time: slow, and what the fast way is checked against."""

from __future__ import annotations

from collections.abc import Sequence

from kingtide.twin.load.serving import MINIMUM_WEIGHT, PodLoad


def serve_plainly(
    demand: list[int], pods: PodLoad, node_allocatable: list[int]
) -> tuple[list[int], list[int]]:
    """Return (used by each pod, unserved demand of each application), in millicores."""
    bound = [int(node) for node in pods.node]
    fixed = [
        min(int(use), int(limit)) if node >= 0 else 0
        for use, limit, node in zip(pods.fixed, pods.limit, bound, strict=True)
    ]
    wants = list(fixed)
    for application, amount in enumerate(demand):
        rows = [
            row
            for row, node in enumerate(bound)
            if node >= 0 and pods.ready[row] and int(pods.application[row]) == application
        ]
        room = [int(pods.limit[row]) - fixed[row] for row in rows]
        for row, share in zip(rows, fill_one(amount, room, [1] * len(rows)), strict=True):
            wants[row] += share
    used = list(wants)
    for node, amount in enumerate(node_allocatable):
        rows = [row for row, at in enumerate(bound) if at == node]
        weights = [max(int(pods.request[row]), MINIMUM_WEIGHT) for row in rows]
        shares = fill_one(amount, [wants[row] for row in rows], weights)
        for row, share in zip(rows, shares, strict=True):
            used[row] = share
    unserved = list(demand)
    for row, application in enumerate(pods.application):
        if application >= 0:
            unserved[int(application)] -= max(used[row] - fixed[row], 0)
    return used, unserved


def fill_one(amount: int, wants: Sequence[int], weights: Sequence[int]) -> list[int]:
    """Return what each taker of one bin gets: the rule of `fill`, told one taker at a time.

    The one who wants least for his weight is served first; the first who wants more than his share
    of what is left shows that all after him do.
    """
    given = [0] * len(wants)
    left, weight_left = amount, sum(weights)
    waiting = sorted(range(len(wants)), key=lambda i: _Ratio(wants[i], weights[i]))
    for position, taker in enumerate(waiting):
        if wants[taker] * weight_left > left * weights[taker]:
            rest = sorted(waiting[position:])
            for i in rest:
                given[i] = left * weights[i] // weight_left
            for i in rest[: left - sum(given[i] for i in rest)]:
                given[i] += 1
            break
        given[taker] = wants[taker]
        left -= wants[taker]
        weight_left -= weights[taker]
    return given


class _Ratio:
    """want / weight, compared exactly."""

    def __init__(self, want: int, weight: int) -> None:
        self.want, self.weight = want, weight

    def __lt__(self, other: _Ratio) -> bool:
        return self.want * other.weight < other.want * self.weight
