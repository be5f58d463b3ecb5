"""The webhook's application: bounds, and what it says when it cannot review."""

from __future__ import annotations

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

import httpx2
import pytest
from prometheus_client import generate_latest

from kingtide.operate.admission.metrics import AdmissionMetrics
from kingtide.operate.admission.process import audited
from kingtide.operate.admission.server import MAX_BYTES, Webhook
from tests.unit.controllers.admission.objects import POLICY, SNAPSHOT, container, daemon_set
from tests.unit.operate.admission.test_answers import sent


class Small:
    """A webhook and what it counted."""

    def __init__(self) -> None:
        self.metrics = AdmissionMetrics(lambda: {"Namespace": 3.0})
        self.webhook = Webhook(
            POLICY,
            lambda _seconds: SNAPSHOT,
            lambda work, failure, _asked, verdict, seconds: self.metrics.reviewed(
                work, failure, verdict, seconds
            ),
            self.metrics.unanswered,
        )

    def post(self, path: str, content: bytes) -> httpx2.Response:
        async def asked() -> httpx2.Response:
            transport = httpx2.ASGITransport(self.webhook.app)
            async with httpx2.AsyncClient(transport=transport, base_url="https://w") as client:
                return await client.post(path, content=content)

        return asyncio.run(asked())

    def counted(self, line: str) -> bool:
        return line in generate_latest(self.metrics.registry).decode()


WRONG = sent(daemon_set(container()))


def test_a_review_is_answered_and_counted() -> None:
    small = Small()
    response = small.post("/validate/closed", WRONG)
    assert response.status_code == 200
    assert response.json()["response"]["allowed"] is False
    assert small.counted(
        'kingtide_admission_reviews_total{failure="closed",result="refused",work="validate"} 1.0'
    )
    assert small.counted(
        'kingtide_admission_findings_total{code="NoLimit",level="refusal",rule="daemonSets"} 2.0'
    )
    assert small.counted('kingtide_admission_staleness_seconds{kind="Namespace"} 3.0')


@pytest.mark.parametrize(
    ("path", "content", "code", "reason"),
    [
        ("/validate/open", b"{}", 400, "Malformed"),
        ("/validate/open", b" " * (MAX_BYTES + 1), 413, "TooLarge"),
    ],
    ids=["malformed", "too-large"],
)
def test_what_cannot_be_reviewed_is_an_error(
    path: str, content: bytes, code: int, reason: str
) -> None:
    small = Small()
    response = small.post(path, content)
    assert response.status_code == code
    assert small.counted(f'kingtide_admission_unanswered_total{{reason="{reason}"}} 1.0')


def test_no_more_than_the_bound_is_read_of_a_request_that_does_not_say_its_length() -> None:
    small, read = Small(), 0

    async def asked() -> int:
        async def receive() -> dict[str, object]:
            nonlocal read
            read += 1 << 20
            return {"type": "http.request", "body": b" " * (1 << 20), "more_body": True}

        codes: list[int] = []

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                codes.append(message["status"])

        scope = {"type": "http", "method": "POST", "path": "/mutate/open", "headers": []}
        await small.webhook.app(scope | {"query_string": b""}, receive, send)
        return codes[0]

    assert asyncio.run(asked()) == 413
    assert read == MAX_BYTES + (1 << 20)


def test_another_path_is_not_found() -> None:
    assert Small().post("/validate/sometimes", WRONG).status_code == 404


def test_with_dry_run_every_rule_only_tells() -> None:
    small = Small()
    small.webhook.policy = audited(POLICY)
    response = json.loads(small.post("/validate/closed", WRONG).content)["response"]
    assert response["allowed"] is True
    assert len(response["warnings"]) == 2
    changed = small.post("/mutate/open", WRONG).json()["response"]
    assert "patch" not in changed
