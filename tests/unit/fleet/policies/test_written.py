from __future__ import annotations

import msgspec
import pytest

from kingtide.fleet.documents.field_texts import descriptions
from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.validation import read
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.policies.hpa import HpaPolicy
from kingtide.fleet.policies.node_autoscaling import NodeAutoscalingPolicy, ScaleDownPolicy
from kingtide.fleet.policies.ondemand_reclaim import OndemandReclaimPolicy
from kingtide.fleet.policies.overprovisioning import OverprovisioningPolicy
from kingtide.fleet.policies.written import policy_from, written_model, written_name

POLICIES: list[type[msgspec.Struct]] = [HpaPolicy, NodeAutoscalingPolicy, OverprovisioningPolicy]
SHARES = ("10", "150%", "20")


def written(policy: type[msgspec.Struct], text: str) -> msgspec.Struct:
    findings = Findings()
    model, _ = read(written_model(policy), parse_yaml(text.encode(), "f"), findings)
    findings.raise_if_any()
    return policy_from(policy, model, {})


def mistakes(policy: type[msgspec.Struct], text: str) -> list[str]:
    findings = Findings()
    read(written_model(policy), parse_yaml(text.encode(), "f"), findings)
    return [str(m) for m in findings.as_error().all]


def test_settings_are_written_in_camel_case_with_durations_and_shares() -> None:
    text = "{scanInterval: 20s, maxNodeProvisionTime: 5m, scaleDown: {unneededTime: 1h}}"
    assert written(NodeAutoscalingPolicy, text) == NodeAutoscalingPolicy(
        scan_interval_seconds=20,
        max_node_provision_seconds=300,
        scale_down=ScaleDownPolicy(unneeded_seconds=3600),
    )
    assert written(HpaPolicy, "{target: 85%, tolerance: 0.05}") == HpaPolicy(
        target_percent=85, tolerance=0.05
    )


def test_a_list_of_one_may_be_written_as_that_one() -> None:
    policy = written(NodeAutoscalingPolicy, "{expander: random}")
    assert policy == NodeAutoscalingPolicy(expander=("random",))


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_what_is_not_written_keeps_the_policys_default(policy: type[msgspec.Struct]) -> None:
    assert written(policy, "{}") == policy()


@pytest.mark.parametrize("policy", [*POLICIES, ScaleDownPolicy], ids=lambda policy: policy.__name__)
def test_every_setting_has_its_own_written_name_and_a_description(
    policy: type[msgspec.Struct],
) -> None:
    names = [field.name for field in msgspec.structs.fields(policy)]
    assert len({written_name(name) for name in names}) == len(names)
    documented = descriptions(policy)
    assert [name for name in names if not documented.get(name)] == []
    schema = written_model(policy).model_json_schema(by_alias=True)
    assert list(schema["properties"]) == [written_name(name) for name in names]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{scanIntervall: 3s}", "unknown field; did you mean 'scanInterval'?"),
        ("{scanInterval: 0s}", "0s is below 1s; write 1s or more"),
        ("{maxNodesTotal: -1}", "-1 is negative; write 0 or more"),
        ("{scaleDown: {utilizationThreshold: 2}}", "2 is above 1.0; write 1.0 or less"),
        ("{expander: [priority, prio]}", "'prio' is none of"),
        ("{capacityFailureDetection: activites}", "did you mean 'activities'?"),
    ],
)
def test_bounds_of_the_policy_hold_for_its_written_form(text: str, expected: str) -> None:
    (found,) = mistakes(NodeAutoscalingPolicy, text)
    assert expected in found


def test_a_share_above_its_bound_says_what_it_means_and_what_was_meant() -> None:
    bound = "{maxUnavailable: %s}"
    assert [mistakes(OndemandReclaimPolicy, bound % it)[0].split(": ", 2)[2] for it in SHARES] == [
        "10 means 1,000 %, which is above 100%; write 10% or 0.1",
        "150% is above 100%; write 100% or less",
        "20 means 2,000 %; write 20% or 0.2",
    ]


def test_derived_settings_cannot_be_written() -> None:
    model = written_model(OverprovisioningPolicy, ("deployment", "config_map", "node_labels"))
    findings = Findings()
    read(model, parse_yaml(b"{deployment: a/b, poll: 5s}", "f"), findings)
    assert [str(m) for m in findings.as_error().all] == [
        "f:1:2: deployment: unknown field; known fields are poll"
    ]


def test_descriptions_name_defaults_as_they_are_written() -> None:
    properties = written_model(HpaPolicy).model_json_schema(by_alias=True)["properties"]
    assert properties["syncPeriod"]["description"].endswith("Default: 15s.")
    assert properties["target"]["description"].endswith("Default: 70%.")
