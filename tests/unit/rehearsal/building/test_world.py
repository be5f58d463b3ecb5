from __future__ import annotations

import json
from pathlib import Path

import pytest

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ResourceMetric,
    ScalingPolicy,
    UtilizationTarget,
)
from kingtide.controlplane.node_resources import allocatable
from kingtide.fleet.daemon_overhead import daemon_overhead
from kingtide.fleet.pause_pods import unwritten_pause_pod
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.kube.pods import pod_requests
from kingtide.kube.taints import Toleration
from kingtide.rehearsal.building.world import build_world
from kingtide.rehearsal.scenario.read import Options, read_scenario
from kingtide.twin.definition import Application, WorldDefinition
from tests.small_rehearsal import write_small


def world(folder: Path, *settings: str) -> WorldDefinition:
    return build_world(read_scenario(write_small(folder), Options(settings=settings)))


def application(definition: WorldDefinition, name: str) -> Application:
    return next(a for a in definition.applications if a.name == name)


def test_the_same_scenario_builds_the_same_world(tmp_path: Path) -> None:
    assert world(tmp_path) == world(tmp_path)
    assert world(tmp_path) != world(tmp_path, "seed=8")


def test_node_groups_start_as_the_scenario_says(tmp_path: Path) -> None:
    running = {g.group.name: g.running for g in world(tmp_path).node_groups}
    assert running == {
        "spot-nodes-workers-4x": 2,
        "on-demand-workers-4x": 0,
        "on-demand-api-2x": 1,
    }
    for group in world(tmp_path).node_groups:
        assert group.group.desired_capacity == group.running


def test_an_application_starts_with_its_hpas_minimum(tmp_path: Path) -> None:
    assert application(world(tmp_path), "web").replicas == 6
    changed = world(tmp_path, "applications.web.replicas=9")
    assert application(changed, "web").replicas == 9


def test_a_pods_priority_is_resolved_from_its_class(tmp_path: Path) -> None:
    spec = application(world(tmp_path), "web").template.spec
    assert (spec.priority_class_name, spec.priority) == ("high", 5)


def test_an_autoscaler_takes_its_own_settings_then_the_scenarios_then_the_clusters(
    tmp_path: Path,
) -> None:
    scaled = application(world(tmp_path), "web").autoscaler
    assert scaled is not None
    assert scaled.spec.metrics == (ResourceMetric("cpu", UtilizationTarget(70)),)
    assert scaled.config.downscale_stabilization_seconds == 1800
    scaled = application(
        world(
            tmp_path,
            "policies.hpa.downscaleStabilization=10m",
            "policies.hpa.target=0.6",
            "applications.web.hpa.targetUtilization=90%",
        ),
        "web",
    ).autoscaler
    assert scaled is not None
    assert scaled.spec.metrics == (ResourceMetric("cpu", UtilizationTarget(90)),)
    assert scaled.config.downscale_stabilization_seconds == 600
    scaled = application(
        world(
            tmp_path,
            "policies.hpa.downscaleStabilization=10m",
            "applications.web.hpa.downscaleStabilization=5m",
            "applications.web.hpa.syncPeriod=30s",
        ),
        "web",
    ).autoscaler
    assert scaled is not None
    assert scaled.config.downscale_stabilization_seconds == 300
    assert scaled.config.sync_period_seconds == 30


def test_metrics_and_behaviour_are_written_in_kubernetes_own_form(tmp_path: Path) -> None:
    scaled = application(
        world(
            tmp_path,
            "applications.web.hpa.metrics=[{type: Resource, resource: {name: cpu, target:"
            " {type: AverageValue, averageValue: 800m}}}]",
            "applications.web.hpa.behavior={scaleUp: {policies: [{type: Pods, value: 4,"
            " periodSeconds: 15}], selectPolicy: Max}}",
        ),
        "web",
    ).autoscaler
    assert scaled is not None
    assert scaled.spec.metrics == (ResourceMetric("cpu", AverageValueTarget(800)),)
    assert scaled.spec.behavior is not None
    assert scaled.spec.behavior.scale_down is None
    assert scaled.spec.behavior.scale_up is not None
    assert scaled.spec.behavior.scale_up.policies == (ScalingPolicy("Pods", 4, 15),)


def test_no_behaviour_is_not_a_behaviour_full_of_defaults(tmp_path: Path) -> None:
    scaled = application(world(tmp_path), "web").autoscaler
    assert scaled is not None
    assert scaled.spec.behavior is None


def test_an_application_on_a_dedicated_group_tolerates_and_selects_it(tmp_path: Path) -> None:
    spec = application(world(tmp_path, "applications.worker.nodeGroup=api"), "worker").template.spec
    assert spec.node_selector == (("kingtide.dev/node-group", "api"),)
    assert spec.tolerations == (
        Toleration(key="kingtide.dev/node-group", value="api", effect="NoSchedule"),
    )


def test_an_application_on_a_shared_group_only_selects_it(tmp_path: Path) -> None:
    changed = world(tmp_path, "applications.worker.nodeGroup=workers")
    spec = application(changed, "worker").template.spec
    assert spec.node_selector == (("kingtide.dev/node-group", "workers"),)
    assert spec.tolerations == ()


def test_pause_pods_have_a_deployment_a_ladder_and_a_policy(tmp_path: Path) -> None:
    definition = world(tmp_path)
    pause = application(definition, "overprovisioning-workers")
    assert pause.key == "overprovisioning/overprovisioning-workers"
    assert pause.template.spec.priority == -10
    assert pod_requests(pause.template.spec).cpu_millicores == 3000
    ladder = next(c for c in definition.config_maps if c.key == pause.key)
    assert json.loads(ladder.data["ladder"]) == {"coresToReplicas": [[0, 1], [64, 2]]}
    assert definition.policies("overprovisioning", OverprovisioningPolicy) == (
        OverprovisioningPolicy(
            deployment=pause.key,
            config_map=pause.key,
            node_labels=(("kingtide.dev/node-group", "workers"),),
        ),
    )


def test_a_pause_pod_without_a_size_has_that_which_its_fleet_compiles_to(tmp_path: Path) -> None:
    settings = ("clusterSpec.overprovisioning.workers.pod=null",)
    scenario = read_scenario(write_small(tmp_path), Options(settings=settings))
    types = [it.group.instance_types[0] for it in scenario.groups if it.serves == "workers"]
    smallest = min((allocatable(it) for it in types), key=lambda it: it.cpu_millicores)
    overhead = daemon_overhead(scenario.cluster.spec, "workers")
    pause = application(build_world(scenario), "overprovisioning-workers")
    requests = pod_requests(pause.template.spec)
    assert requests == unwritten_pause_pod([smallest], overhead)
    two = requests + requests + overhead
    assert two.cpu_millicores <= smallest.cpu_millicores
    assert two.memory_bytes <= smallest.memory_bytes


def test_overprovisioning_can_be_taken_away(tmp_path: Path) -> None:
    definition = world(tmp_path, "policies.overprovisioning.enabled=false")
    assert definition.policies("overprovisioning", OverprovisioningPolicy) == ()
    assert [a.name for a in definition.applications] == ["web", "worker"]


def test_node_autoscaling_takes_the_scenarios_settings_over_the_clusters(tmp_path: Path) -> None:
    key = "nodeAutoscaling"
    expected = NodeAutoscalingPolicy(
        expander=("priority",),
        max_node_provision_seconds=300,
        scale_down=ScaleDownPolicy(unneeded_seconds=300),
    )
    assert world(tmp_path).policies(key, NodeAutoscalingPolicy) == (expected,)
    without = world(tmp_path, "policies.nodeAutoscaling.enabled=false")
    assert without.policies(key, NodeAutoscalingPolicy) == ()


def test_the_priority_expanders_config_map_prefers_spot(tmp_path: Path) -> None:
    definition = world(tmp_path)
    key = "kube-system/cluster-autoscaler-priority-expander"
    priorities = next(c for c in definition.config_maps if c.key == key).data["priorities"]
    assert priorities.index("on-demand-") < priorities.index("spot-nodes-")
    assert priorities.startswith("10:")


def test_a_front_is_named_with_its_namespace(tmp_path: Path) -> None:
    definition = world(tmp_path, "applications.web.dependsOn=worker")
    assert application(definition, "web").depends_on == "jobs/worker"


def test_outages_of_applications_are_instants(tmp_path: Path) -> None:
    definition = world(tmp_path, "applications.web.outages=[{from: '20:05', until: '20:10'}]")
    (outage,) = application(definition, "web").outages
    assert (outage.from_ms - definition.start_ms, outage.until_ms - definition.start_ms) == (
        300_000,
        600_000,
    )


@pytest.mark.parametrize("name", ["logs"])
def test_a_daemon_set_tolerates_every_taint(tmp_path: Path, name: str) -> None:
    (daemon_set,) = world(tmp_path).daemon_sets
    assert daemon_set.name == name
    assert daemon_set.template.spec.tolerations == (Toleration(operator="Exists"),)
    assert daemon_set.template.spec.priority > 1_000_000_000
