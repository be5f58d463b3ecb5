"""Reads what an instance's own metadata says of its end.

The live agent asks every few seconds; here stand the paths, the headers and what the answers mean.
A 404 says that nobody has said anything.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html and
.../configuring-instance-metadata-service.html (version 2, read November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.aws.interruptions.events import (
    InterruptionEvent,
    LifecycleAction,
    Malformed,
    NotActionable,
    RebalanceRecommendation,
    ScheduledChange,
    SpotInterruption,
)
from kingtide.aws.interruptions.wording import UnreadableField, iso_ms, rfc_2822_ms

SPOT_ACTION_PATH = "/latest/meta-data/spot/instance-action"
REBALANCE_PATH = "/latest/meta-data/events/recommendations/rebalance"
MAINTENANCE_PATH = "/latest/meta-data/events/maintenance/scheduled"
LIFECYCLE_PATH = "/latest/meta-data/autoscaling/target-lifecycle-state"
TOKEN_PATH = "/latest/api/token"
"""Asked with PUT; the answer's body is the token."""

TOKEN_HEADER = "X-aws-ec2-metadata-token"
TOKEN_LIFETIME_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"
MAX_TOKEN_LIFETIME_SECONDS = 21_600

MAX_ANSWER_BYTES = 65_536
"""More than the longest list of scheduled events; no answer of the service comes near it."""


class MetadataRequest(msgspec.Struct, frozen=True):
    """One call to the instance metadata service."""

    method: Literal["GET", "PUT"]
    path: str
    headers: Mapping[str, str]


def token_request(lifetime_seconds: int) -> MetadataRequest:
    """Return the call that asks for a token, which every other call carries."""
    lifetime = str(min(lifetime_seconds, MAX_TOKEN_LIFETIME_SECONDS))
    return MetadataRequest("PUT", TOKEN_PATH, {TOKEN_LIFETIME_HEADER: lifetime})


def request(path: str, token: str) -> MetadataRequest:
    """Return the call that asks for one of the paths."""
    return MetadataRequest("GET", path, {TOKEN_HEADER: token})


def read_answer(
    path: str, status: int, body: str, instance_id: str, now_ms: int
) -> tuple[InterruptionEvent, ...] | NotActionable | Malformed:
    """Return what one answer says of the instance that asked."""
    if status == 404:
        return NotActionable("no notice")
    if status != 200:
        return Malformed(f"status {status} of {path}")
    if len(body.encode()) > MAX_ANSWER_BYTES:
        return Malformed(f"longer than {MAX_ANSWER_BYTES} bytes")
    try:
        match path:
            case _ if path == SPOT_ACTION_PATH:
                return (_spot(body, instance_id, now_ms),)
            case _ if path == REBALANCE_PATH:
                said = msgspec.json.decode(body, type=_Notice)
                return (RebalanceRecommendation(instance_id, iso_ms(said.notice_time)),)
            case _ if path == MAINTENANCE_PATH:
                return _maintenance(body, instance_id, now_ms)
            case _ if path == LIFECYCLE_PATH:
                return _lifecycle(body, instance_id, now_ms)
            case _:
                return Malformed(f"nothing is known of {path}")
    except (UnreadableField, msgspec.DecodeError, UnicodeEncodeError) as error:
        return Malformed(str(error)[:200])


class _Action(msgspec.Struct, frozen=True):
    action: Literal["terminate", "stop", "hibernate"]
    time: str


class _Notice(msgspec.Struct, frozen=True, rename="camel"):
    notice_time: str


class _Maintenance(msgspec.Struct, frozen=True):
    NotBefore: str
    Code: str = ""
    State: str = "active"


def _spot(body: str, instance_id: str, now_ms: int) -> SpotInterruption:
    said = msgspec.json.decode(body, type=_Action)
    return SpotInterruption(instance_id, now_ms, iso_ms(said.time), said.action)


def _maintenance(
    body: str, instance_id: str, now_ms: int
) -> tuple[InterruptionEvent, ...] | NotActionable:
    said = msgspec.json.decode(body, type=list[_Maintenance])
    active = [it for it in said if it.State == "active"]
    if not active:
        return NotActionable("no scheduled event that is active")
    return tuple(
        ScheduledChange(instance_id, now_ms, rfc_2822_ms(it.NotBefore), it.Code[:60])
        for it in active
    )


def _lifecycle(
    body: str, instance_id: str, now_ms: int
) -> tuple[InterruptionEvent, ...] | NotActionable:
    if body.strip() != "Terminated":
        return NotActionable(f"a group that wants the instance {body.strip()[:60]}")
    return (LifecycleAction(instance_id, now_ms),)
