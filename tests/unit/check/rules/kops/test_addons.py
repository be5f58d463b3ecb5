from __future__ import annotations

import pytest

from kingtide.check.rules.kops import addons
from tests.unit.check.rules.kops.documents import Change, faults


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([("", ("spec", "kubeDNS", "provider"), None)], [], id="CoreDNS by default"),
        pytest.param(
            [("", ("spec", "kubeDNS"), {"provider": "KubeDNS"})],
            [],
            id="another, without the cache",
        ),
        pytest.param(
            [("", ("spec", "kubeDNS", "provider"), "KubeDNS")],
            ["Cluster spec.kubeDNS.provider"],
            id="another",
        ),
    ],
)
def test_node_local_dns_stands_before_coredns(changes: list[Change], expected: list[str]) -> None:
    assert faults(addons._node_local_dns, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "podIdentityWebhook"), {"enabled": True})],
            ["Cluster spec.podIdentityWebhook.enabled"],
            id="a webhook",
        ),
        pytest.param(
            [
                ("", ("spec", "podIdentityWebhook"), {"enabled": True}),
                ("", ("spec", "certManager"), {"enabled": True}),
            ],
            [],
            id="with certificates",
        ),
        pytest.param(
            [("", ("spec", "snapshotController"), {"enabled": False})], [], id="switched off"
        ),
        pytest.param(
            [("", ("spec", "metricsServer"), {"enabled": True, "insecure": False})],
            ["Cluster spec.metricsServer.insecure"],
            id="secure metrics",
        ),
        pytest.param(
            [("", ("spec", "metricsServer"), {"enabled": True})], [], id="metrics as they come"
        ),
    ],
)
def test_what_needs_certificates_has_cert_manager(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(addons._certificates, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "containerRuntime"), "docker")],
            ["Cluster spec.containerRuntime"],
            id="docker",
        ),
        pytest.param([("", ("spec", "containerRuntime"), "containerd")], [], id="containerd"),
        pytest.param(
            [("", ("spec", "networking"), {"canal": {}})],
            ["Cluster spec.networking.canal"],
            id="canal",
        ),
        pytest.param(
            [("", ("spec", "iam"), {"legacy": True})],
            ["Cluster spec.iam.legacy"],
            id="legacy permissions",
        ),
        pytest.param([("", ("spec", "iam"), {"legacy": False})], [], id="no legacy permissions"),
    ],
)
def test_nothing_is_used_that_kops_took_out(changes: list[Change], expected: list[str]) -> None:
    assert faults(addons._removed, *changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(
            [("", ("spec", "addons"), [{"manifest": "s3://acme/a.yaml"}])],
            [],
            id="in the state store",
        ),
        pytest.param(
            [
                (
                    "",
                    ("spec", "addons"),
                    [{"manifest": "s3://acme/a.yaml"}, {"manifest": "file:///a.yaml"}],
                )
            ],
            ["Cluster spec.addons[1].manifest"],
            id="on a disk",
        ),
    ],
)
def test_an_addons_manifest_is_within_reach(changes: list[Change], expected: list[str]) -> None:
    assert faults(addons._manifests, *changes) == expected


NODE_LOCAL: Change = ("", ("spec", "kubeDNS", "nodeLocalDNS"), {"enabled": True})
IPVS: Change = ("", ("spec", "kubeProxy"), {"proxyMode": "ipvs"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([NODE_LOCAL], [], id="iptables"),
        pytest.param([NODE_LOCAL, IPVS], ["Cluster spec.kubelet.clusterDNS"], id="IPVS"),
        pytest.param(
            [NODE_LOCAL, IPVS, ("", ("spec", "kubelet", "clusterDNS"), "169.254.20.10")],
            [],
            id="named",
        ),
        pytest.param(
            [NODE_LOCAL, IPVS, ("", ("spec", "kubelet", "clusterDNS"), "100.64.0.10")],
            ["Cluster spec.kubelet.clusterDNS"],
            id="the service",
        ),
        pytest.param(
            [IPVS, ("", ("spec", "kubeDNS", "nodeLocalDNS"), {"enabled": False})], [], id="no cache"
        ),
    ],
)
def test_with_ipvs_kubelets_have_to_name_the_cache(
    changes: list[Change], expected: list[str]
) -> None:
    assert faults(addons._ipvs, *changes) == expected
