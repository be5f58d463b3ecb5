"""What the metrics API says of each autoscaler's settled pods, added up once a publication.

Settled pods (`scaled_application`) differ in their usage only, and an autoscaler wants its sum. One
computation adds up those of all autoscalers when the API has a new answer; between two answers a
pod that settles or goes changes the sum by itself.
"""

from __future__ import annotations

import numpy as np

from kingtide.twin.cluster.metrics import Metrics


class SettledUsage:
    """Sums by number of autoscaler: `known` pods, their usage `millicores`, and `unknown` pods.

    `sums_computed` counts how often all were added up.
    """

    def __init__(self, metrics: Metrics, autoscalers: int) -> None:
        self.sums_computed = 0
        self._metrics = metrics
        self._known = [0] * autoscalers
        self._unknown = [0] * autoscalers
        self._millicores = [0] * autoscalers
        self._free: list[int] = []
        self._publication = -1

    def one_more(self) -> int:
        """Return the number of an autoscaler that is new."""
        if self._free:
            return self._free.pop()
        for sums in (self._known, self._unknown, self._millicores):
            sums.append(0)
        return len(self._known) - 1

    def one_less(self, number: int) -> None:
        """Take back the number of an autoscaler that is gone, with all its pods."""
        self._free.append(number)

    def of(self, number: int) -> tuple[int, int, int]:
        """Return (known pods, their millicores, unknown pods) of one autoscaler's settled pods."""
        if self._publication != self._metrics.publications:
            self._add_up()
        return self._known[number], self._millicores[number], self._unknown[number]

    def known_row(self, uid: str) -> int | None:
        """Return a pod's row in the columns, None while the metrics API does not know the pod."""
        columns = self._metrics.columns
        row = columns.row_of[uid]
        return row if columns.published[row] >= 0 else None

    def add(self, number: int, row: int) -> None:
        """Count the pod of a row as settled."""
        self._metrics.columns.settled_of[row] = number
        self._count(number, row, 1)

    def remove(self, number: int, row: int) -> None:
        """Count the pod of a row no more; it may be gone, but nobody has taken its row yet."""
        self._metrics.columns.settled_of[row] = -1
        self._count(number, row, -1)

    def _count(self, number: int, row: int, by: int) -> None:
        if self._publication != self._metrics.publications:
            return  # all are added up again when somebody asks
        usage = int(self._metrics.columns.published[row])
        if usage < 0:
            self._unknown[number] += by
        else:
            self._known[number] += by
            self._millicores[number] += by * usage

    def _add_up(self) -> None:
        self._publication = self._metrics.publications
        self.sums_computed += 1
        columns, count = self._metrics.columns, len(self._known)
        rows = np.flatnonzero(columns.settled_of >= 0)
        of_whom, usage = columns.settled_of[rows].astype(np.intp), columns.published[rows]
        is_unknown = usage < 0
        unknown = np.bincount(of_whom[is_unknown], minlength=count)
        usage[is_unknown] = 0
        # bincount adds IEEE doubles, exact for integers below 2**53.
        sums = np.bincount(of_whom, weights=usage, minlength=count)
        self._known = (np.bincount(of_whom, minlength=count) - unknown).tolist()
        self._unknown = unknown.tolist()
        self._millicores = sums.astype(np.int64).tolist()
