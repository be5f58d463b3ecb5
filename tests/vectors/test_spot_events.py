"""spot_events.json: what messages and metadata answers are, and what becomes of the message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kingtide.aws.interruptions.events import (
    InterruptionEvent,
    Malformed,
    NotActionable,
    RebalanceRecommendation,
    SpotInterruption,
    kind_of,
)
from kingtide.aws.interruptions.instance_metadata import (
    LIFECYCLE_PATH,
    TOKEN_HEADER,
    TOKEN_LIFETIME_HEADER,
    TOKEN_PATH,
    read_answer,
    request,
    token_request,
)
from kingtide.control.claims import disruption_claim
from kingtide.control.interruption_taint import INTERRUPTED, TERMINATION_HANDLER_TAINTS
from kingtide.control.message_actions import AcknowledgeMessage
from tests.unit.controllers.spot_interruption.situation import Situation
from tests.vectors.cases import Case
from tests.vectors.claims import VectorFile
from tests.vectors.strictness import only_known

vectors = VectorFile("spot_events")

INSTANCE = "i-0123456789abcdef0"
NOW_MS = 1_767_225_600_000 + 1_000


@vectors.cases("queue", expected_keys=("expect",))
def test_a_message_through_the_controller(case: Case) -> Mapping[str, Any]:
    """Run it through a world that has the instance, with a queue's mode of rebalances: drain."""
    given = only_known(case.given, "id", "body", "why", "describe_instances")
    body = given["body"]
    situation = Situation(rebalance="drain", pass_seconds=1)
    situation.now_ms = NOW_MS
    if given.get("describe_instances") != "InvalidInstanceID.NotFound":
        situation.node("node-1", instance_id=INSTANCE)
        situation.pods(2, on="node-1")
    situation.message("m-1", body if isinstance(body, str) else json.dumps(body))
    situation.follow(seconds=125)
    return {"expect": _outcome(situation)}


def _outcome(situation: Situation) -> Mapping[str, Any]:
    deleted = bool(situation.asked(AcknowledgeMessage))
    reading = situation.reading("m-1")
    if isinstance(reading, Malformed):
        return {"error": True, "delete_message": deleted}
    node = situation.cluster.nodes.get("node-1")
    if isinstance(reading, NotActionable) or node is None:
        return {"ignored": True, "delete_message": deleted}
    assert reading is not None
    (event,) = reading
    kind = kind_of(event)
    assert disruption_claim(node.annotations) is not None
    assert [taint.value for taint in node.taints if taint.key == INTERRUPTED] == [kind]
    told: dict[str, Any] = {
        "kind": kind,
        "instance": event.instance_id,
        "drain": len(situation.evicted) == 2,
    }
    if isinstance(event, SpotInterruption | RebalanceRecommendation):
        told["taint"] = TERMINATION_HANDLER_TAINTS[kind]
    if isinstance(event, SpotInterruption):
        told["deadline_s"] = (event.deadline_ms - event.at_ms) // 1000
    return told


@vectors.cases("imds", expected_keys=("expect",))
def test_an_answer_of_the_metadata_service(case: Case) -> Mapping[str, Any]:
    given = only_known(case.given, "id", "path", "method", "headers", "status", "body")
    if given["path"] == TOKEN_PATH:
        return {"expect": _token(given)}
    assert "method" not in given or given["method"] == "GET"
    found = read_answer(given["path"], given["status"], given.get("body", ""), INSTANCE, NOW_MS)
    if isinstance(found, NotActionable):
        return {"expect": "no event"}
    assert not isinstance(found, Malformed)
    return {"expect": {"kind": _only_kind(found)}}


def _only_kind(events: tuple[InterruptionEvent, ...]) -> str:
    (event,) = events
    return kind_of(event)


def _token(given: Mapping[str, Any]) -> str:
    asked = token_request(int(given["headers"][TOKEN_LIFETIME_HEADER]))
    assert (asked.method, asked.headers) == (given["method"], given["headers"])
    assert request(LIFECYCLE_PATH, given["body"]).headers[TOKEN_HEADER] == given["body"]
    return f"later GETs carry {TOKEN_HEADER}"
