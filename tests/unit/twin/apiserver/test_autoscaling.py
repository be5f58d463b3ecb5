"""HorizontalPodAutoscalers that are written through the API: they scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from kingtide.controlplane.hpa.model import (
    AverageValueTarget,
    ResourceMetric,
    ScalingPolicy,
    UtilizationTarget,
)
from kingtide.kube.autoscalers import HorizontalPodAutoscaler
from kingtide.twin.apiserver.writing.autoscaling import DEFAULT_METRICS, read_spec
from tests.served_world import ServedWorld, served_world
from tests.unit.twin.apiserver.bodies import DEPLOYMENTS, MERGE, deployment

AUTOSCALERS = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWorld]:
    with served_world(tmp_path_factory.mktemp("served"), run_seconds=60) as found:
        yield found


@pytest.fixture
def client(served: ServedWorld) -> Iterator[httpx2.Client]:
    with served.client() as found:
        yield found


def metric(percent: int, resource: str = "cpu") -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": resource, "target": target}}


def autoscaler(name: str, target: str, **spec: Any) -> dict[str, Any]:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": target}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {"scaleTargetRef": reference, "minReplicas": 1, "maxReplicas": 6, **spec},
    }


def replicas(client: httpx2.Client, name: str) -> int:
    found: int = client.get(f"{DEPLOYMENTS}/{name}").json()["spec"]["replicas"]
    return found


def test_it_scales_its_deployment_whichever_of_them_was_there_first(
    client: httpx2.Client, served: ServedWorld
) -> None:
    # Pods of which nobody said what they use use what they request: 100 %, twice the target.
    made = client.post(AUTOSCALERS, json=autoscaler("grow", "busy", metrics=[metric(50)]))
    served.run_on(120)
    client.post(DEPLOYMENTS, json=deployment("busy", 2))
    served.run_on(300)
    told = client.get(f"{AUTOSCALERS}/grow").json()

    assert made.status_code == 201
    assert replicas(client, "busy") == 6
    current = told["status"]["currentMetrics"][0]["resource"]["current"]
    assert (current["averageUtilization"], told["status"]["desiredReplicas"]) == (100, 6)
    assert told["spec"]["metrics"] == [metric(50)]


def test_a_change_of_its_bounds_counts_and_after_its_deletion_nothing_scales(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.post(DEPLOYMENTS, json=deployment("changed", 2))
    client.post(AUTOSCALERS, json=autoscaler("changed", "changed", minReplicas=3))
    served.run_on(60)
    at_first = replicas(client, "changed")
    patch = {"spec": {"minReplicas": 5, "metrics": [metric(95)]}}
    client.patch(f"{AUTOSCALERS}/changed", json=patch, headers=MERGE)
    served.run_on(60)
    then = replicas(client, "changed")
    client.delete(f"{AUTOSCALERS}/changed")
    client.patch(f"{DEPLOYMENTS}/changed", json={"spec": {"replicas": 1}}, headers=MERGE)
    served.run_on(120)

    assert (at_first, then, replicas(client, "changed")) == (4, 5, 1)


def test_without_its_deployment_an_autoscaler_of_the_scenario_waits(
    client: httpx2.Client, served: ServedWorld
) -> None:
    client.delete(f"{DEPLOYMENTS}/web")
    served.run_on(60)
    client.post(DEPLOYMENTS, json=deployment("web", 2))
    served.run_on(60)
    assert replicas(client, "web") >= 6  # its minimum


@pytest.mark.parametrize(
    ("sent", "code", "message"),
    [
        pytest.param(autoscaler("second", "web"), 422, "default/web scales", id="scaled already"),
        pytest.param(
            autoscaler("memory", "x", metrics=[metric(50, "memory")]),
            422,
            "only the cpu",
            id="kind",
        ),
        pytest.param(
            autoscaler("pods", "x", metrics=[{"type": "Pods"}]), 422, "only Resource", id="type"
        ),
        pytest.param(
            autoscaler("set", "x", scaleTargetRef={"kind": "StatefulSet", "name": "x"}),
            405,
            "autoscalers of a StatefulSet",
            id="what it scales",
        ),
    ],
)
def test_what_nothing_here_could_scale_by_is_refused(
    client: httpx2.Client, sent: dict[str, Any], code: int, message: str
) -> None:
    refused = client.post(AUTOSCALERS, json=sent)
    assert refused.status_code == code, refused.text
    assert message in refused.json()["message"]
    assert client.get(f"{AUTOSCALERS}/{sent['metadata']['name']}").status_code == 404


def test_a_spec_is_read_with_the_defaults_of_the_api() -> None:
    value = HorizontalPodAutoscaler("default", "a", "", "Deployment", "b", 4)
    policy = {"type": "Pods", "value": 2, "periodSeconds": 60}
    up = {"policies": [policy], "selectPolicy": "Min", "tolerance": "50m"}
    average = {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "500m"}}
    body = {
        "metrics": [{"type": "Resource", "resource": average}, metric(70)],
        "behavior": {"scaleUp": up},
    }
    full, plain = read_spec(value, {"spec": body}), read_spec(value, {"spec": {}})

    assert (plain.metrics, plain.behavior, plain.min_replicas) == (DEFAULT_METRICS, None, 1)
    assert full.metrics == (
        ResourceMetric("cpu", AverageValueTarget(500)),
        ResourceMetric("cpu", UtilizationTarget(70)),
    )
    assert full.behavior is not None
    rules = full.behavior.scale_up
    assert full.behavior.scale_down is None
    assert rules is not None
    assert (rules.policies, rules.select_policy) == ((ScalingPolicy("Pods", 2, 60),), "Min")
    assert str(rules.tolerance) == "0.05"
