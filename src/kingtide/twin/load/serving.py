"""How the demand of applications lands on their pods, and what the nodes can bear of it.

The model, step by step:

1. An application's demand is divided evenly over its ready pods, as a load balancer does that sends
   each request to the next endpoint.
2. A pod uses no more than its CPU limit; what it cannot take goes to the application's other ready
   pods with room. What is left then is unserved.
3. A pod may have a fixed use of its own (start-up, idle): it comes first and counts in the limit.
4. A node whose pods want more than its allocatable CPU divides that in proportion to the requests,
   as the kernel does with CPU shares; nobody gets more than he wants.
5. What a pod loses on a crowded node is unserved: a load balancer does not see it. Balancers that
   count connections would move some of it to other pods, so this errs on the dark side.

Unserved demand is gone: clients neither queue nor retry.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from kingtide.twin.load.filling import Integers, Rows, fill

NO_LIMIT = np.iinfo(np.int64).max

# The kernel's smallest cpu.shares is 2 of 1,024 for a core, that is 2 millicores rounded up
# (MinShares, https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/cm/helpers_linux.go).
MINIMUM_WEIGHT = 2


class PodLoad(NamedTuple):
    """The pods of a cluster as columns, one row a pod; amounts in millicores.

    `application` int16[P] is an index into the demands, -1 for a pod without demand; `node`
    int32[P] an index into the nodes, -1 for a pod that runs nowhere (it uses nothing); `fixed` is
    what a pod uses besides its share; `limit` is NO_LIMIT where there is none.
    """

    application: npt.NDArray[np.int16]
    ready: npt.NDArray[np.bool_]
    fixed: Integers
    limit: Integers
    request: Integers
    node: npt.NDArray[np.int32]


class Usage(NamedTuple):
    """Millicores: used by each pod int64[P], and demand of each application not served int64[A].

    `wanted` int64[P] is what each pod would use on a node for itself; it is `per_pod` itself where
    no node is crowded.
    """

    per_pod: Integers
    unserved: Integers
    wanted: Integers


class Serving:
    """Serves one instant after the other; `look_at` says which pods there are, `serve` uses them.

    What is remembered between the two never changes a result, only its price: an instant in which
    no pod comes, goes or turns ready does not look at the pods again. `orders` counts how often
    they had to be put in order.
    """

    def __init__(self) -> None:
        self.orders = 0
        self._serving: npt.NDArray[np.int16] = np.empty(0, np.int16)
        self._rows: Rows = np.empty(0, np.intp)
        self._counts: Integers = np.empty(0, np.int64)
        self._fixed: Integers = np.empty(0, np.int64)
        self._limit: Integers = np.empty(0, np.int64)
        self._request: Integers = np.empty(0, np.int64)
        self._place: Rows = np.empty(0, np.intp)
        """Each pod's node by index, one more; 0 is for pods that run nowhere."""

    def look_at(self, pods: PodLoad, applications: int) -> None:
        """Take in the pods that there are now, of so many applications.

        Look again once an array of them was written to, before the next instant is served.
        """
        bound = pods.node >= 0
        self._limit = pods.limit
        self._request = pods.request
        self._fixed = np.minimum(pods.fixed, pods.limit)
        np.copyto(self._fixed, 0, where=~bound)
        self._place = pods.node.astype(np.intp) + 1
        self._order(np.where(pods.ready & bound, pods.application, np.int16(-1)), applications)

    def serve(self, demand: Integers, node_allocatable: Integers) -> Usage:
        """Return what every pod looked at uses, and what is not served.

        `demand` is int64[A], `node_allocatable` int64[N], both in millicores and not negative.
        """
        fixed = self._fixed
        wants, unserved = self._distribute(demand, fixed, self._limit)
        used = self._cap_by_nodes(wants, node_allocatable)
        if used is not wants:
            served = np.maximum(used - fixed, 0)[self._rows]
            unserved = demand - self._by_application(served)
        return Usage(used, unserved, wants)

    def _distribute(
        self, demand: Integers, fixed: Integers, limit: Integers
    ) -> tuple[Integers, Integers]:
        """Return what pods want, and the demand of each application that finds no room."""
        rows, counts = self._rows, self._counts
        evenly, over = np.divmod(demand, np.maximum(counts, 1))
        over = np.minimum(over, counts)  # no pods, no remainder
        shares = np.zeros_like(fixed)
        shares[rows] = np.repeat(_pairs(evenly + 1, evenly), _pairs(over, counts - over))
        wants = fixed + shares
        if (wants <= limit).all():
            return wants, np.where(counts > 0, 0, demand)
        applications = np.repeat(np.arange(len(demand)), counts)
        room = (limit - fixed)[rows]
        served = fill(demand, applications, room, np.ones_like(room))
        wants = fixed.copy()
        wants[rows] += served
        return wants, demand - self._by_application(served)

    def _cap_by_nodes(self, wants: Integers, allocatable: Integers) -> Integers:
        """Return what pods get on their nodes: `wants` itself where no node is crowded."""
        sums = np.bincount(self._place, weights=wants, minlength=len(allocatable) + 1)
        crowded = sums > np.append(np.int64(NO_LIMIT), allocatable)
        if not crowded.any():
            return wants
        rows = np.flatnonzero(crowded[self._place])
        weights = np.maximum(self._request[rows], MINIMUM_WEIGHT)
        used = wants.copy()
        used[rows] = fill(allocatable, self._place[rows] - 1, wants[rows], weights)
        return used

    def _by_application(self, values: Integers) -> Integers:
        """Sum values of the serving pods, in their order, by application."""
        return np.add.reduceat(np.append(values, 0), np.cumsum(self._counts) - self._counts) * (
            self._counts > 0
        )

    def _order(self, serving: npt.NDArray[np.int16], applications: int) -> None:
        """Keep the rows of the pods that serve an application (-1: none), one after the other."""
        if np.array_equal(serving, self._serving) and len(self._counts) == applications:
            return
        self.orders += 1
        self._serving = serving
        rows = np.flatnonzero(serving >= 0)
        self._rows = rows[np.argsort(serving[rows], kind="stable")]
        self._counts = np.bincount(serving[rows], minlength=applications)


def _pairs(first: Integers, second: Integers) -> Integers:
    return np.stack((first, second), axis=1).ravel()
