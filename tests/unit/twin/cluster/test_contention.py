"""Probes and nodes that fail for a lack of CPU."""

from __future__ import annotations

from kingtide.twin.cluster.contention import PROBE_FAILED, CpuContention
from kingtide.twin.cluster.daemons import Daemons
from kingtide.twin.cluster.deletion import PodDeletion
from kingtide.twin.cluster.join_faults import JoinFaults
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.nodes import NODE_NOT_READY, NodeLife
from kingtide.twin.definition import Application, Contention
from tests.twin.worlds import application, spec
from tests.unit.twin.cluster.parts import Parts


class Cluster(Parts):
    """One node of 4 cores with a burst and its neighbour."""

    def __init__(self, settings: Contention, *applications: Application) -> None:
        super().__init__()
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, applications, self.machines
        )
        daemons = Daemons(
            self.engine,
            self.store,
            self.latencies,
            self.machines,
            PodDeletion(self.engine, self.store).delete,
        )
        self.nodes = NodeLife(
            self.engine,
            self.store,
            self.latencies,
            self.journal,
            (),
            self.machines,
            daemons,
            JoinFaults(self.engine, self.seeds),
        )
        CpuContention(
            self.engine, self.store, self.seeds, self.metrics, self.nodes, self.journal, settings
        )
        self.add_node("n1")
        self.metrics.start()

    def is_ready(self) -> bool:
        return self.store.nodes["n1"].is_ready

    def reason(self, uid: str) -> str:
        ready = self.pod(uid).ready
        return "" if ready is None else ready.reason


NEVER_SILENT = Contention(node_not_ready_after_ms=10**9)

# From 30 s to 90 s the burst asks for 20 cores on a node of 4.
BURST = application(
    "burst", 1, demand=[(0, 500), (30_000, 500), (30_001, 20_000), (90_000, 20_000), (90_001, 500)]
)
QUIET = application("quiet", 1, demand=[(0, 900)])


def cluster(settings: Contention, *, burst_limit: int | None = None) -> Cluster:
    made = Cluster(settings, BURST, QUIET)
    burst = spec(1_000, limit_millicores=burst_limit)
    made.add_pod("burst", "n1", owner="burst", ready=True, pod_spec=burst)
    made.add_pod("quiet", "n1", owner="quiet", ready=True, pod_spec=spec(100))
    return made


def test_a_neighbour_that_is_starved_fails_its_probes_and_comes_back() -> None:
    it = cluster(NEVER_SILENT)
    it.after(54_000)  # the first slow step is at 35 s; two probes have failed at most
    assert it.pod("quiet").is_ready
    it.after(66_000)
    assert it.reason("quiet") == PROBE_FAILED
    it.after(130_000)
    assert it.pod("quiet").is_ready


def test_with_a_limit_the_neighbour_does_not_notice() -> None:
    it = cluster(NEVER_SILENT, burst_limit=2_000)
    it.after(90_000)
    assert it.pod("quiet").is_ready


def test_a_request_protects_the_neighbour_as_cpu_shares_do() -> None:
    it = Cluster(NEVER_SILENT, BURST, QUIET)
    it.add_pod("burst", "n1", owner="burst", ready=True, pod_spec=spec(1_000))
    it.add_pod("quiet", "n1", owner="quiet", ready=True, pod_spec=spec(1_000))
    it.after(90_000)
    assert it.pod("quiet").is_ready


def test_a_node_short_of_cpu_for_long_stops_reporting_and_its_pods_serve_no_more() -> None:
    it = cluster(Contention(failure_threshold=100))
    it.after(69_000)
    assert it.is_ready()
    it.after(77_000)
    assert not it.is_ready()
    assert it.store.nodes["n1"].taints
    assert it.reason("burst") == it.reason("quiet") == NODE_NOT_READY


def test_a_node_reports_again_once_its_pods_want_no_more_than_it_has() -> None:
    it = cluster(Contention(failure_threshold=100))
    it.after(77_000)
    it.after(105_000)  # nothing is served, so nothing is wanted
    node = it.store.nodes["n1"]
    assert node.is_ready
    assert not node.taints
    assert it.pod("burst").is_ready
    assert it.pod("quiet").is_ready


def test_nothing_happens_on_a_node_that_is_not_crowded() -> None:
    it = cluster(Contention())
    it.after(29_000)
    assert it.is_ready()
    assert it.pod("burst").is_ready
