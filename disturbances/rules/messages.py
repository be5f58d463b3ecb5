"""Messages of the interruption queue: acknowledged once, and once their intent stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from disturbances.audit import Write, pid_of
from disturbances.rules.rule import Evidence, Rule
from kingtide.control.claims import DISRUPTION_CLAIM
from kingtide.control.message_actions import AcknowledgeMessage

INTERRUPTION = "EC2 Spot Instance Interruption Warning"


def _once(evidence: Evidence) -> list[str]:
    found: list[str] = []
    done: dict[str, Write] = {}
    for write in evidence.decided:
        if write.verb != "DeleteMessage" or not write.accepted:
            continue
        if not write.beside.get("handleIsNewest", True):
            continue  # the message was received again meanwhile: SQS takes the call, and keeps it
        message = write.about[0]
        if message in done and not _heard_nothing(evidence, done[message], message):
            found.append(f"{write.told()}, as before: {done[message].told()}")
        done.setdefault(message, write)
    return found


def _heard_nothing(evidence: Evidence, write: Write, message: str) -> bool:
    """Return whether who deleted a message knew nothing of it: its journal has it as failed.

    An answer that was cut off tells nobody that the queue has taken the call; asking again for what
    is done already changes nothing (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html).
    """
    return any(
        isinstance(it.action, AcknowledgeMessage)
        and it.action.message_id == message
        and it.status == "failed"
        for entry in evidence.journals.get(pid_of(write.who), ())
        for it in entry.outcomes
    )


def claims(write: Write) -> bool | None:
    """Return whether a write puts a disruption claim on a node (True) or takes it off (False).

    None where it does neither.
    """
    if write.resource != "nodes" or not write.accepted:
        return None
    sent: Any = write.sent
    if isinstance(sent, Mapping):
        annotations = (sent.get("metadata") or {}).get("annotations") or {}
        return None if DISRUPTION_CLAIM not in annotations else bool(annotations[DISRUPTION_CLAIM])
    path = f"/metadata/annotations/{DISRUPTION_CLAIM.replace('/', '~1')}"
    steps = [it for it in sent or () if it.get("path") == path and it.get("op") != "test"]
    return None if not steps else steps[-1]["op"] != "remove"


def _interrupted(write: Write) -> bool:
    try:
        body = msgspec.json.decode(write.beside.get("body", ""))
    except msgspec.DecodeError:
        return False
    return isinstance(body, Mapping) and body.get("detail-type") == INTERRUPTION


def _stands(evidence: Evidence) -> list[str]:
    found: list[str] = []
    claimed: dict[str, bool] = {}
    for write in evidence.writes:
        claim = claims(write)
        if claim is not None:
            claimed[write.about[2]] = claim
        if write.verb != "DeleteMessage" or not write.accepted or not _interrupted(write):
            continue
        found += [
            f"{write.told()}: nothing on node {node} says that it ends"
            for node in write.beside.get("nodes", ())
            if not claimed.get(node)
        ]
    return found


MESSAGES_ARE_ACKNOWLEDGED_ONCE = Rule(
    "messages-are-acknowledged-once",
    "No message is deleted from the queue by a second accepted write, unless nobody heard of the"
    " first: its answer was cut off. One with a handle of before the message came again deletes"
    " nothing.",
    _once,
)
INTENTS_STAND_FIRST = Rule(
    "intents-stand-first",
    "An interruption warning is acknowledged only once its node bears a disruption claim, or is"
    " gone: a crash after that loses nothing.",
    _stands,
)
