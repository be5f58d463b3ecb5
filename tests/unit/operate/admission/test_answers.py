"""From bytes to bytes: what an API server sends, and what it is told."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kingtide.controllers.admission.verdict import Told, Verdict
from kingtide.operate.admission.answers import Malformed, answer, judge, read_review
from tests.unit.controllers.admission.objects import (
    POLICY,
    SNAPSHOT,
    Body,
    container,
    daemon_set,
    pod,
)

UID = "705ab4f5-6393-11e8-b7cc-42010a800002"


def sent(body: Any, operation: str = "CREATE", before: Any = None, **changes: Any) -> bytes:
    request = {
        "uid": UID, "operation": operation, "namespace": "shop", "name": "one", "object": body,
        "oldObject": before, "dryRun": False,
    }  # fmt: skip
    head = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
    return json.dumps(head | {"request": request} | changes).encode()


def answered(content: bytes, work: Any = "validate", failure: Any = "closed") -> Body:
    asked = read_review(content)
    found: Body = json.loads(answer(asked, judge(asked, SNAPSHOT, POLICY, failure), work))
    assert (found["apiVersion"], found["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert found["response"]["uid"] == UID
    response: Body = found["response"]
    return response


def test_a_refusal_is_told_with_its_code_and_reason() -> None:
    response = answered(sent(daemon_set(container({"cpu": "1", "memory": "1Gi"}))))
    assert response["allowed"] is False
    status = response["status"]
    assert (status["code"], status["reason"]) == (403, "Forbidden")
    assert "; daemonSets: spec.template" in status["message"]


def test_changes_are_a_json_patch_and_only_where_changes_are_asked_for() -> None:
    response = answered(sent(pod()), "mutate", "open")
    patch = json.loads(base64.b64decode(response["patch"]))
    assert (response["allowed"], response["patchType"]) == (True, "JSONPatch")
    assert {it["path"] for it in patch} == {"/spec/dnsConfig", "/spec/priorityClassName"}
    assert "patch" not in answered(sent(pod()), "validate", "open")


def test_the_namespace_of_the_request_counts_for_a_pod_that_says_none() -> None:
    made = pod()
    del made["metadata"]["namespace"]
    content = sent(made).replace(b'"namespace": "shop"', b'"namespace": "api"')
    patch = json.loads(base64.b64decode(answered(content, "mutate", "open")["patch"]))
    assert "/spec/nodeSelector" in {it["path"] for it in patch}


def test_a_mutating_entry_refuses_nothing() -> None:
    assert answered(sent(daemon_set(container())), "mutate")["allowed"] is True


@pytest.mark.parametrize("operation", ["DELETE", "CONNECT", "", "OTHER"])
def test_only_what_is_made_or_changed_is_judged(operation: str) -> None:
    assert answered(sent(daemon_set(container()), operation)) == {"uid": UID, "allowed": True}


def test_an_update_knows_what_was_before() -> None:
    made = daemon_set(container())
    assert answered(sent(made, "UPDATE", made))["allowed"] is True
    assert answered(sent(made, "UPDATE", pod()))["allowed"] is False


@pytest.mark.parametrize(
    "content",
    [
        b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"apiVersion": 3}',
        sent(pod(), apiVersion="admission.k8s.io/v1beta1"),
        sent(pod(), kind="Pod"),
        sent(pod(), request=None),
        sent(pod(), request={"object": {}}),
        sent(pod(), request={"uid": ""}),
        sent(pod(), request={"uid": 7}),
    ],
    ids=lambda it: it[:20].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_review_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        read_review(content)


def test_what_is_told_is_bounded() -> None:
    told = Told("dns", "Long", (), "x" * 9000, "y")
    asked = read_review(sent(pod()))
    found = json.loads(answer(asked, Verdict((), (told,), (told,)), "validate"))["response"]
    assert len(found["status"]["message"]) == 4000
    assert [len(it) for it in found["warnings"]] == [256]
