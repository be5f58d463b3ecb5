from __future__ import annotations

import json
from typing import Any

import pytest

from kingtide.compile.compilation import compile_cluster
from tests.unit.compile.fleets import (
    CLUSTER,
    WIDE,
    cluster_with,
    compiled,
    fleet_of,
    mistakes,
    spec_of,
)


def spec(**changes: Any) -> dict[str, Any]:
    return spec_of(compiled(**changes).kops[0])


def with_tool(chart: str, **changes: Any) -> dict[str, Any]:
    tool = {
        "apiVersion": "fleet.kingtide.dev/v1alpha1",
        "kind": "Tool",
        "metadata": {"name": "one"},
        "spec": {
            "chart": {"repo": "https://charts.example.com", "name": chart, "version": "1.0.0"},
            "namespace": "kube-system",
        },
    }
    fleet = fleet_of(cluster_with(**changes), more={"tools/one/tool.yaml": tool})
    return spec_of(compile_cluster(fleet, "small").kops[0])


def test_the_cluster_is_named_below_the_fleets_zone_and_kept_in_its_store() -> None:
    cluster = compiled().kops[0]
    assert (cluster.kind, cluster.name) == ("Cluster", "small.k8s.example.com")
    assert spec()["configBase"] == "s3://acme-kops-state/small.k8s.example.com"
    assert spec()["kubernetesVersion"] == "1.35.7"
    assert spec()["cloudLabels"] == {"team": "platform"}
    assert spec(tags={"env": "prod"})["cloudLabels"] == {"env": "prod", "team": "platform"}


def test_a_version_may_be_written_with_its_v() -> None:
    assert spec(kubernetesVersion="v1.34.2")["kubernetesVersion"] == "1.34.2"


@pytest.mark.parametrize(
    ("per_zone", "members"),
    [(True, ["a", "b", "c"]), (False, ["a"]), (None, ["a"])],
    ids=str,
)
def test_etcd_has_a_member_on_every_machine_of_the_control_plane(
    per_zone: bool | None, members: list[str]
) -> None:
    plane = {"instanceType": "m5.large"} | ({} if per_zone is None else {"perZone": per_zone})
    kops = compiled(controlPlane=plane).kops
    masters = [it for it in kops if it.kind == "InstanceGroup" and spec_of(it)["role"] == "Master"]
    assert [it.name for it in masters] == [f"control-plane-eu-west-3{zone}" for zone in members]
    for etcd in spec_of(kops[0])["etcdClusters"]:
        assert [it["name"] for it in etcd["etcdMembers"]] == members
        assert [it["instanceGroup"] for it in etcd["etcdMembers"]] == [it.name for it in masters]
    assert all((spec_of(it)["minSize"], spec_of(it)["maxSize"]) == (1, 1) for it in masters)


def test_flags_of_the_autoscalers_controller_are_those_that_are_written() -> None:
    hpa = {"target": "60%", "downscaleStabilization": "30m0s", "tolerance": 0.05}
    assert spec(hpa=hpa)["kubeControllerManager"] == {
        "horizontalPodAutoscalerDownscaleStabilization": "30m0s",
        "horizontalPodAutoscalerTolerance": "0.05",
    }
    assert "kubeControllerManager" not in spec(hpa={"target": "60%"})


def test_people_are_known_by_the_authenticators_mappings() -> None:
    found = spec(iam=WIDE["iam"])["authentication"]["aws"]
    assert found["backendMode"] == "CRD"
    assert [it["username"] for it in found["identityMappings"]] == [
        "platform:{{SessionName}}",
        "break-glass",
    ]
    assert "authentication" not in spec()


def test_pods_have_roles_by_their_service_account() -> None:
    found = spec(iam=WIDE["iam"])
    roles = found["iam"]["serviceAccountExternalPermissions"]
    assert [(it["namespace"], it["name"]) for it in roles] == [
        ("kube-system", "cluster-autoscaler"),
        ("shop", "uploads"),
    ]
    assert roles[0]["aws"]["policyARNs"] == ["arn:aws:iam::111111111111:policy/cluster-autoscaler"]
    statements = WIDE["iam"]["serviceAccounts"][0]["statements"]
    assert json.loads(roles[1]["aws"]["inlinePolicy"]) == statements
    assert found["iam"]["useServiceAccountExternalPermissions"] is True
    assert found["iam"]["permissionsBoundary"].endswith("policy/boundary")
    assert found["serviceAccountIssuerDiscovery"] == {
        "discoveryStore": "s3://acme-oidc/small.k8s.example.com",
        "enableAWSOIDCProvider": True,
    }
    assert found["podIdentityWebhook"] == {"enabled": True}


def test_roles_of_service_accounts_need_a_bucket() -> None:
    (told,) = mistakes(iam={**WIDE["iam"], "issuerBucket": None})
    assert "spec.iam.issuerBucket: is missing, and service accounts have roles" in told


def test_kops_owns_the_webhook_and_its_certificates_unless_a_chart_does() -> None:
    iam = {"iam": WIDE["iam"]}
    assert spec(**iam)["certManager"] == {"enabled": True}
    assert with_tool("cert-manager", **iam)["certManager"] == {"enabled": True, "managed": False}
    assert "podIdentityWebhook" not in with_tool("amazon-eks-pod-identity-webhook", **iam)
    assert "certManager" not in spec()


def test_one_program_handles_interruptions() -> None:
    kops_own = {"enableSQSTerminationDraining": True, "enabled": True}
    assert spec()["nodeTerminationHandler"] == kops_own
    assert spec(spotInterruption={})["nodeTerminationHandler"] == {"enabled": False}
    by_chart = with_tool("aws-node-termination-handler")
    assert by_chart["nodeTerminationHandler"] == {"enabled": False}
    assert with_tool("loki")["nodeTerminationHandler"] == kops_own


def test_the_cache_on_nodes_asks_coredns_for_the_clusters_names_only() -> None:
    assert spec(dns={"nodeLocal": True})["kubeDNS"] == {
        "nodeLocalDNS": {"enabled": True, "forwardToKubeDNS": False},
        "provider": "CoreDNS",
    }
    assert spec(dns={"nodeLocal": False})["kubeDNS"]["nodeLocalDNS"] == {"enabled": False}
    assert spec()["kubeDNS"] == {"provider": "CoreDNS"}
    assert spec(dns={"domain": "prod.local"})["clusterDNSDomain"] == "prod.local"


def test_nodes_are_replaced_as_is_written() -> None:
    update = {"maxSurge": "10%", "maxUnavailable": 0}
    assert spec(rollingUpdate=update)["rollingUpdate"] == update
    assert "rollingUpdate" not in spec()


def test_every_machine_asks_for_session_tokens_and_runs_the_fleets_image() -> None:
    plane = {**CLUSTER["controlPlane"], "rootVolume": {"size": "64Gi"}}
    groups = [spec_of(it) for it in compiled(controlPlane=plane).kops[1:]]
    assert all(it["instanceMetadata"] == {"httpTokens": "required"} for it in groups)
    assert all(it["image"] == "ubuntu-26.04" for it in groups)
    assert [it.get("rootVolumeSize") for it in groups] == [64, None, None]
