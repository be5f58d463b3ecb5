"""The node a pod gets: the best score among those that can host it, kept current by shape.

Before a pick only what changed since the shape's last pick is looked at again: the resources of the
nodes that changed (`Column`), the company of the nodes for a kind of pod (`AlikeNodes`). Then the
largest key wins: the best score and, among equals, the first of the node list. `profile` gives the
same answers from scratch.
"""

from __future__ import annotations

import numpy as np

from kingtide.controlplane.scheduling import profile
from kingtide.controlplane.scheduling.alike import AlikeNodes
from kingtide.controlplane.scheduling.column import Column
from kingtide.controlplane.scheduling.diagnosis import diagnosed
from kingtide.controlplane.scheduling.failure import FitFailure
from kingtide.controlplane.scheduling.filters import Filters
from kingtide.controlplane.scheduling.kinds import Kinds
from kingtide.controlplane.scheduling.node_columns import BoolArray, IntArray
from kingtide.controlplane.scheduling.node_order import PRECEDENCE_BITS
from kingtide.controlplane.scheduling.node_table import NodeTable
from kingtide.controlplane.scheduling.nominations import Nominations
from kingtide.controlplane.scheduling.sampling import NodeSampling
from kingtide.controlplane.scheduling.shape import PodShape
from kingtide.controlplane.scheduling.static_verdicts import StaticVerdicts

_MAX_COLUMNS = 512
"""Bound of kept columns, 4 MB for 1,000 nodes; where every pod differs, more do not pay."""
_MAX_REFUSED = 65_536
"""Bound of the shapes that are remembered as refused."""


class Placement:
    """Answers, for one table, which node a pod of a shape would get now.

    `nominations` are the pods whose room is to be left free; without them nobody is nominated.
    `sampling` None looks at all nodes.
    """

    def __init__(
        self,
        table: NodeTable,
        nominations: Nominations | None = None,
        sampling: NodeSampling | None = None,
    ) -> None:
        self.table = table
        self.nominations = Nominations(table) if nominations is None else nominations
        self._sampling = NodeSampling() if sampling is None else sampling
        self._order: IntArray = np.zeros(0, dtype=np.int64)
        self._order_tick = -1
        self._verdicts = StaticVerdicts()
        self._kinds = Kinds(table)
        self._columns: dict[int, Column] = {}
        self._refused_at: dict[int, int] = {}
        self.looks = 0
        """How often all nodes were compared for a pod."""
        self._failures: dict[int, tuple[int, FitFailure]] = {}

    def pick(self, shape: PodShape) -> int:
        """Return the row of the node that gets the pod, -1 when none can host it."""
        tick = self.table.changes.tick
        if self._refused_at.get(shape.index) == tick:
            return -1
        alike = self._kinds.alike(shape)
        if self._is_exceptional(shape, alike):
            return self._pick_exceptional(shape)
        self.looks += 1
        keys = self._keys(shape, alike)
        if self._sampling.is_cutting(len(self.table)):
            best = self._pick_sampled(shape, alike, keys)
        else:
            best = int(keys.argmax())
        if best >= 0 and keys[best] >= 0:
            return best
        if len(self._refused_at) >= _MAX_REFUSED:
            self._refused_at.clear()
        self._refused_at[shape.index] = tick
        return -1

    def feasible_rows(self, shape: PodShape) -> IntArray:
        """Return the rows of the nodes that could host a pod of this shape now, in row order."""
        alike = self._kinds.alike(shape)
        if self._is_exceptional(shape, alike):
            rows = sorted(profile.feasible_rows(self.table, shape, self.nominations))
            return np.array(rows, dtype=np.int64)
        found: IntArray = np.flatnonzero(self._keys(shape, alike) >= 0)
        return found

    def refusals(self, shape: PodShape, row: int) -> tuple[str, ...]:
        """Return why a node cannot host a pod of this shape now, empty if it can."""
        filters = Filters(shape, self.table)
        reserved = self.nominations.reserved(shape, row)
        refusal = filters.refusal_with(filters.load(row), reserved)
        return () if refusal is None else refusal.reasons

    def diagnose(self, shape: PodShape) -> FitFailure:
        """Return why each node refuses a pod of this shape, counted by reason."""
        known = self._failures.get(shape.index)
        if known is not None and known[0] == self.table.tick:
            return known[1]
        alike = self._kinds.alike(shape)
        if self._is_exceptional(shape, alike) or (alike is not None and alike.is_hard):
            failure = diagnosed(self.table, shape, self.nominations)
        else:
            self._keys(shape, alike)
            failure = self._columns[shape.index].diagnosed()
        if len(self._failures) >= _MAX_COLUMNS:
            self._failures.clear()
        self._failures[shape.index] = (self.table.tick, failure)
        return failure

    def allowed_by_resources_alone(self, shape: PodShape) -> BoolArray | None:
        """Return the rows a shape may ever run on, if only resources can still refuse it there.

        None where ports, other pods or node names have a say.
        """
        rules = shape.rules
        if rules.host_ports or shape.requests.extended:
            return None
        alike = self._kinds.alike(shape)
        if self._is_exceptional(shape, alike) or (alike is not None and alike.is_hard):
            return None
        verdict = self._verdicts.of(shape)
        verdict.refresh(self.table)
        return verdict.allowed

    def _keys(self, shape: PodShape, alike: AlikeNodes | None) -> IntArray:
        """Return every row's key with all scores, negative where the pod cannot go."""
        column = self._columns.get(shape.index)
        if column is None:
            column = self._new_column(shape)
        if alike is not None:
            alike.refresh()
        if column.alike is not alike:
            column.watch(alike)
        column.refresh()
        points = None if alike is None else column.points(alike)
        if alike is None or points is None:
            return column.keys
        # Modes other than clip check every index, and need a buffer for that.
        keys: IntArray = points.take(alike.group_of, mode="clip")
        keys += column.keys
        return keys

    def _pick_sampled(self, shape: PodShape, alike: AlikeNodes | None, keys: IntArray) -> int:
        """Return the best row of the next sample, -1 where no node can host the pod.

        `keys` tell which rows are feasible; scores are normalised over the sample, and the first of
        it wins among equals.
        """
        table = self.table
        if self._order_tick != table.static_tick:
            self._order_tick = table.static_tick
            self._order = np.array(table.rows(), dtype=np.int64)
        rows = self._sampling.sample(self._order, keys >= 0)
        if len(rows) <= 1:
            return int(rows[0]) if len(rows) else -1
        scores = self._columns[shape.index].keys.take(rows) >> PRECEDENCE_BITS
        if alike is not None:
            groups = alike.group_of.take(rows)
            counts = np.bincount(groups, minlength=len(alike.groups)).tolist()
            points = alike.scorer.scores(counts)
            if points is not None:
                scores += points.take(groups) >> PRECEDENCE_BITS
        return int(rows[scores.argmax()])

    def _new_column(self, shape: PodShape) -> Column:
        if len(self._columns) >= _MAX_COLUMNS:
            for index in list(self._columns)[: _MAX_COLUMNS // 2]:
                del self._columns[index]
        column = Column(shape, self.table, self._verdicts.of(shape), self.nominations)
        self._columns[shape.index] = column
        return column

    def _is_exceptional(self, shape: PodShape, alike: AlikeNodes | None) -> bool:
        """Return whether the incremental path has nothing to offer.

        Pods for named nodes look at those only. Nominated pods may stand against rules about other
        pods, the pod's own and theirs; that is rare and worth no index.
        """
        if shape.rules.pinned_nodes is not None:
            return True
        if not self.nominations.count:
            return False
        return (alike is not None and alike.is_hard) or self.nominations.keep_others_away

    def _pick_exceptional(self, shape: PodShape) -> int:
        pinned = shape.rules.pinned_nodes
        if pinned is None or len(pinned) > 1:
            # A pod for named nodes looks at those only, which are few.
            sampling = self._sampling if pinned is None else None
            return profile.pick(self.table, shape, self.nominations, sampling)
        row = self.table.row_of(pinned[0]) if pinned else None
        return -1 if row is None or self.refusals(shape, row) else row
