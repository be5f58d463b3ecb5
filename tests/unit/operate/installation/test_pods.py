from __future__ import annotations

from typing import Any

import pytest

from kingtide.kube.namespaces import KINGTIDE_NAMESPACE
from kingtide.operate.installation.manifests import documents
from kingtide.operate.installation.pods import arguments
from tests.unit.operate.installation.installations import CLUSTER, QUEUE, installation


def pod_of(**settings: Any) -> Any:
    (found,) = (it.body for it in documents(installation(**settings)) if it.kind == "Deployment")
    body: Any = found
    return body["spec"]["template"]["spec"]


def test_pods_have_what_they_ask_for_and_no_way_out_of_their_container() -> None:
    pod = pod_of()
    (container,) = pod["containers"]
    assert container["resources"]["requests"] == container["resources"]["limits"]
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_pods_run_on_the_tools_nodes_and_tolerate_their_taint() -> None:
    pod = pod_of()
    assert pod["nodeSelector"] == {"kingtide.dev/node-group": "admin"}
    assert [it["value"] for it in pod["tolerations"]] == ["admin"]


def test_without_such_nodes_they_run_anywhere_rather_not_on_spot() -> None:
    pod = pod_of(group="no-such-group")
    assert "nodeSelector" not in pod
    assert "preferredDuringSchedulingIgnoredDuringExecution" in pod["affinity"]["nodeAffinity"]


def test_the_container_is_called_with_the_controllers_by_name() -> None:
    found = arguments(installation("nodeAutoscaling", "spotInterruption", queue=QUEUE))
    assert found[:3] == ["run", "node-autoscaling", "spot-interruption"]
    assert f"--queue={QUEUE}" in found
    assert "--all" not in found
    assert "--dry-run" not in found


def test_who_only_watches_runs_dry() -> None:
    assert "--dry-run" in arguments(installation(watch_only=True))


def test_the_namespace_is_the_one_that_the_cluster_compiles_to() -> None:
    patch = {"op": "add", "path": "/metadata/labels/team", "value": "platform"}
    target = {"kind": "Namespace", "name": KINGTIDE_NAMESPACE}
    spec = {**CLUSTER, "kubernetes": {"patches": [{"target": target, "json6902": [patch]}]}}
    first: Any = documents(installation(spec=spec))[0].body
    assert first["metadata"]["name"] == KINGTIDE_NAMESPACE
    assert first["metadata"]["annotations"]["kingtide.dev/cluster"] == "prod.k8s.example.com"
    assert first["metadata"]["labels"]["team"] == "platform"


@pytest.mark.parametrize(
    ("how", "kinds"),
    [("none", []), ("annotations", []), ("service-monitor", ["Service", "ServiceMonitor"])],
)
def test_metrics_are_found_as_asked(how: Any, kinds: list[str]) -> None:
    found = documents(installation(monitoring=how))
    assert [
        it.kind for it in found if it.kind.startswith("Service") and it.kind[7:] != "Account"
    ] == kinds
    (pods,) = (it.body for it in found if it.kind == "Deployment")
    body: Any = pods
    assert ("annotations" in body["spec"]["template"]["metadata"]) is (how == "annotations")
