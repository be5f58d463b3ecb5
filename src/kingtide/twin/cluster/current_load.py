"""What is demanded and used at one instant: demand of now, served by the pods of now.

An instant is computed once. Another one in which no demand changed, no pod came, went or turned
ready and no machine failed gets the same answer, as the same arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from kingtide.twin.cluster.pod_columns import BoolArray, IntArray, PodColumns
from kingtide.twin.definition import Application, Outage
from kingtide.twin.load.curves import DemandCurve
from kingtide.twin.load.demands import Demands
from kingtide.twin.load.names import WHOLE
from kingtide.twin.load.serving import PodLoad, Serving


class UnknownFront(ValueError):
    """An application depends on one that does not exist, or on itself."""


class Load(NamedTuple):
    """What is demanded and used at one instant, in millicores. Nobody writes to the arrays.

    `demand` and `unserved` int64[A] by application, `usage` and `wanted` int64[R] by row of the pod
    columns; `wanted` is `usage` itself where no node is crowded.
    """

    demand: IntArray
    usage: IntArray
    unserved: IntArray
    wanted: IntArray


class NodeCpu(NamedTuple):
    """What the pods of each node may use, int64[N] millicores; `revision` is another where it is.

    `down` are the rows of nodes whose machines are down: nothing on them uses anything.
    """

    millicores: IntArray
    revision: int
    down: tuple[int, ...]


class Gate(Protocol):
    """What stands between demand and pods; `revision` is another where it lets through others."""

    revision: int

    def reached(self, serving: BoolArray) -> BoolArray:
        """Return which rows of those that serve get any of their application's demand."""

    def passed(self, demand: IntArray) -> IntArray:
        """Return what gets through of each application's demand."""


class CurrentLoad:
    """The load of applications, in the order given, on the pods of the columns.

    `instants_computed` counts those that needed a computation.

    Raises:
        UnknownFront: an application's `depends_on` leads nowhere or in a circle.
    """

    def __init__(self, applications: tuple[Application, ...], columns: PodColumns) -> None:
        self.instants_computed = 0
        self.failing_millionths = 0
        """The share of requests whose lookups fail: they reach no pod."""
        by_key = {it.key: it for it in applications}
        self._demands = Demands(
            [DemandCurve(it.demand) for it in applications],
            [_cuts(it, by_key) for it in applications],
        )
        self._columns = columns
        self._outages = tuple(
            (number, it.outages) for number, it in enumerate(applications) if it.outages
        )
        self._count = len(applications)
        self._serving = Serving()
        self._looked_at: tuple[int, tuple[int, ...], int] | None = None
        self._served: tuple[IntArray, int, tuple[int, ...], int] | None = None
        self._load: Load | None = None
        self.gate: Gate | None = None

    def at(self, now_ms: int, nodes: NodeCpu) -> Load:
        """Return the load of now; times may not go back."""
        demand = self._demands.at(now_ms)
        is_same = self._look_at_pods(now_ms)
        served = self._served
        if (
            is_same
            and self._load is not None
            and served is not None
            and served[0] is demand
            and served[1:] == (nodes.revision, nodes.down, self.failing_millionths)
        ):
            return self._load
        cpu = nodes.millicores
        if nodes.down:
            cpu = cpu.copy()
            cpu[list(nodes.down)] = 0
        failing = self.failing_millionths
        passed = demand if self.gate is None else self.gate.passed(demand)
        if failing:
            passed = passed - passed * failing // WHOLE
        usage = self._serving.serve(passed, cpu)
        self.instants_computed += 1
        self._served = (demand, nodes.revision, nodes.down, failing)
        unserved = usage.unserved if passed is demand else usage.unserved + (demand - passed)
        self._load = Load(demand, usage.per_pod, unserved, usage.wanted)
        return self._load

    def _look_at_pods(self, now_ms: int) -> bool:
        """Have the pods looked at where they changed; return whether they did not."""
        silent = self._silent(now_ms)
        columns = self._columns
        seen = columns.revision, silent, 0 if self.gate is None else self.gate.revision
        if self._looked_at == seen:
            return True
        self._looked_at = seen
        pods = PodLoad(
            application=columns.application,
            ready=self._ready(silent),
            fixed=columns.own_use,
            limit=columns.limit,
            request=columns.request,
            node=columns.node,
        )
        self._serving.look_at(pods, self._count)
        return False

    def _silent(self, now_ms: int) -> tuple[int, ...]:
        """Return the applications that answer nothing though their pods run."""
        return tuple(
            number
            for number, outages in self._outages
            if any(o.from_ms <= now_ms < o.until_ms for o in outages)
        )

    def _ready(self, silent: tuple[int, ...]) -> BoolArray:
        ready = self._columns.serving
        if self.gate is not None:
            ready = self.gate.reached(ready)
        for number in silent:
            ready = ready & (self._columns.application != number)
        return ready


def _cuts(application: Application, by_key: Mapping[str, Application]) -> tuple[Outage, ...]:
    """Return the outages of all that stands between an application and its traffic."""
    outages: list[Outage] = []
    passed = {application.key: None}
    front = application.depends_on
    while front is not None:
        if front not in by_key:
            raise UnknownFront(f"{application.key} depends on {front}, which does not exist")
        if front in passed:
            raise UnknownFront(f"{application.key} depends on itself through {front}")
        passed[front] = None
        outages.extend(by_key[front].outages)
        front = by_key[front].depends_on
    return tuple(outages)
