"""What pods use, step by step, and the metrics pipeline that tells it late.

Every `load_step_ms` the demand of each application is spread over its serving pods and added to
what each pod has consumed. A scrape takes the rate between itself and the one before; the metrics
API answers with it after a lag. A pod is unknown to the API until it has been scraped twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from kingtide.kube.nodes import Node
from kingtide.kube.pods import Pod
from kingtide.twin.cluster.current_load import CurrentLoad, Gate, Load, NodeCpu
from kingtide.twin.cluster.machines import Machines
from kingtide.twin.cluster.pod_columns import BoolArray, IntArray, PodColumns
from kingtide.twin.cluster.restarts import is_waiting_to_restart
from kingtide.twin.cluster.store import Store
from kingtide.twin.definition import Application
from kingtide.twin.engine import Engine, EventClass
from kingtide.twin.latencies import LatencyTable
from kingtide.twin.load.unserved import UnservedDemand
from kingtide.twin.seed import SeedTree

LOAD_STEP_MS = 5_000
"""Demand and readiness are taken as constant for this long; a third of the shortest scrape
interval, so that a window holds three of them."""


StepListener = Callable[[Load], None]


class Metrics:
    """Usage of started pods and the metrics API. Applications are numbered in the order given.

    Raises:
        UnknownFront: an application's `depends_on` leads nowhere or in a circle.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        seeds: SeedTree,
        latencies: LatencyTable,
        applications: tuple[Application, ...],
        machines: Machines,
    ) -> None:
        self.columns = PodColumns()
        self.published_at_ms: int | None = None
        self.publications = 0
        """How often the API's answer changed for all pods at once."""
        self.scrape_interval_ms = latencies.draw_ms("metrics.scrape_interval", "pipeline")
        self.window_ms = min(
            self.scrape_interval_ms, latencies.draw_ms("metrics.window", "pipeline")
        )
        """The time over which a sample's rate is taken."""
        self.unserved = UnservedDemand(len(applications), engine.now_ms)
        self._engine = engine
        self._store = store
        self._seeds = seeds
        self._lag_ms = latencies.draw_ms("metrics.lag", "pipeline")
        self._applications = applications
        self._machines = machines
        self._number: Mapping[str, int] = {a.key: i for i, a in enumerate(applications)}
        self._current = CurrentLoad(applications, self.columns)
        self._borne: Load | None = None
        """The load that pods use since `_accounted_ms`."""
        self._accounted_ms = engine.now_ms
        self._node_rows: dict[str, int] = {}
        self._free_node_rows: list[int] = []
        self._node_cpu: IntArray = np.zeros(256, np.int64)
        self._node_revision = 0
        self._scraped_ms = 0
        self._step_listeners: list[StepListener] = []
        self._on_the_way: deque[tuple[int, IntArray]] = deque()
        """Scrapes that the API does not answer with yet: when, and millicores by row, -1 none."""
        self._answers = True
        self._missed: dict[str, int] = {}
        """Nodes whose kubelets answer no scrape, with how many faults say so."""
        store.on_pods(self._on_pod, heeds_refusals=False, counts_owners=True)
        store.on_nodes(self._on_node)

    def start(self) -> None:
        """Begin to step and to scrape."""
        self._accounted_ms = self._engine.now_ms
        self._engine.after(LOAD_STEP_MS, EventClass.OBSERVATION, self._step_on)
        # Nobody starts a metrics pipeline in step with a peak.
        phase_ms = self._seeds.below(self.scrape_interval_ms, "metrics/phase", "pipeline")
        self._engine.after(phase_ms, EventClass.OBSERVATION, self._scrape_on)
        self._open_window_in(phase_ms - self.window_ms)

    # ------------------------------------------------------------ gaps

    def stop_answering(self) -> None:
        """Have the metrics API answer nothing: whoever asks gets an error."""
        self._answers = False
        self.published_at_ms = None
        self.publications += 1
        self.columns.published[:] = -1

    def answer_again(self) -> None:
        """Have the metrics API come back, with nothing: a rate takes two scrapes."""
        self._answers = True
        self.columns.scraped[:] = -1

    def miss(self, nodes: Iterable[str]) -> None:
        """Have scrapes go without the pods of these nodes."""
        for name in nodes:
            self._missed[name] = self._missed.get(name, 0) + 1

    def find_again(self, nodes: Iterable[str]) -> None:
        """Have these nodes scraped again."""
        for name in nodes:
            left = self._missed.pop(name, 0) - 1
            if left > 0:
                self._missed[name] = left

    # ------------------------------------------------------------ load

    def load(self) -> Load:
        """Return the load of this instant: the demand of now, served by the pods of now.

        Only looks; nothing of it enters what pods have consumed.
        """
        nodes = NodeCpu(self._node_cpu, self._node_revision, tuple(self._rows_down()))
        return self._current.at(self._engine.now_ms, nodes)

    def fail_lookups(self, millionths: int) -> None:
        """Have this share of requests fail for their names' sake from the next load on."""
        self._current.failing_millionths = millionths

    @property
    def instants_computed(self) -> int:
        """How many instants needed a computation: the others were as the one before."""
        return self._current.instants_computed

    def step(self) -> None:
        """Account for the time since the last step, then take the load of now for what follows."""
        load = self.load()
        if load is not self._borne:
            self._account()
            self._borne = load
            self.columns.usage[:] = load.usage
            self.unserved.record(self._engine.now_ms, load.unserved)
        for listener in self._step_listeners:
            listener(load)

    def _account(self) -> None:
        """Add what pods used since the last time, in which they used the same."""
        now_ms, columns = self._engine.now_ms, self.columns
        if now_ms > self._accounted_ms:
            columns.consumed += columns.usage * (now_ms - self._accounted_ms)
            self._accounted_ms = now_ms

    def on_step(self, listener: StepListener) -> None:
        """Tell a listener of the load after each step."""
        self._step_listeners.append(listener)

    def let_through(self, gate: Gate) -> None:
        """Have demand come to pods by this gate alone."""
        self._current.gate = gate

    def node_row(self, name: str) -> int | None:
        """Return a node's index in `PodColumns.node`, None for an unknown one."""
        return self._node_rows.get(name)

    @property
    def node_cpu(self) -> IntArray:
        """CPU of the nodes in millicores, by their rows; rows without a node hold anything."""
        return self._node_cpu

    def _rows_down(self) -> list[int]:
        rows = self._node_rows
        return [rows[name] for name in self._machines.down if name in rows]

    # ------------------------------------------------------------ pipeline

    def _step_on(self) -> None:
        self.step()
        self._engine.after(LOAD_STEP_MS, EventClass.OBSERVATION, self._step_on)

    def _open_window_in(self, delay_ms: int) -> None:
        """Begin a sample's window later than the scrape before, where it is shorter than that."""
        if self.window_ms < self.scrape_interval_ms and delay_ms >= 0:
            self._engine.after(delay_ms, EventClass.OBSERVATION, self._open_window)

    def _open_window(self) -> None:
        self.step()
        self._begin_window(self._seen())

    def _begin_window(self, seen: BoolArray) -> None:
        self._account()
        columns = self.columns
        columns.scraped[:] = np.where(seen, columns.consumed, -1)
        self._scraped_ms = self._engine.now_ms

    def _seen(self) -> BoolArray:
        """Return the rows of pods whose kubelet answers."""
        down = self._rows_down()
        if self._missed:
            down += [self._node_rows[name] for name in self._missed if name in self._node_rows]
        if not down:
            return self.columns.present
        return self.columns.present & ~np.isin(self.columns.node, down)

    def _scrape_on(self) -> None:
        self.step()
        self._account()
        columns, now_ms = self.columns, self._engine.now_ms
        seen = self._seen()
        rate = (columns.consumed - columns.scraped) // max(1, now_ms - self._scraped_ms)
        samples = np.where(seen & (columns.scraped >= 0), rate, -1)
        self._begin_window(seen)
        self._on_the_way.append((now_ms, samples))
        self._engine.after(self._lag_ms, EventClass.OBSERVATION, self._publish)
        self._engine.after(self.scrape_interval_ms, EventClass.OBSERVATION, self._scrape_on)
        self._open_window_in(self.scrape_interval_ms - self.window_ms)

    def _publish(self) -> None:
        scraped_ms, samples = self._on_the_way.popleft()
        if not self._answers:
            return
        self.published_at_ms = scraped_ms
        self.publications += 1
        published = self.columns.published
        published[:] = -1
        published[: samples.size] = samples
        self._engine.trace(f"metrics {int(np.maximum(samples, 0).sum())}")

    # ------------------------------------------------------------ from the store

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is not None:
            row = self._node_rows.get(new.name)
            if row is None:
                row = self._node_rows[new.name] = self._new_node_row()
            if self._node_cpu[row] != new.capacity.cpu_millicores:
                self._node_cpu[row] = new.capacity.cpu_millicores
                self._node_revision += 1
        elif old is not None:
            row = self._node_rows.pop(old.name, None)
            if row is not None:
                self.columns.leave_node(row)
                self._free_node_rows.append(row)

    def _new_node_row(self) -> int:
        if self._free_node_rows:
            return self._free_node_rows.pop()
        row = len(self._node_rows)
        if row >= self._node_cpu.size:
            self._node_cpu = np.concatenate([self._node_cpu, np.zeros_like(self._node_cpu)])
            self._node_revision += 1
        return row

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self.columns.drop(old.uid)
            return
        if new.phase != "Running":
            if new.is_terminal:
                self.columns.drop(new.uid)
            return
        row = self.columns.row_of.get(new.uid)
        number = self._application_of(new)
        if row is None:
            row = self._new_row(new, number)
        self.columns.set_serving(row, new.is_ready and new.deletion_ms is None)
        self.columns.set_own_use(row, self._own_use(new, number, row))

    def _new_row(self, pod: Pod, number: int) -> int:
        row = self.columns.add(pod, self._node_rows[pod.node_name], number, 0)
        for _, samples in self._on_the_way:
            if row < samples.size:
                samples[row] = -1  # of the pod that had the row before
        return row

    def _own_use(self, pod: Pod, number: int, row: int) -> int:
        """A daemon uses what it requests; an application its start-up use, then its idle use."""
        if number < 0:
            return int(self.columns.request[row])
        if pod.deletion_ms is not None or is_waiting_to_restart(pod):
            return 0
        application = self._applications[number]
        if self.columns.has_served[row]:
            return application.idle_millicores
        return application.startup_millicores

    def _application_of(self, pod: Pod) -> int:
        key = self._store.application_of(pod)
        return -1 if key is None else self._number.get(key, -1)
