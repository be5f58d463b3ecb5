from __future__ import annotations

from typing import Any

import pytest

from tests.unit.compile.fleets import compiled, mistakes, spec_of


def spec(**network: Any) -> dict[str, Any]:
    return spec_of(compiled(network={"cidr": "10.0.0.0/16", "pods": "cilium", **network}).kops[0])


def test_the_network_is_the_one_that_is_written() -> None:
    found = spec(id="vpc-1", podCidr="100.96.0.0/11", sshAccess=["10.0.0.0/8"])
    assert found["networking"] == {"cilium": {}}
    assert (found["networkID"], found["nonMasqueradeCIDR"]) == ("vpc-1", "100.96.0.0/11")
    assert found["sshAccess"] == ["10.0.0.0/8"]
    assert spec()["nonMasqueradeCIDR"] == "100.64.0.0/10"
    assert "sshAccess" not in spec()


@pytest.mark.parametrize(
    ("ranges", "kind"),
    [
        ([], "Internal"),
        (["10.0.0.0/8", "172.20.0.0/16"], "Internal"),
        (["10.0.0.0/8", "203.0.113.0/24"], "Public"),
        (["172.0.0.0/8"], "Public"),
        (["pl-0123456789abcdef0"], "Public"),
        (["2001:db8::/32"], "Public"),
    ],
    ids=str,
)
def test_the_api_has_public_addresses_only_for_public_ranges(ranges: list[str], kind: str) -> None:
    found = spec(apiAccess=ranges)
    assert found["api"]["loadBalancer"] == {"class": "Network", "type": kind}
    assert found["kubernetesApiAccess"] == (ranges or ["10.0.0.0/16"])


def test_flannel_says_its_backend_and_kube_router_may_be_written_with_its_dash() -> None:
    assert spec(pods="flannel")["networking"] == {"flannel": {"backend": "vxlan"}}
    assert spec(pods="kube-router")["networking"] == {"kuberouter": {}}


def test_a_pod_network_that_kops_refuses_is_told() -> None:
    (told,) = mistakes(network={"cidr": "10.0.0.0/16", "pods": "calicoo"})
    assert "spec.network.pods: kops has no pod network 'calicoo'; did you mean 'calico'?" in told
