from __future__ import annotations

from pathlib import PurePosixPath

from kingtide.fleet.policies.downscaling import DownscalingPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.prescaling import PrescalingPolicy
from kingtide.fleet.repository import LayeredCluster, read_fleet
from kingtide.roster.settings import cluster_runs
from tests.small_rehearsal import CLUSTER, FILES


def cluster(text: str = CLUSTER) -> LayeredCluster:
    """Return the cluster of the small fleet, with another text of its file."""
    files = {
        PurePosixPath(path).relative_to("fleet"): it.encode()
        for path, it in FILES.items()
        if path.startswith("fleet/")
    }
    files[PurePosixPath("clusters/prod.yaml")] = text.encode()
    return read_fleet(files, str).clusters["prod"]


def test_a_cluster_has_node_autoscaling_and_overprovisioning_of_its_groups() -> None:
    autoscaling, pause = cluster_runs(cluster())
    assert isinstance(autoscaling.policy, NodeAutoscalingPolicy)
    assert autoscaling.policy.max_node_provision_seconds == 300
    assert isinstance(pause.policy, OverprovisioningPolicy)
    assert pause.policy.deployment == "overprovisioning/overprovisioning-workers"
    assert pause.policy.node_labels == (("kingtide.dev/node-group", "workers"),)


def test_a_controller_that_the_cluster_names_runs_with_what_it_says() -> None:
    runs = {it.key: it.policy for it in cluster_runs(cluster(f"{CLUSTER}  prescaling: {{}}\n"))}
    assert runs["prescaling"] == PrescalingPolicy()
    assert "ondemandReclaim" not in runs


def test_a_timetable_brings_downscaling() -> None:
    timetable = "  downscale: {timezone: Europe/Paris, uptime: ['Mon-Fri 07:30-20:00']}\n"
    runs = {it.key: it.policy for it in cluster_runs(cluster(CLUSTER + timetable))}
    policy = runs["downscaling"]
    assert isinstance(policy, DownscalingPolicy)
    assert policy.uptime == "Mon-Fri 07:30-20:00 Europe/Paris"
