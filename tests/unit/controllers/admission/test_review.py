"""The rules of admission, one by one and together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kingtide.controllers.admission.review import RULES, review, review_update
from kingtide.controllers.admission.snapshot import AdmissionSnapshot
from kingtide.fleet.policies.admission import (
    AdmissionPolicy,
    AlertsAdmission,
    DedicatedAdmission,
    DnsAdmission,
    GuaranteedAdmission,
    PriorityAdmission,
)
from kingtide.kube.nodes import GROUP_LABEL
from kingtide.kube.patching.json_patch import json_patched
from tests.unit.controllers.admission.objects import (
    POLICY,
    SNAPSHOT,
    TOLERATION,
    Body,
    admitted,
    codes,
    container,
    daemon_set,
    pod,
    reviewed,
    workload,
)

BOTH = {"cpu": "100m", "memory": "64Mi"}
WANTED = [{"name": "use-vc"}, {"name": "ndots", "value": "1"}]


def policy(**rules: Any) -> AdmissionPolicy:
    return msgspec.structs.replace(POLICY, **rules)


# ------------------------------------------------------------ name resolution


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        pytest.param({}, WANTED, id="nothing-said"),
        pytest.param({"dnsConfig": None}, WANTED, id="null"),
        pytest.param({"dnsConfig": {"searches": ["a"]}}, WANTED, id="config-without-options"),
        pytest.param(
            {"dnsConfig": {"options": [{"name": "ndots", "value": "3"}]}},
            [{"name": "ndots", "value": "3"}, {"name": "use-vc"}],
            id="its-own-word-stands",
        ),
        pytest.param({"dnsPolicy": "Default"}, None, id="as-its-node"),
        pytest.param({"dnsPolicy": "None"}, None, id="servers-of-its-own"),
        pytest.param({"hostNetwork": True}, None, id="on-its-nodes-network"),
        pytest.param(
            {"hostNetwork": True, "dnsPolicy": "ClusterFirstWithHostNet"}, WANTED, id="asks-cluster"
        ),
    ],
)
def test_a_pod_gets_the_options_it_does_not_set(spec: Body, options: Any) -> None:
    found = admitted(pod(**spec))["spec"].get("dnsConfig") or {}
    assert found.get("options") == options


def test_a_groups_ndots_takes_the_place_of_the_options() -> None:
    groups = tuple(msgspec.structs.replace(it, ndots=2) for it in POLICY.groups)
    found = admitted(pod("batch"), policy(groups=groups))
    assert found["spec"]["dnsConfig"]["options"][1] == {"name": "ndots", "value": "2"}


def test_a_group_that_asks_as_its_nodes_do_gets_no_options() -> None:
    groups = tuple(msgspec.structs.replace(it, dns_policy="Default") for it in POLICY.groups)
    spec = admitted(pod("batch", dnsPolicy="ClusterFirst"), policy(groups=groups))["spec"]
    assert (spec["dnsPolicy"], "dnsConfig" in spec) == ("Default", False)


# ------------------------------------------------------------ DaemonSets


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(daemon_set(container(BOTH, BOTH)), [], id="equal"),
        pytest.param(daemon_set(container(None, BOTH)), [], id="limits-are-requests"),
        pytest.param(
            daemon_set(container({"cpu": "0.1", "memory": "65536Ki"}, BOTH)), [], id="other-units"
        ),
        pytest.param(daemon_set(container(BOTH)), ["NoLimit", "NoLimit"], id="no-limits"),
        pytest.param(daemon_set(container()), ["NoLimit", "NoLimit"], id="nothing"),
        pytest.param(
            daemon_set(container({"cpu": "50m"}, BOTH)), ["RequestIsNotLimit"], id="less-requested"
        ),
        pytest.param(
            daemon_set(container({"cpu": 0}, BOTH)), ["RequestIsNotLimit"], id="zero-requested"
        ),
        pytest.param(
            daemon_set(container(None, {"cpu": "100m", "memory": 0})), ["NoLimit"], id="zero-limit"
        ),
        pytest.param(
            daemon_set(container(BOTH, BOTH), initContainers=[container({"cpu": "10m"}, None)]),
            ["NoLimit", "NoLimit"],
            id="init-containers-count",
        ),
        pytest.param(
            daemon_set(container(), resources={"limits": BOTH, "requests": BOTH}),
            [],
            id="amounts-of-the-whole-pod",
        ),
        pytest.param(
            daemon_set(container(BOTH, BOTH), resources={"requests": BOTH}),
            ["NoLimit", "NoLimit"],
            id="the-whole-pod-wins",
        ),
        pytest.param(workload("Deployment"), [], id="no-daemon-set"),
    ],
)
def test_a_daemon_set_that_is_not_guaranteed_is_refused(made: Body, expected: list[str]) -> None:
    assert codes(reviewed(made)) == expected


def test_limits_that_are_missing_are_the_requests_where_that_is_asked_for() -> None:
    copies = policy(daemon_sets=GuaranteedAdmission(missing_limits="copyFromRequests"))
    made = daemon_set(container(BOTH, {"cpu": "100m", "ephemeral-storage": "1Gi"}))
    (found,) = admitted(made, copies)["spec"]["template"]["spec"]["containers"]
    assert found["resources"]["limits"] == BOTH | {"ephemeral-storage": "1Gi"}
    assert reviewed(made, copies).allowed
    # What requests nothing has nothing to copy.
    assert codes(reviewed(daemon_set(container()), copies)) == ["NoLimit", "NoLimit"]


def test_a_refusal_says_where_what_and_what_to_do() -> None:
    (told, _) = reviewed(daemon_set(container(BOTH))).refusals
    assert told.sentence == (
        "daemonSets: spec.template.spec.containers[0].resources.limits.cpu is missing, and"
        " container main requests 100m; write limits.cpu: 100m"
    )


# ------------------------------------------------------------ PriorityClasses


@pytest.mark.parametrize(
    ("made", "name"),
    [
        pytest.param(pod(), "default", id="no-group"),
        pytest.param(pod("api"), "high", id="its-group"),
        pytest.param(pod("api", priorityClassName="low", priority=-5), "low", id="its-own"),
        pytest.param(
            pod("api", priorityClassName="default", priority=0), "high", id="written-by-the-server"
        ),
        pytest.param(
            pod(priorityClassName="system-node-critical"), "system-node-critical", id="system"
        ),
    ],
)
def test_a_pod_that_names_no_class_gets_its_groups(made: Body, name: str) -> None:
    assert admitted(made)["spec"]["priorityClassName"] == name


def test_what_the_server_wrote_beside_a_class_goes_with_it() -> None:
    made = pod("api", priorityClassName="default", priority=0, preemptionPolicy="Never")
    spec = admitted(made)["spec"]
    assert ("priority" in spec, "preemptionPolicy" in spec) == (False, False)


def test_a_class_that_there_is_not_is_told_and_left() -> None:
    (told,) = reviewed(pod(priorityClassName="hihg")).warnings
    assert (told.code, told.instead) == ("NoSuchClass", "name one of default, high, low")


def test_pods_of_daemon_sets_may_have_a_class_of_their_own() -> None:
    settings = policy(priority_class=PriorityAdmission(daemon_set_class="system-node-critical"))
    made = pod()
    made["metadata"]["ownerReferences"] = [{"kind": "DaemonSet", "name": "agent"}]
    assert admitted(made, settings)["spec"]["priorityClassName"] == "system-node-critical"
    assert admitted(pod(), settings)["spec"]["priorityClassName"] == "default"


# ------------------------------------------------------------ nodes of groups


def test_a_dedicated_groups_pod_gets_selector_and_toleration() -> None:
    spec = admitted(pod("api", tolerations=[{"key": "spot", "operator": "Exists"}]))["spec"]
    assert spec["nodeSelector"] == {GROUP_LABEL: "api"}
    assert spec["tolerations"] == [{"key": "spot", "operator": "Exists"}, TOLERATION]


def test_another_groups_pod_gets_the_selector_alone() -> None:
    spec = admitted(pod("batch", nodeSelector={"zone": "a"}))["spec"]
    assert spec["nodeSelector"] == {"zone": "a", GROUP_LABEL: "workers"}
    assert "tolerations" not in spec


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(pod("api", nodeSelector={GROUP_LABEL: "workers"}), ["OtherGroup"], id="other"),
        pytest.param(pod("api", nodeSelector={GROUP_LABEL: "api"}), [], id="its-own"),
        pytest.param(
            pod("shop", nodeSelector={GROUP_LABEL: "api"}), ["DedicatedToOthers"], id="no-group"
        ),
        pytest.param(pod("shop", nodeSelector={GROUP_LABEL: "workers"}), [], id="shared-nodes"),
        pytest.param(
            pod("shop", tolerations=[TOLERATION]), ["DedicatedToOthers"], id="tolerates-others"
        ),
        pytest.param(
            pod("batch", tolerations=[TOLERATION]), ["DedicatedToOthers"], id="of-another-group"
        ),
        pytest.param(pod("api", tolerations=[TOLERATION]), [], id="tolerates-its-own"),
        pytest.param(workload("Deployment", tolerations=[TOLERATION]), ["DedicatedToOthers"],
                     id="in-a-template"),
    ],
)  # fmt: skip
def test_who_goes_to_others_nodes_is_refused(made: Body, expected: list[str]) -> None:
    assert codes(reviewed(made)) == expected


@pytest.mark.parametrize(
    ("operator", "values", "is_refused"),
    [("In", ["workers"], True), ("In", ["api"], False), ("NotIn", ["api"], True),
     ("NotIn", ["workers"], False), ("DoesNotExist", [], True), ("Exists", [], False)],
)  # fmt: skip
def test_an_affinity_that_rules_its_nodes_out_is_refused(
    operator: str, values: list[str], is_refused: bool
) -> None:
    term = {"matchExpressions": [{"key": GROUP_LABEL, "operator": operator, "values": values}]}
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
    made = pod("api", affinity={"nodeAffinity": required})
    assert codes(reviewed(made)) == ["OtherGroup"] * is_refused


def test_who_tolerates_everything_is_told_and_let_in() -> None:
    verdict = reviewed(pod("shop", tolerations=[{"operator": "Exists"}]))
    assert verdict.allowed
    assert [it.code for it in verdict.warnings] == ["ToleratesAll"]


def test_daemon_sets_go_by_nodes() -> None:
    made = daemon_set(container(BOTH, BOTH), tolerations=[{"operator": "Exists"}])
    assert reviewed(made).warnings == ()


def test_a_group_that_the_fleet_has_not_is_told() -> None:
    assert [it.code for it in reviewed(pod("lost")).warnings] == ["NoSuchGroup"]


# ------------------------------------------------------------ alerts


def alerting(labels: Any, group_labels: Any = None, own: Body | None = None) -> Body:
    rule = {"alert": "Errors", "expr": "errors > 5", "labels": labels}
    group = {"name": "one", "labels": group_labels, "rules": [rule, {"record": "a", "expr": "b"}]}
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "one", "namespace": "shop", "labels": own or {}},
        "spec": {"groups": [group]},
    }


ROUTED = AlertsAdmission(
    labels=("severity", "team"), severities=("critical", "notice"), selector=("prometheus=main",)
)


@pytest.mark.parametrize(
    ("labels", "group_labels", "expected"),
    [
        pytest.param({"severity": "critical", "team": "shop"}, None, [], id="both"),
        pytest.param({"severity": "notice"}, {"team": "shop"}, [], id="of-the-rules-group"),
        pytest.param({"severity": "critical"}, None, ["NoLabel"], id="no-team"),
        pytest.param({"severity": "", "team": "shop"}, None, ["NoLabel"], id="empty"),
        pytest.param(None, None, ["NoLabel", "NoLabel"], id="none"),
        pytest.param({"severity": "hot", "team": "a"}, None, ["OtherSeverity"], id="no-route"),
        pytest.param({"severity": "{{ $labels.s }}", "team": "a"}, None, [], id="filled-in-later"),
    ],
)
def test_an_alert_without_its_route_is_refused(
    labels: Any, group_labels: Any, expected: list[str]
) -> None:
    made = alerting(labels, group_labels, {"prometheus": "main"})
    assert codes(reviewed(made, policy(alerts=ROUTED))) == expected


def test_rules_that_no_prometheus_selects_are_refused() -> None:
    made = alerting({"severity": "critical", "team": "shop"})
    assert codes(reviewed(made, policy(alerts=ROUTED))) == ["NotSelected"]


# ------------------------------------------------------------ all together


@pytest.mark.parametrize("namespace", POLICY.exempt_namespaces)
def test_nobody_looks_at_exempt_namespaces(namespace: str) -> None:
    verdict = reviewed(pod(namespace))
    assert (verdict.changes, verdict.refusals, verdict.warnings) == ((), (), ())


@pytest.mark.parametrize(
    "metadata",
    [
        {"deletionTimestamp": "2026-12-08T20:00:00Z", "finalizers": ["a/b"]},
        {"annotations": {"kubernetes.io/config.mirror": "hash"}},
    ],
    ids=["on-its-way-out", "a-kubelets-own"],
)
def test_what_is_out_of_reach_is_left_alone(metadata: Body) -> None:
    made = pod("api", nodeSelector={GROUP_LABEL: "workers"})
    made["metadata"] |= metadata
    verdict = reviewed(made)
    assert (verdict.allowed, verdict.changes) == (True, ())


def test_audit_only_tells() -> None:
    audit = policy(
        dns=DnsAdmission(mode="audit"),
        daemon_sets=GuaranteedAdmission(mode="audit"),
        priority_class=PriorityAdmission(mode="off"),
        dedicated_nodes=DedicatedAdmission(mode="off"),
        templates=True,
    )
    verdict = reviewed(daemon_set(container(BOTH)), audit)
    assert (verdict.allowed, verdict.changes) == (True, ())
    assert [it.code for it in verdict.warnings] == ["WouldChange", "NoLimit", "NoLimit"]


def test_templates_are_left_to_their_pods_unless_asked() -> None:
    assert reviewed(workload("Deployment", "api")).changes == ()
    changes = reviewed(workload("Deployment", "api"), policy(templates=True)).changes
    assert {it.rule for it in changes} == {"dns", "priorityClass", "dedicatedNodes"}


@pytest.mark.parametrize(("failure", "allowed"), [("open", True), ("closed", False)])
def test_what_is_not_known_is_decided_by_the_rules_failure_policy(
    failure: Any, allowed: bool
) -> None:
    settings = policy(dedicated_nodes=DedicatedAdmission(failure=failure))
    verdict = review(pod("api"), AdmissionSnapshot(), settings)
    assert verdict.allowed is allowed
    told = (*verdict.refusals, *verdict.warnings)
    assert {(it.rule, it.code) for it in told} == {
        ("dns", "NotKnown"), ("priorityClass", "NotKnown"), ("dedicatedNodes", "NotKnown"),
    }  # fmt: skip
    assert verdict.changes == ()


def test_an_entry_looks_with_its_own_rules_alone() -> None:
    made = daemon_set(container(BOTH))
    assert review(made, SNAPSHOT, POLICY, only="open").allowed
    assert not review(made, SNAPSHOT, POLICY, only="closed").allowed


def test_an_update_that_leaves_the_spec_alone_is_never_refused() -> None:
    before = daemon_set(container(BOTH))
    after = daemon_set(container(BOTH))
    after["metadata"]["annotations"] = {"seen": "yes"}
    verdict = review_update(after, before, SNAPSHOT, POLICY)
    assert verdict.allowed
    assert [it.code for it in verdict.warnings] == ["NoLimit", "NoLimit"]
    after["spec"]["minReadySeconds"] = 5
    assert not review_update(after, before, SNAPSHOT, POLICY).allowed


def test_the_number_of_findings_is_bounded() -> None:
    made = alerting(None)
    made["spec"]["groups"][0]["rules"] *= 500
    verdict = reviewed(made)
    assert len(verdict.refusals) == 21
    assert verdict.refusals[-1].wrong == "has 480 more findings"


def test_changes_can_be_made_in_any_order_and_only_once() -> None:
    made = pod("api", priority=0, dnsConfig={"searches": []}, tolerations=None)
    operations = reviewed(made).operations
    assert len(operations) == 5
    forward, backward = json_patched(made, operations), json_patched(made, operations[::-1])
    assert forward == backward
    assert reviewed(forward).changes == ()


def test_every_rule_has_settings_of_its_own() -> None:
    assert sorted(it.setting for it in RULES) == sorted(
        it.name for it in msgspec.structs.fields(AdmissionPolicy) if hasattr(it.default, "mode")
    )
