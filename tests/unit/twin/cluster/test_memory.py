"""Containers killed for their memory, and how they come back."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest

from kingtide.kube.pods import Condition, Container, PodSpec
from kingtide.kube.resources import Resources
from kingtide.twin.cluster.held_memory import HeldMemory
from kingtide.twin.cluster.kubelet import Kubelets, PodBehaviour
from kingtide.twin.cluster.memory import (
    BEST_EFFORT_ADJUSTMENT,
    GUARANTEED_ADJUSTMENT,
    Memory,
    oom_score_adjustment,
)
from kingtide.twin.cluster.metrics import Metrics
from kingtide.twin.cluster.restarts import CRASH_LOOP, Restarts, is_waiting_to_restart
from kingtide.twin.definition import Application, MemoryUse
from kingtide.twin.latencies import constant
from tests.twin.worlds import GIB, START_MS, application
from tests.unit.twin.cluster.parts import Parts

MINUTE_MS = 60_000


def limited(request_gib: int, limit_gib: int | None) -> PodSpec:
    limits = None if limit_gib is None else Resources(0, limit_gib * GIB)
    return PodSpec((Container("c", requests=Resources(1_000, request_gib * GIB), limits=limits),))


class Cluster(Parts):
    """A node of 16 GiB and everything that starts and kills containers."""

    def __init__(self, *applications: Application) -> None:
        super().__init__()
        behaviours = {
            f"{it.owner_kind}/{it.key}": PodBehaviour(constant(1_000, "test"))
            for it in applications
        }
        self.kubelets = Kubelets(
            self.engine, self.store, self.seeds, self.latencies, behaviours, self.machines
        )
        self.metrics = Metrics(
            self.engine, self.store, self.seeds, self.latencies, applications, self.machines
        )
        self.restarts = Restarts(self.engine, self.store, self.kubelets, self.journal)
        self.memory = Memory(self.engine, self.store, self.metrics, self.restarts, applications)
        self.held = HeldMemory(self.engine, self.store, self.metrics, applications)
        self.add_node()
        self.metrics.start()

    def held_bytes(self, uid: str, used_millicores: int) -> int:
        columns = self.metrics.columns
        usage = np.full(columns.size, used_millicores)
        return int(self.held.held_bytes(usage)[columns.row_of[uid]])


def holding(name: str, use: MemoryUse) -> Application:
    return msgspec.structs.replace(application(name, 1, demand=[(0, 1_000)]), memory=use)


def test_a_container_above_its_limit_is_killed_and_starts_again_after_ten_seconds() -> None:
    busy = application("api", 1, demand=[(0, 2_000), (8_000, 2_000), (8_001, 500)])
    busy = msgspec.structs.replace(busy, memory=MemoryUse(GIB, bytes_per_core=GIB))
    cluster = Cluster(busy)
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 2))
    cluster.after(5_000)
    assert cluster.pod("a").ready == Condition("False", START_MS + 5_000, CRASH_LOOP, "OOMKilled")
    cluster.after(14_999)
    assert is_waiting_to_restart(cluster.pod("a"))
    cluster.after(16_000)
    assert cluster.pod("a").is_ready
    assert cluster.restarts.kills == {"OOMKilled": 1}


def test_a_container_that_never_fits_starts_ever_later_up_to_five_minutes() -> None:
    cluster = Cluster(holding("api", MemoryUse(3 * GIB)))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 2))
    moments: list[int] = []
    kill = cluster.restarts.kills
    for second in range(0, 1_800, 5):
        before = kill.get("OOMKilled", 0)
        cluster.after(second * 1_000)
        if kill.get("OOMKilled", 0) > before:
            moments.append(second)
    pauses = [after - before for before, after in itertools.pairwise(moments)]
    # The next look at memory comes within five seconds of the start.
    wanted = (10, 20, 40, 80, 160, 300, 300)
    assert len(pauses) >= len(wanted)
    for pause, least in zip(pauses, wanted, strict=False):
        assert least <= pause <= least + 5


def test_a_pod_that_waits_to_start_again_holds_and_uses_nothing() -> None:
    cluster = Cluster(holding("api", MemoryUse(3 * GIB)))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 2))
    cluster.after(9_000)
    row = cluster.metrics.columns.row_of["a"]
    assert cluster.held_bytes("a", 0) == 0
    assert cluster.metrics.load().usage[row] == 0


def test_on_a_full_node_the_one_furthest_above_its_request_is_killed() -> None:
    greedy = holding("greedy", MemoryUse(10 * GIB))
    modest = holding("modest", MemoryUse(7 * GIB))
    cluster = Cluster(greedy, modest)
    cluster.add_pod("g", "n1", ready=True, owner="greedy", pod_spec=limited(1, None))
    cluster.add_pod("m", "n1", ready=True, owner="modest", pod_spec=limited(7, None))
    cluster.after(5_000)
    assert is_waiting_to_restart(cluster.pod("g"))
    assert cluster.pod("m").is_ready


def test_memory_grows_with_the_cpu_a_pod_uses() -> None:
    cluster = Cluster(holding("api", MemoryUse(GIB, bytes_per_core=2 * GIB)))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 4))
    assert cluster.held_bytes("a", 1_500) == 4 * GIB


def test_a_pod_holds_more_for_a_while_after_each_start_of_its_containers() -> None:
    use = MemoryUse(GIB, startup_bytes=GIB, startup_ms=20_000)
    cluster = Cluster(holding("api", use))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 4))
    cluster.after(19_999)
    assert cluster.held_bytes("a", 0) == 2 * GIB
    cluster.after(20_000)
    assert cluster.held_bytes("a", 0) == GIB
    cluster.restarts.kill(cluster.pod("a"), "OOMKilled")  # starts again ten seconds later
    cluster.after(40_000)
    assert cluster.held_bytes("a", 0) == 2 * GIB
    cluster.after(50_000)
    assert cluster.held_bytes("a", 0) == GIB


def test_a_pod_whose_application_tells_nothing_holds_what_it_requests() -> None:
    cluster = Cluster(holding("api", MemoryUse(GIB)), application("db", 1))
    cluster.add_pod("d", "n1", ready=True, owner="db", pod_spec=limited(3, None))
    assert cluster.held_bytes("d", 1_500) == 3 * GIB


def test_a_pod_that_waits_to_start_again_is_not_killed_once_more() -> None:
    cluster = Cluster(holding("api", MemoryUse(14 * GIB)), application("db", 1))
    cluster.add_pod("d", "n1", ready=True, owner="db", pod_spec=limited(3, None))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(14, None))
    cluster.after(5_000)
    assert is_waiting_to_restart(cluster.pod("d"))
    assert cluster.held_bytes("d", 0) == 0
    cluster.after(14_999)
    assert cluster.restarts.kills == {"OOMKilled": 1}


def test_only_the_nodes_that_are_full_lose_a_pod_and_each_only_one() -> None:
    cluster = Cluster(holding("api", MemoryUse(6 * GIB)))
    cluster.add_node("n2")
    for name, node in (("a", "n1"), ("b", "n2"), ("c", "n1"), ("d", "n2"), ("e", "n1")):
        cluster.add_pod(name, node, ready=True, pod_spec=limited(1, None))
    cluster.after(5_000)
    assert [it for it in "abcde" if is_waiting_to_restart(cluster.pod(it))] == ["a"]


def test_a_pod_that_is_killed_at_its_limit_makes_room_for_the_others_of_its_node() -> None:
    cluster = Cluster(holding("api", MemoryUse(9 * GIB)))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, None))
    cluster.add_pod("b", "n1", ready=True, pod_spec=limited(1, 2))
    cluster.after(5_000)
    assert cluster.pod("a").is_ready
    assert is_waiting_to_restart(cluster.pod("b"))


def test_a_pod_that_stops_is_not_killed_at_its_limit() -> None:
    cluster = Cluster(holding("api", MemoryUse(3 * GIB)))
    pod = cluster.add_pod("a", "n1", ready=True, pod_spec=limited(1, 2))
    cluster.store.update_pod(pod, deletion_ms=START_MS + MINUTE_MS)
    cluster.after(5_000)
    assert cluster.restarts.kills == {}


def test_applications_that_say_nothing_of_memory_are_never_killed() -> None:
    cluster = Cluster(application("api", 1, demand=[(0, 1_000)]))
    cluster.add_pod("a", "n1", ready=True, pod_spec=limited(20, None))
    cluster.after(MINUTE_MS)
    assert cluster.restarts.kills == {}


@pytest.mark.parametrize(
    ("spec", "adjustment"),
    [
        pytest.param(PodSpec((Container("c"),)), BEST_EFFORT_ADJUSTMENT, id="best effort"),
        pytest.param(
            PodSpec((Container("c", requests=Resources(1, GIB), limits=Resources(1, GIB)),)),
            GUARANTEED_ADJUSTMENT,
            id="guaranteed",
        ),
        pytest.param(limited(4, None), 750, id="a quarter of the node"),
        pytest.param(limited(16, None), 3, id="the whole node"),
        pytest.param(PodSpec((Container("c", requests=Resources(100, 0)),)), 999, id="cpu only"),
    ],
)
def test_quality_of_service_adds_to_badness_as_in_kubernetes(
    spec: PodSpec, adjustment: int
) -> None:
    assert oom_score_adjustment(spec, 16 * GIB) == adjustment
