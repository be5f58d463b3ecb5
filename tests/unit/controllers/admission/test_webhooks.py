"""Which objects an API server is told to send where."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.controllers.admission.webhooks import (
    ServiceReach,
    UrlReach,
    webhook_configurations,
)
from kingtide.fleet.policies.admission import (
    AdmissionPolicy,
    AlertsAdmission,
    DedicatedAdmission,
    DnsAdmission,
    GuaranteedAdmission,
    PriorityAdmission,
)


def entries(policy: AdmissionPolicy) -> dict[str, dict[str, Any]]:
    return {
        entry["clientConfig"]["service"]["path"]: entry
        for it in webhook_configurations(policy, ServiceReach(), "Q0E=")
        for entry in it["webhooks"]
    }


def resources(entry: dict[str, Any]) -> list[str]:
    return [it for rule in entry["rules"] for it in rule["resources"]]


def test_an_entry_has_the_rules_of_one_failure_policy() -> None:
    found = entries(AdmissionPolicy())
    assert list(found) == ["/mutate/open", "/validate/open", "/validate/closed"]
    assert {path: it["failurePolicy"] for path, it in found.items()} == {
        "/mutate/open": "Ignore", "/validate/open": "Ignore", "/validate/closed": "Fail",
    }  # fmt: skip
    assert resources(found["/mutate/open"]) == ["pods"]
    assert resources(found["/validate/closed"]) == ["daemonsets"]
    assert "prometheusrules" in resources(found["/validate/open"])


def test_pods_are_changed_when_they_are_made_and_never_after() -> None:
    (rule,) = entries(AdmissionPolicy())["/mutate/open"]["rules"]
    assert rule["operations"] == ["CREATE"]


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        pytest.param(
            {"templates": True},
            "/mutate/open",
            ["pods", "deployments", "statefulsets", "cronjobs", "jobs", "daemonsets"],
            id="templates-too",
        ),
        pytest.param(
            {"daemon_sets": GuaranteedAdmission(missing_limits="copyFromRequests")},
            "/mutate/closed",
            ["daemonsets"],
            id="limits-are-copied",
        ),
        pytest.param(
            {"dedicated_nodes": DedicatedAdmission(mode="off")},
            "/validate/open",
            ["deployments", "statefulsets", "cronjobs", "jobs", "daemonsets", "prometheusrules"],
            id="nothing-refuses-a-pod",
        ),
    ],
)
def test_what_is_sent_follows_from_the_rules(
    change: dict[str, Any], path: str, expected: list[str]
) -> None:
    found = entries(msgspec.structs.replace(AdmissionPolicy(), **change))
    assert resources(found[path]) == expected


def test_where_every_rule_is_off_nothing_is_sent() -> None:
    off = AdmissionPolicy(
        dns=DnsAdmission(mode="off"),
        daemon_sets=GuaranteedAdmission(mode="off"),
        priority_class=PriorityAdmission(mode="off"),
        dedicated_nodes=DedicatedAdmission(mode="off"),
        alerts=AlertsAdmission(mode="off"),
    )
    assert entries(off) == {}


def test_exempt_namespaces_are_never_sent() -> None:
    for entry in entries(AdmissionPolicy()).values():
        (expression,) = entry["namespaceSelector"]["matchExpressions"]
        assert expression["operator"] == "NotIn"
        assert {"kube-system", "kingtide-system"} <= set(expression["values"])


def test_outside_of_the_cluster_an_entry_has_an_address() -> None:
    reach = UrlReach("https://127.0.0.1:8443/", "127.0.0.1")
    mutating, _ = webhook_configurations(AdmissionPolicy(), reach)
    (entry,) = mutating["webhooks"]
    assert entry["clientConfig"] == {"url": "https://127.0.0.1:8443/mutate/open"}
