from __future__ import annotations

import pytest

from kingtide.check.rules.tools.fleet_tools import tool_yaml
from kingtide.check.rules.tools.owners import RULES, owned_by_kops
from kingtide.fleet.documents.tree import Plain
from tests.unit.check.rules.tools.fleets import found

NTH = "aws-node-termination-handler"


@pytest.mark.parametrize(
    ("spec", "owned"),
    [
        pytest.param({}, (NTH,), id="by default"),
        pytest.param({"nodeTerminationHandler": {"enabled": False}}, (), id="switched off"),
        pytest.param({"certManager": {"enabled": True}}, (NTH, "cert-manager"), id="on"),
        pytest.param(
            {"certManager": {"enabled": True, "managed": False}}, (NTH,), id="another manages it"
        ),
        pytest.param(
            {"kubeDNS": {"nodeLocalDNS": {"enabled": True}}}, (NTH, "node-local-dns"), id="dns"
        ),
        pytest.param({"certManager": True}, (NTH,), id="no map"),
    ],
)
def test_kops_owns_what_is_switched_on(spec: Plain, owned: tuple[str, ...]) -> None:
    assert owned_by_kops({"spec": spec}) == owned


def patched(addon: str) -> str:
    return (
        "kops: {patches: [{target: {kind: Cluster},"
        f" merge: {{spec: {{{addon}: {{enabled: true}}}}}}}}]}}"
    )


@pytest.mark.parametrize(
    ("addon", "name", "two"),
    [
        ("clusterAutoscaler", "cluster-autoscaler", True),
        ("nodeProblemDetector", "node-problem-detector", True),
        ("clusterAutoscaler", "metrics-server", False),
        ("podIdentityWebhook", "pod-identity", True),
    ],
)
def test_a_tool_has_one_owner(addon: str, name: str, two: bool) -> None:
    told = found(RULES, "KT509", {name: tool_yaml(name)}, spec=patched(addon))
    assert bool(told) is two


def test_what_the_fleet_installs_by_a_chart_kops_does_not() -> None:
    assert found(RULES, "KT509", {NTH: tool_yaml(NTH)}) == []


def test_pause_pods_have_one_owner() -> None:
    name = "cluster-overprovisioner"
    (told,) = found(RULES, "KT509", {name: tool_yaml(name)})
    assert "prod has pause pods of its own" in told
    assert found(RULES, "KT509", {name: tool_yaml(name)}, spec="overprovisioning: null") == []
