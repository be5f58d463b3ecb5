from __future__ import annotations

import pytest

from tests.unit.check.rules.checking import found, told

GROUPS = """\
nodeGroups:
  workers: {hpa: {target: 50%, peakRise: 20%}}
  api:
    dedicated: true
    onDemand: {sizes: {4x: {instances: 4x-cpu16, max: 9}}}
    hpa: {target: 50%, peakRise: 100%}
namespaces: {api: {nodeGroup: api}}
"""


def hpa(target: str, namespace: str = "shop") -> str:
    return (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n"
        f"metadata: {{name: front, namespace: {namespace}}}\nspec:\n  maxReplicas: 9\n"
        "  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: front}\n"
        f"{target}\n"
    )


V2 = """\
  metrics:
  - type: Resource
    resource: {name: memory, target: {type: Utilization, averageUtilization: 99}}
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}"""
OF_A_CONTAINER = """\
  metrics:
  - type: ContainerResource
    containerResource:
      name: cpu
      container: front
      target: {type: Utilization, averageUtilization: 80}"""
V1 = "  targetCPUUtilizationPercentage: 80"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (V2, "spec.metrics[1].resource.target.averageUtilization"),
        (OF_A_CONTAINER, "spec.metrics[0].containerResource.target.averageUtilization"),
        (V1, "spec.targetCPUUtilizationPercentage"),
    ],
    ids=["v2", "of a container", "v1"],
)
def test_an_autoscaler_in_a_manifest_is_held_to_its_namespaces_group(text: str, field: str) -> None:
    assert found("KT307", GROUPS, manifests__hpa=hpa(text)) == []
    (it,) = found("KT307", GROUPS, manifests__hpa=hpa(text, namespace="api"))
    assert (it.field, it.about) == (field, "HorizontalPodAutoscaler api/front")
    assert it.wrong.startswith("pods at 80 % of what they request are at 160 % when demand rises")
    assert it.instead == "write 50% or less"


def test_the_group_that_its_workload_selects_comes_first() -> None:
    deployment = (
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: front, namespace: api}\n"
        "spec:\n  template:\n    spec: {nodeSelector: {kingtide.dev/node-group: workers}}\n"
    )
    text = hpa(V1, namespace="api") + deployment
    assert found("KT307", GROUPS, manifests__hpa=text) == []


def test_without_a_known_rise_nothing_is_said() -> None:
    none = "nodeGroups: {workers: {hpa: {target: 95%, peakRise: null}}}"
    assert told("KT307", none, manifests__hpa=hpa(V1)) == []


def test_a_group_without_a_target_has_the_clusters() -> None:
    spec = "hpa: {target: 90%}\nnodeGroups: {workers: {hpa: {target: null, peakRise: 20%}}}"
    (it,) = found("KT307", spec)
    assert it.field == "spec.nodeGroups.workers.hpa.peakRise"
    assert "pods at 90 %" in it.wrong
