from __future__ import annotations

import pytest

from kingtide.check.rule import Example
from kingtide.check.rules.workloads.example import ADMIN, DAEMON_SET, DEPLOYMENT, applied, changed
from kingtide.check.rules.workloads.node_overhead import RULES, Overhead, overheads
from kingtide.controlplane.node_resources import allocatable, capacity
from tests.unit.check.example_fleet import example_view
from tests.unit.check.rules.workloads.clusters import found


def overhead(example: Example, instance_type: str) -> Overhead:
    (cluster,) = example_view(example).clusters
    return next(it for it in overheads(cluster) if it.instance_type == instance_type)


def test_what_is_not_for_applications_is_the_systems_part_and_every_daemon_sets() -> None:
    it = overhead(applied(DAEMON_SET), "c5.4xlarge")
    left = capacity("c5.4xlarge").cpu_millicores - allocatable("c5.4xlarge").cpu_millicores
    assert it.reserved.cpu_millicores == left == 110
    assert it.daemon_sets.cpu_millicores == 300 + 200 + 500
    assert it.usable.cpu_millicores == 16_000 - 110 - 1_000
    assert it.cpu_percent == 7  # 1,110 of 16,000, rounded up


def test_a_daemon_set_of_manifests_that_the_fleet_lists_counts_once() -> None:
    listed = changed(DAEMON_SET, ("name: shipper, namespace", "name: logs, namespace"))
    assert overhead(applied(listed), "c5.4xlarge").daemon_sets.cpu_millicores == 500


def test_a_daemon_set_counts_on_the_nodes_of_its_group_alone() -> None:
    spec = f"{ADMIN}daemonSets: {{proxy: {{nodeGroup: admin, requests: {{cpu: 1, memory: 1Gi}}}}}}"
    (cluster,) = example_view(Example(spec=spec)).clusters
    by_group = {it.path[1]: it.daemon_sets.cpu_millicores for it in overheads(cluster)}
    assert by_group == {"workers": 500, "admin": 1_500}


def test_what_a_group_says_of_further_daemon_sets_counts_there() -> None:
    spec = "nodeGroups: {workers: {daemonSetOverhead: {cpu: 2, memory: 1Gi}}}"
    assert overhead(Example(spec=spec), "c5.4xlarge").daemon_sets.cpu_millicores == 2_500


# 20 % of 16 CPUs are 3,200m: 110m are the system's, 500m the good fleet's other DaemonSets'.
@pytest.mark.parametrize(("cpu", "warned"), [("2590m", False), ("2591m", True)])
def test_more_than_a_fifth_is_warned_of(cpu: str, warned: bool) -> None:
    amounts = f"{{cpu: {cpu}, memory: 1Gi}}"
    told = found(
        RULES, "KT404", spec=f"daemonSets: {{x: {{requests: {amounts}, limits: {amounts}}}}}"
    )
    assert [it.split(":")[0] for it in told] == (
        ["spec.nodeGroups.workers.spot.sizes.4x"] if warned else []
    )


# The largest type of the shared group is an r5.8xlarge: 32 CPUs less 150m and less 500m.
@pytest.mark.parametrize(("cpu", "fits"), [("31350m", True), ("31351m", False)])
def test_a_pod_is_held_against_the_largest_node_of_its_group(cpu: str, fits: bool) -> None:
    larger = changed(DEPLOYMENT, ("requests: {cpu: 500m", f"requests: {{cpu: {cpu}"))
    assert (found(RULES, "KT414", larger) == []) is fits


def test_a_sidecar_runs_beside_the_others_and_an_init_container_before_them() -> None:
    init = "      initContainers: [{name: i, %s resources: {requests: {cpu: 31}}}]\n"
    init += "      containers:\n"
    alone = changed(DEPLOYMENT, ("      containers:\n", init % ""))
    beside = changed(DEPLOYMENT, ("      containers:\n", init % "restartPolicy: Always,"))
    assert found(RULES, "KT414", alone) == []
    assert len(found(RULES, "KT414", beside)) == 1
