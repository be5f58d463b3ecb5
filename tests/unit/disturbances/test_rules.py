"""Every rule notices the mistake that it is for, and leaves the same evening without it alone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from disturbances.audit import Write, read_audit
from disturbances.rules.catalogue import RULES, judged
from disturbances.rules.rule import Evidence
from kingtide.control.action import Action, AddTaint, SetDesiredCapacity
from kingtide.control.decision_entry import DecisionEntry
from kingtide.control.message_actions import AcknowledgeMessage
from kingtide.control.node_actions import Cordon
from kingtide.control.outcome import Outcome
from kingtide.control.report import Report
from kingtide.kube.taints import Taint

ONE, OTHER = "host_11_0123abcd", "host_22_4567cdef"
CLAIM = "kingtide.dev/disruption-claim"
BODY = '{"detail-type":"EC2 Spot Instance Interruption Warning","detail":{"instance-id":"i-1"}}'


def cluster(
    who: str, verb: str, path: str, sent: Any = None, code: int = 200, name: str = ""
) -> dict[str, Any]:
    kind, _, subresource = path.partition("/")
    reference = {"resource": kind, "name": name, "namespace": "" if kind == "nodes" else "shop"}
    return {
        "stageTimestamp": "2026-11-22T20:00:00.000+00:00",
        "verb": verb,
        "userAgent": f"kingtide/1.0 ({who})",
        "objectRef": reference | ({"subresource": subresource} if subresource else {}),
        "responseStatus": {"code": code},
        "requestObject": sent,
    }


def cloud(who: str, name: str, sent: Any, error: str = "", /, **beside: Any) -> dict[str, Any]:
    return {
        "eventTime": "2026-11-22T20:00:00.000+00:00",
        "eventName": name,
        "userAgent": f"Boto3/1 kingtide/1.0 ({who})",
        "requestParameters": sent,
        "additionalEventData": beside,
        "errorCode": error,
    }


def leads(who: str) -> dict[str, Any]:
    return cluster(who, "patch", "leases", {"spec": {"holderIdentity": who}}, name="kingtide")


def evicts(who: str, uid: str = "u-1", code: int = 201) -> dict[str, Any]:
    sent = {"deleteOptions": {"preconditions": {"uid": uid}}} if uid else {}
    return cluster(who, "create", "pods/eviction", sent, code, name="web")


def sets(who: str, before: int, desired: int, error: str = "") -> dict[str, Any]:
    sent = {"AutoScalingGroupName": "spot", "DesiredCapacity": str(desired)}
    return cloud(who, "SetDesiredCapacity", sent, error, desiredCapacityBefore=before)


def ends(who: str, error: str = "") -> dict[str, Any]:
    sent = {"InstanceId": "i-1", "ShouldDecrementDesiredCapacity": "true"}
    return cloud(who, "TerminateInstanceInAutoScalingGroup", sent, error)


def acknowledges(
    who: str, nodes: tuple[str, ...] = ("node-1",), *, is_newest: bool = True
) -> dict[str, Any]:
    sent = {"ReceiptHandle": "h"}
    beside = {"body": BODY, "nodes": list(nodes), "handleIsNewest": is_newest}
    return cloud(who, "DeleteMessage", sent, messageId="m-1", **beside)


def claims(who: str) -> dict[str, Any]:
    sent = {"metadata": {"annotations": {CLAIM: "{}"}}}
    return cluster(who, "patch", "nodes", sent, name="node-1")


def releases(who: str) -> dict[str, Any]:
    path = f"/metadata/annotations/{CLAIM.replace('/', '~1')}"
    return cluster(who, "patch", "nodes", [{"op": "remove", "path": path}], name="node-1")


def writes(*lines: dict[str, Any]) -> tuple[Write, ...]:
    return read_audit(msgspec.json.encode(line) for line in lines)


def done(action: Action, by: str = "node_autoscaling", at_s: int = 0) -> DecisionEntry:
    at_ms = writes(ends(ONE))[0].at_ms + 1_000 * at_s
    return DecisionEntry(at_ms, by, Report(), (action,), (Outcome(action, "done", at_ms),))


def failed(action: Action) -> DecisionEntry:
    entry = done(action)
    outcome = Outcome(action, "failed", entry.at_ms, "Timeout")
    return DecisionEntry(entry.at_ms, entry.controller, Report(), (action,), (outcome,))


def raises(expected: int, desired: int) -> SetDesiredCapacity:
    return SetDesiredCapacity(group="spot", desired=desired, expected_desired=expected, reason="r")


def of(*entries: DecisionEntry, lines: tuple[dict[str, Any], ...] = ()) -> Evidence:
    return Evidence(writes(*lines), {11: entries})


RAISED = (leads(ONE), sets(ONE, 3, 5))
ACKNOWLEDGES = AcknowledgeMessage(message_id="m-1", reason="r")
TAINTED = AddTaint(node="node-1", node_uid="n", taint=Taint("t", "NoSchedule"), reason="r")

BROKEN: dict[str, tuple[str, Evidence]] = {
    "written after another leads": (
        "only-the-leader-writes",
        Evidence(writes(leads(ONE), leads(OTHER), evicts(ONE)), killed=frozenset({11})),
    ),
    "written after giving the Lease back": (
        "only-the-leader-writes",
        Evidence(
            writes(
                leads(ONE),
                cluster(ONE, "patch", "leases", {"spec": {"holderIdentity": ""}}, name="kingtide"),
                ends(ONE),
            ),
            killed=frozenset({11}),
        ),
    ),
    "evicted twice": (
        "nothing-is-done-twice",
        Evidence(
            writes(leads(ONE), evicts(ONE), leads(OTHER), evicts(OTHER)),
            killed=frozenset({11, 22}),
        ),
    ),
    "terminated twice": (
        "nothing-is-done-twice",
        Evidence(writes(leads(ONE), ends(ONE), ends(ONE)), killed=frozenset({11})),
    ),
    "evicted whoever it is": (
        "evictions-name-their-pod",
        Evidence(writes(leads(ONE), evicts(ONE, uid="")), killed=frozenset({11})),
    ),
    "raised from another number": (
        "capacity-is-set-from-what-it-was",
        of(done(raises(3, 5)), lines=(leads(ONE), sets(ONE, 4, 5))),
    ),
    "raised by another controller": (
        "one-raises-capacity",
        of(done(raises(3, 5), by="ondemand_reclaim"), lines=RAISED),
    ),
    "acknowledged twice": (
        "messages-are-acknowledged-once",
        Evidence(
            writes(leads(ONE), claims(ONE), acknowledges(ONE), acknowledges(ONE)),
            killed=frozenset({11}),
        ),
    ),
    "acknowledged before its claim": (
        "intents-stand-first",
        Evidence(writes(leads(ONE), acknowledges(ONE), claims(ONE)), killed=frozenset({11})),
    ),
    "acknowledged after its claim was released": (
        "intents-stand-first",
        Evidence(
            writes(leads(ONE), claims(ONE), releases(ONE), acknowledges(ONE)),
            killed=frozenset({11}),
        ),
    ),
    "written by two controllers": (
        "one-owner-a-field",
        of(done(TAINTED), done(TAINTED, by="ondemand_reclaim", at_s=60)),
    ),
    "decided and forgotten": (
        "no-decision-is-lost",
        of(DecisionEntry(0, "node_autoscaling", Report(), (raises(3, 5),))),
    ),
    "done and not told": ("no-decision-is-lost", of(lines=RAISED)),
}

KEPT: dict[str, Evidence] = {
    "refused after another leads": Evidence(
        writes(leads(ONE), leads(OTHER), evicts(ONE, code=409), ends(ONE, "ValidationError"))
    ),
    "evicted again after a refusal": Evidence(
        writes(leads(ONE), evicts(ONE, code=429), evicts(ONE)), killed=frozenset({11})
    ),
    "raised from what it was": of(done(raises(3, 5)), lines=RAISED),
    "raised by who was killed before telling": Evidence(writes(*RAISED), killed=frozenset({11})),
    "acknowledged once its claim stands": Evidence(
        writes(leads(ONE), claims(ONE), acknowledges(ONE)), killed=frozenset({11})
    ),
    "acknowledged again after an answer that was cut off": Evidence(
        writes(leads(ONE), claims(ONE), acknowledges(ONE), acknowledges(ONE)),
        {11: (failed(ACKNOWLEDGES), done(ACKNOWLEDGES))},
        frozenset({11}),
    ),
    "acknowledged again as it came again before the first": Evidence(
        writes(leads(ONE), claims(ONE), acknowledges(ONE, is_newest=False), acknowledges(ONE)),
        killed=frozenset({11}),
    ),
    "acknowledged once its node is gone": Evidence(
        writes(leads(ONE), acknowledges(ONE, nodes=())), killed=frozenset({11})
    ),
    "written by two controllers long apart": of(
        done(TAINTED), done(TAINTED, by="ondemand_reclaim", at_s=700)
    ),
    "written by others than us": Evidence(
        writes(leads(ONE), {**evicts(ONE), "userAgent": "kubectl/v1.36"})
    ),
}


@pytest.mark.parametrize(("rule", "evidence"), BROKEN.values(), ids=BROKEN)
def test_a_planted_mistake_breaks_the_rule_that_is_for_it_alone(
    rule: str, evidence: Evidence
) -> None:
    assert {it.rule for it in judged(evidence)} == {rule}


@pytest.mark.parametrize("evidence", KEPT.values(), ids=KEPT)
def test_what_is_right_breaks_no_rule(evidence: Evidence) -> None:
    assert judged(evidence) == ()


def test_there_is_a_planted_mistake_for_every_rule() -> None:
    assert {rule for rule, _ in BROKEN.values()} == {rule.name for rule in RULES}


def test_a_cordon_that_was_told_is_found_in_its_journal() -> None:
    cordon = Cordon(node="node-1", node_uid="n", reason="r")
    line = cluster(ONE, "patch", "nodes", [], name="node-1")
    assert judged(of(done(cordon), lines=(leads(ONE), line))) == ()
