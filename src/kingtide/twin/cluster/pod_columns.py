"""Started pods in columns, so that one call computes what all of them use.

Rows are used again; whoever keeps a row over time must drop it when the pod ends.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kingtide.kube.pods import Pod, PodSpec, cpu_limit_millicores, pod_requests
from kingtide.twin.load.serving import NO_LIMIT

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MAX_REMEMBERED_SPECS = 1_024
"""Templates of a big cluster; beyond that the amounts are added up again."""


class PodColumns:
    """Columns over rows; `row_of` maps a pod's uid to its row.

    Arrays are replaced when they grow. `revision` is another one once a pod came or went, serves or
    not, uses another amount of its own or lost its node: what decides who bears the load.
    """

    def __init__(self) -> None:
        self.revision = 0
        self.row_of: dict[str, int] = {}
        self.uid_of: list[str] = []
        """The uid of the pod in each row that was ever used, empty where none is."""
        self._free: list[int] = []
        self._amounts: dict[int, tuple[PodSpec, int, int]] = {}
        """Request and limit by the identity of a spec, which is kept with them for that."""
        self._used = 0
        self._allocate(256)

    def _allocate(self, size: int) -> None:
        self.size = size
        self.present: BoolArray = np.zeros(size, np.bool_)
        self.serving: BoolArray = np.zeros(size, np.bool_)
        self.has_served: BoolArray = np.zeros(size, np.bool_)
        """Whether the pod was ever Ready."""
        self.application: npt.NDArray[np.int16] = np.full(size, -1, np.int16)
        self.node: npt.NDArray[np.int32] = np.full(size, -1, np.int32)
        self.own_use: IntArray = np.zeros(size, np.int64)
        self.limit: IntArray = np.full(size, NO_LIMIT, np.int64)
        self.request: IntArray = np.zeros(size, np.int64)
        self.usage: IntArray = np.zeros(size, np.int64)
        self.consumed: IntArray = np.zeros(size, np.int64)
        """Millicore-milliseconds since the pod started."""
        self.scraped: IntArray = np.full(size, -1, np.int64)
        """`consumed` at the last scrape, -1 before the first."""
        self.published: IntArray = np.full(size, -1, np.int64)
        """What the metrics API answers, -1 while it does not know the pod."""
        self.settled_of: npt.NDArray[np.int16] = np.full(size, -1, np.int16)
        """The number of the autoscaler for which the pod has settled, -1 for none."""

    _NAMES = (
        "present", "serving", "has_served", "application", "node", "own_use", "limit", "request",
        "usage", "consumed", "scraped", "published", "settled_of",
    )  # fmt: skip

    def add(self, pod: Pod, node: int, application: int, own_use: int) -> int:
        """Take a row for a pod that has started and return it."""
        row = self._free.pop() if self._free else self._next_row()
        self.revision += 1
        request, limit = self._amounts_of(pod.spec)
        self.row_of[pod.uid] = row
        self.uid_of[row] = pod.uid
        self.present[row] = True
        self.serving[row] = self.has_served[row] = False
        self.application[row] = application
        self.node[row] = node
        self.own_use[row] = own_use
        self.limit[row] = limit
        self.request[row] = request
        self.usage[row] = self.consumed[row] = 0
        self.scraped[row] = self.published[row] = -1
        return row

    def drop(self, uid: str) -> int | None:
        """Give a pod's row back and return it, None when it has none."""
        row = self.row_of.pop(uid, None)
        if row is not None:
            self.revision += 1
            self.uid_of[row] = ""
            self.present[row] = self.serving[row] = False
            self.application[row] = self.node[row] = -1
            self.own_use[row] = self.request[row] = self.usage[row] = 0
            self._free.append(row)
        return row

    def set_serving(self, row: int, serves: bool) -> None:
        """Say whether a pod serves."""
        if serves != self.serving[row]:
            self.revision += 1
            self.serving[row] = serves
            self.has_served[row] |= serves

    def set_own_use(self, row: int, millicores: int) -> None:
        """Say what a pod uses besides its share of the demand."""
        if millicores != self.own_use[row]:
            self.revision += 1
            self.own_use[row] = millicores

    def leave_node(self, node: int) -> None:
        """Say that a node's row is nobody's any more: its pods run nowhere."""
        self.revision += 1
        self.node[self.node == node] = -1

    def _amounts_of(self, spec: PodSpec) -> tuple[int, int]:
        """Return a spec's CPU request and limit in millicores, added up once for a template."""
        known = self._amounts.get(id(spec))
        if known is None:
            limit = cpu_limit_millicores(spec)
            request = pod_requests(spec).cpu_millicores
            if len(self._amounts) >= MAX_REMEMBERED_SPECS:
                self._amounts.clear()
            known = self._amounts[id(spec)] = spec, request, NO_LIMIT if limit is None else limit
        return known[1], known[2]

    def _next_row(self) -> int:
        row = self._used
        self._used += 1
        self.uid_of.append("")
        if row >= self.size:
            old = {name: getattr(self, name) for name in self._NAMES}
            # Every step computes whole columns: room that nobody uses would cost time.
            self._allocate(self.size + self.size // 4)
            for name, column in old.items():
                getattr(self, name)[: column.size] = column
        return row
