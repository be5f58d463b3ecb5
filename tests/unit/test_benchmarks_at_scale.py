"""The cluster that the benchmark of the running process is served, and what it asks Linux."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.cluster_at_scale import CLUSTER, DAEMON_SETS, NODE_GROUPS, Size, write_cluster
from benchmarks.process_figures import taken
from kingtide.rehearsal.prepare import prepare


def test_the_cluster_of_the_benchmark_is_as_large_as_asked_and_has_room_for_its_pods(
    tmp_path: Path,
) -> None:
    scenario = write_cluster(tmp_path, Size(nodes=100, pods=1_200))
    definition = prepare(scenario / "rehearsal.yaml").definition
    assert definition.cluster_name.startswith(CLUSTER)
    assert sum(it.running for it in definition.node_groups) == 100
    assert len(definition.node_groups) == 4 * len(NODE_GROUPS)
    own = [it for it in definition.applications if it.namespace.startswith("team-")]
    assert sum(it.replicas for it in own) + DAEMON_SETS * 100 == 1_200


def test_a_process_is_told_its_own_processor_time_and_memory() -> None:
    found = taken(os.getpid())
    assert abs(found.cpu_seconds - time.process_time()) < 0.5
    assert 10 < found.resident_megabytes <= found.peak_megabytes
