"""What pods use, step by step, and the metrics pipeline that tells it late.

Every `load_step_ms` the demand of each application is spread over its serving pods and added to
what each pod has consumed. A scrape takes the rate between itself and the one before; the metrics
API answers with it after a lag. A pod is unknown to the API until it has been scraped twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.twin.cluster.pod_columns import BoolArray, IntArray, PodColumns
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.load.curves import DemandCurve
from kingtide.twin.load.serving import PodLoad, Serving
from kingtide.twin.load.unserved import UnservedDemand
from kingtide.twin.seed import SeedTree

LOAD_STEP_MS = 5_000
"""Demand and readiness are taken as constant for this long; a third of the shortest scrape
interval, so that a window holds three of them."""


class Metrics:
    """Usage of started pods and the metrics API. Applications are numbered in the order given."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        applications: tuple[Application, ...],
    ) -> None:
        self._seeds = seeds
        self.columns = PodColumns()
        self.published_at_ms: int | None = None
        self.scrape_interval_ms = latencies.draw_ms("metrics.scrape_interval", "pipeline")
        self.unserved = UnservedDemand(len(applications), engine.now_ms)
        self.demand_millicores: IntArray = np.zeros(len(applications), np.int64)
        self.unserved_millicores: IntArray = np.zeros(len(applications), np.int64)
        self._engine = engine
        self._store = store
        self._lag_ms = latencies.draw_ms("metrics.lag", "pipeline")
        self._applications = applications
        self._number: Mapping[str, int] = {a.key: i for i, a in enumerate(applications)}
        self._curves = tuple(DemandCurve(a.demand) for a in applications)
        self._serving = Serving()
        self._node_rows: dict[str, int] = {}
        self._node_cpu: IntArray = np.zeros(256, np.int64)
        self._stepped_ms = engine.now_ms
        self._scraped_ms = 0
        store.on_pods(self._on_pod)
        store.on_nodes(self._on_node)

    def start(self) -> None:
        """Begin to step and to scrape."""
        now_ms = self._engine.now_ms
        self._stepped_ms = now_ms
        self._engine.after(LOAD_STEP_MS, EventClass.OBSERVATION, self._step_on)
        # Nobody starts a metrics pipeline in step with a peak.
        phase_ms = self._seeds.below(self.scrape_interval_ms, "metrics/phase", "pipeline")
        self._engine.after(phase_ms, EventClass.OBSERVATION, self._scrape_on)

    # ------------------------------------------------------------ load

    def demand_at(self, number: int, now_ms: int) -> int:
        """Return the demand that reaches an application, in millicores."""
        application = self._applications[number]
        front = application.depends_on
        if front is not None:
            outages = self._applications[self._number[front]].outages
            if any(o.from_ms <= now_ms < o.until_ms for o in outages):
                return 0
        return self._curves[number].millicores_at(now_ms)

    def step(self) -> None:
        """Account for the time since the last step, then serve the demand of now."""
        now_ms = self._engine.now_ms
        columns = self.columns
        columns.consumed += columns.usage * (now_ms - self._stepped_ms)
        self._stepped_ms = now_ms
        wanted = self.demand_millicores
        for number in range(len(self._applications)):
            wanted[number] = self.demand_at(number, now_ms)
        pods = PodLoad(
            application=columns.application,
            ready=self._serving_now(now_ms),
            fixed=columns.own_use,
            limit=columns.limit,
            request=columns.request,
            node=columns.node,
        )
        usage = self._serving.serve(wanted, pods, self._node_cpu)
        columns.usage[:] = usage.per_pod
        self.unserved_millicores = usage.unserved
        self.unserved.record(now_ms, usage.unserved)

    def _serving_now(self, now_ms: int) -> BoolArray:
        serving = self.columns.serving
        for number, application in enumerate(self._applications):
            if any(o.from_ms <= now_ms < o.until_ms for o in application.outages):
                serving = serving & (self.columns.application != number)
        return serving

    # ------------------------------------------------------------ pipeline

    def _step_on(self) -> None:
        self.step()
        self._engine.after(LOAD_STEP_MS, EventClass.OBSERVATION, self._step_on)

    def _scrape_on(self) -> None:
        self.step()
        columns = self.columns
        interval_ms = self._engine.now_ms - self._scraped_ms
        seen = columns.scraped >= 0
        rate = (columns.consumed - columns.scraped) // max(1, interval_ms)
        columns.sampled[:] = np.where(seen & columns.present, rate, -1)
        columns.scraped[:] = np.where(columns.present, columns.consumed, -1)
        self._scraped_ms = self._engine.now_ms
        self._engine.after(self._lag_ms, EventClass.OBSERVATION, self._publish, self._scraped_ms)
        self._engine.after(self.scrape_interval_ms, EventClass.OBSERVATION, self._scrape_on)

    def _publish(self, scraped_ms: int) -> None:
        self.columns.published[:] = self.columns.sampled
        self.published_at_ms = scraped_ms

    # ------------------------------------------------------------ from the store

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            return
        row = self._node_rows.get(new.name)
        if row is None:
            row = self._node_rows[new.name] = len(self._node_rows)
            if row >= self._node_cpu.size:
                self._node_cpu = np.concatenate([self._node_cpu, np.zeros_like(self._node_cpu)])
        self._node_cpu[row] = new.capacity.cpu_millicores

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self.columns.drop(old.uid)
            return
        if new.phase != "Running":
            return
        row = self.columns.row_of.get(new.uid)
        number = self._application_of(new)
        if row is None:
            row = self.columns.add(new, self._node_rows[new.node_name], number, 0)
        serves = new.is_ready and new.deletion_ms is None
        self.columns.serving[row] = serves
        self.columns.own_use[row] = self._own_use(new, number, serves=serves)

    def _own_use(self, pod: Pod, number: int, *, serves: bool) -> int:
        """A daemon uses what it requests; an application its start-up use, then its idle use."""
        if number < 0:
            return int(self.columns.request[self.columns.row_of[pod.uid]])
        application = self._applications[number]
        if serves:
            return application.idle_millicores
        return 0 if pod.deletion_ms is not None else application.startup_millicores

    def _application_of(self, pod: Pod) -> int:
        if pod.owner is None or pod.owner.kind != "ReplicaSet":
            return -1
        return self._number[f"{pod.namespace}/{pod.owner.name}"]
