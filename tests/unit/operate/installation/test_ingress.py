from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.control.action import Permission
from kingtide.fleet.policies.ingress import IngressPolicy
from kingtide.operate.ingress.process import END_SECONDS, LAST_SECONDS
from kingtide.operate.installation.ingress import FOLDER, HEALTH_PORT, grants, ingress
from kingtide.operate.installation.manifests import documents
from tests.unit.operate.installation.installations import installation

POLICY = IngressPolicy()


def of_kind(kind: str, **settings: Any) -> Any:
    (found,) = (it.body for it in ingress(installation(**settings)) if it.kind == kind)
    return found


def container() -> Any:
    (found,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    return found


def test_a_load_balancer_reaches_requests_and_health_on_the_node() -> None:
    ports = {it["name"]: (it["containerPort"], it["hostPort"]) for it in container()["ports"]}
    assert ports == {
        "http": (POLICY.http_port,) * 2,
        "https": (POLICY.https_port,) * 2,
        "metrics": (HEALTH_PORT,) * 2,
    }


def test_no_two_pods_share_a_node_and_one_at_a_time_is_disrupted() -> None:
    spread = of_kind("Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert spread[0]["topologyKey"] == "kubernetes.io/hostname"
    assert spread[0]["whenUnsatisfiable"] == "DoNotSchedule"
    assert of_kind("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_there_is_time_to_drain_and_to_end_before_the_pod_is_killed() -> None:
    seconds = of_kind("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert seconds > POLICY.drain_seconds + END_SECONDS + LAST_SECONDS


def test_haproxys_files_go_where_it_may_write() -> None:
    mounted = {it["mountPath"] for it in container()["volumeMounts"] if not it.get("readOnly")}
    assert FOLDER in mounted
    assert f"--config-dir={FOLDER}" in container()["args"]


def test_what_is_scraped_is_where_the_process_says_it_is_ready() -> None:
    template = of_kind("Deployment")["spec"]["template"]
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(HEALTH_PORT)
    assert f"--listen=0.0.0.0:{HEALTH_PORT}" in container()["args"]


WRITES = ("create", "patch", "update", "delete")


@pytest.mark.parametrize("watch_only", [pytest.param(True, id="watching"), False])
def test_it_writes_statuses_events_and_its_lease_alone(watch_only: bool) -> None:
    policy = IngressPolicy(config_map="d/values", publish_service="d/edge", ingress_class="own")
    written = {
        (it.resource, grant.namespace, grant.names)
        for grant in grants(policy, watch_only=watch_only)
        for it in grant.rights
        if it.verb in WRITES
    }
    expected = {
        ("ingresses/status", "", ()),
        ("events", "", ()),
        ("leases", "kingtide-system", ()),
        ("leases", "kingtide-system", ("kingtide-ingress-own",)),
    }
    assert written == (set() if watch_only else expected)


def test_only_the_named_config_map_and_service_are_read_by_name() -> None:
    policy = IngressPolicy(config_map="d/values", publish_service="d/edge")
    named = {(it.namespace, it.names): it.rights for it in grants(policy) if it.names}
    assert {right.resource for right in named["d", ("values",)]} == {"configmaps"}
    assert named["d", ("edge",)] == (Permission("core", "get", "services"),)


LEVEL = "pod-security.kubernetes.io/enforce"


def test_every_namespace_admits_the_pods_that_are_put_into_it() -> None:
    bodies: list[Any] = [
        it.body for it in documents(msgspec.structs.replace(installation(), ingress=True))
    ]
    levels = {
        it["metadata"]["name"]: it["metadata"]["labels"][LEVEL]
        for it in bodies
        if it["kind"] == "Namespace"
    }
    has_host_ports = {
        it["metadata"]["namespace"]: any(
            "hostPort" in port
            for one in it["spec"]["template"]["spec"]["containers"]
            for port in one["ports"]
        )
        for it in bodies
        if it["kind"] == "Deployment"
    }
    assert has_host_ports == {"kingtide-system": False, "kingtide-ingress": True}
    assert (levels["kingtide-system"], levels["kingtide-ingress"]) == ("restricted", "privileged")


def test_what_a_pod_refers_to_is_in_its_namespace() -> None:
    pods = of_kind("Deployment")
    namespace, pod = pods["metadata"]["namespace"], pods["spec"]["template"]["spec"]
    there = {(it.kind, it.name) for it in ingress(installation()) if it.namespace == namespace}
    volumes = {it["configMap"]["name"] for it in pod["volumes"] if "configMap" in it}
    wanted = {("ConfigMap", it) for it in volumes} | {("ServiceAccount", pod["serviceAccountName"])}
    assert wanted <= there
    for kind in ("ClusterRoleBinding", "RoleBinding"):
        assert [it["namespace"] for it in of_kind(kind)["subjects"]] == [namespace]
