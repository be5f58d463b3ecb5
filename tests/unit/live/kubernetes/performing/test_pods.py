from __future__ import annotations

from typing import Any

import httpx2
import pytest

from kingtide.control.action import EvictPod
from kingtide.control.node_actions import DeletePod
from tests.unit.live.kubernetes.performing.acting import NOW_MS, performed, told
from tests.unit.live.kubernetes.scripted import status

EVICT = EvictPod(namespace="shop", name="api-1", uid="u", reason="r", grace_seconds=30)
DELETE = DeletePod(namespace="shop", name="api-1", uid="u", reason="r", grace_seconds=0)
WOULD_VIOLATE = "Cannot evict pod as it would violate the pod's disruption budget."
NEEDS = "The disruption budget api needs 3 healthy pods and has 3 currently"
SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
RBAC = 'pods "api-1" is forbidden: User "x" cannot create resource "pods/eviction"'


def test_an_eviction_names_the_uid_and_the_grace() -> None:
    outcome, (asked,) = performed(EVICT, (201, {}))
    assert (told(outcome), outcome.at_ms) == (("done", ""), NOW_MS)
    assert (asked.method, asked.path) == ("POST", "/api/v1/namespaces/shop/pods/api-1/eviction")
    assert asked.body == {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": "api-1", "namespace": "shop"},
        "deleteOptions": {"preconditions": {"uid": "u"}, "gracePeriodSeconds": 30},
    }


def test_a_pod_keeps_its_own_grace() -> None:
    without = EvictPod(namespace="shop", name="api-1", uid="u", reason="r")
    _, (asked,) = performed(without, (201, {}))
    assert asked.body["deleteOptions"] == {"preconditions": {"uid": "u"}}


ANSWERS: dict[str, tuple[tuple[int, Any] | Exception, str, str]] = {
    "gone": (status(404, "NotFound"), "precondition_failed", "404"),
    "another of its name": (status(409, "Conflict"), "precondition_failed", "404"),
    "a spent budget": (status(429, "TooManyRequests", WOULD_VIOLATE), "refused", "429"),
    "a budget that makes no sense": (
        status(403, "Forbidden", 'poddisruptionbudget.policy "api" is forbidden: negative'),
        "refused",
        "403",
    ),
    "several budgets": (status(500, "InternalError", SEVERAL), "refused", "500"),
    "a busy server": (
        status(429, "TooManyRequests", "too many requests, please try again later"),
        "refused",
        "TooManyRequests",
    ),
    "no right": (status(403, "Forbidden", RBAC), "failed", "403"),
    "a broken server": (status(500, "InternalError", "etcdserver: timeout"), "failed", "500"),
    "no answer": (httpx2.ReadTimeout("slow"), "failed", "Timeout"),
    "no connection": (httpx2.ConnectError("refused by 10.0.0.1"), "failed", "Unreachable"),
    "no JSON": ((502, "<html>"), "failed", "502"),
}


@pytest.mark.parametrize(("answer", "became", "code"), ANSWERS.values(), ids=ANSWERS)
def test_what_the_server_says_to_an_eviction_is_told(
    answer: tuple[int, Any] | Exception, became: str, code: str
) -> None:
    outcome, _ = performed(EVICT, answer)
    assert told(outcome) == (became, code)


def test_a_refusal_says_why_and_when_to_ask_again() -> None:
    causes = [{"reason": "DisruptionBudget", "message": NEEDS}]
    refused = status(429, "TooManyRequests", WOULD_VIOLATE, causes=causes, retryAfterSeconds=10)
    outcome, _ = performed(EVICT, refused)
    assert outcome.message == f"{WOULD_VIOLATE} {NEEDS} (again in 10 s)"


def test_a_message_does_not_tell_where_the_server_is() -> None:
    outcome, _ = performed(EVICT, httpx2.ConnectError("https://10.0.0.1 token abc"))
    assert outcome.message == "ConnectError"


def test_a_deletion_names_the_uid_and_the_grace() -> None:
    outcome, (asked,) = performed(DELETE, (200, {}))
    assert told(outcome) == ("done", "")
    assert (asked.method, asked.path) == ("DELETE", "/api/v1/namespaces/shop/pods/api-1")
    assert asked.body == {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": "u"},
        "gracePeriodSeconds": 0,
    }


@pytest.mark.parametrize(
    ("code", "reason", "became"),
    [
        (404, "NotFound", ("precondition_failed", "404")),
        (409, "Conflict", ("precondition_failed", "404")),
        (429, "TooManyRequests", ("refused", "TooManyRequests")),
        (503, "ServiceUnavailable", ("failed", "503")),
    ],
)
def test_what_the_server_says_to_a_deletion_is_told(
    code: int, reason: str, became: tuple[str, str]
) -> None:
    assert told(performed(DELETE, status(code, reason))[0]) == became


@pytest.mark.parametrize("action", [EVICT, DELETE], ids=["evict", "delete"])
def test_who_may_not_lead_sends_nothing(action: EvictPod | DeletePod) -> None:
    outcome, asked = performed(action, (200, {}), leads=False)
    assert told(outcome) == ("refused", "NotLeader")
    assert asked == []
