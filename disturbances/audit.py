"""The audit and the journals of an evening, read into what rules look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from kingtide.control.decision_entry import DecisionEntry
from kingtide.roster.journal import decode_journal

OURS = re.compile(r"kingtide/\S+ \((?P<identity>[^)]+)\)")
"""How a process of ours names itself in its user agent."""


class Write(msgspec.Struct, frozen=True):
    """One write that reached an API. `who` is the identity of a process, or the user agent.

    `verb` is Kubernetes' (create, patch, delete) or AWS' name of the call; `about` is resource,
    namespace, name and subresource, or the group or instance; `code` is 0 for a call that AWS took.
    """

    number: int
    at_ms: int
    who: str
    verb: str
    about: tuple[str, ...]
    accepted: bool
    refusal: str = ""
    sent: Any = None
    beside: Mapping[str, Any] = {}

    @property
    def is_cloud(self) -> bool:
        """Whether it is a call to the cloud."""
        return self.verb[:1].isupper()

    @property
    def resource(self) -> str:
        """What kind of object it is about, with the subresource; empty for the cloud."""
        if self.is_cloud:
            return ""
        kind, _, _, subresource = self.about
        return f"{kind}/{subresource}" if subresource else kind

    def told(self) -> str:
        """Return it as a line of a report."""
        about = "/".join(it for it in self.about if it)
        answer = "accepted" if self.accepted else self.refusal
        return f"#{self.number} {self.verb} {about} by {self.who}: {answer}"


def read_audit(lines: Iterable[bytes]) -> tuple[Write, ...]:
    """Return the writes of an audit file, in the order in which they reached the APIs."""
    found = []
    for number, line in enumerate(lines, start=1):
        raw = msgspec.json.decode(line)
        found.append(_cloud(number, raw) if "eventName" in raw else _cluster(number, raw))
    return tuple(found)


def read_journals(files: Iterable[Path]) -> tuple[DecisionEntry, ...]:
    """Return the decisions of all journals by time; a line that a kill cut off is left out."""
    found: list[DecisionEntry] = []
    for file in files:
        if file.is_file():
            text = file.read_bytes()
            found += decode_journal(text[: text.rfind(b"\n") + 1])
    return tuple(sorted(found, key=lambda it: it.at_ms))


def _cluster(number: int, raw: Mapping[str, Any]) -> Write:
    reference = raw["objectRef"]
    body = raw.get("requestObject")
    name = reference.get("name", "")
    if not name and isinstance(body, Mapping):
        name = str((body.get("metadata") or {}).get("name", ""))
    kind, subresource = reference.get("resource", ""), reference.get("subresource", "")
    status = raw["responseStatus"]
    return Write(
        number,
        _ms(raw["stageTimestamp"]),
        _who(raw["userAgent"]),
        raw["verb"],
        (kind, reference.get("namespace", ""), name, subresource),
        status["code"] < 300,
        f"{status['code']} {status.get('reason', '')}".strip() if status["code"] >= 300 else "",
        body,
    )


def _cloud(number: int, raw: Mapping[str, Any]) -> Write:
    sent, beside = raw["requestParameters"], raw["additionalEventData"]
    keys = ("AutoScalingGroupName", "InstanceId")
    about = tuple(sent[key] for key in keys if key in sent) or (str(beside.get("messageId", "")),)
    return Write(
        number,
        _ms(raw["eventTime"]),
        _who(raw["userAgent"]),
        raw["eventName"],
        about,
        not raw["errorCode"],
        raw["errorCode"],
        sent,
        beside,
    )


def _who(user_agent: str) -> str:
    found = OURS.search(user_agent)
    return user_agent if found is None else found["identity"]


def _ms(written: str) -> int:
    return round(datetime.fromisoformat(written).timestamp() * 1000)


def is_ours(write: Write) -> bool:
    """Whether a process of ours wrote it: its identity ends in eight hexadecimal digits."""
    return re.fullmatch(r".+_[0-9]+_[0-9a-f]{8}", write.who) is not None


def pid_of(identity: str) -> int:
    """Return the id of the process that has an identity."""
    return int(identity.rsplit("_", 2)[1])


def decided_writes(writes: Sequence[Write]) -> tuple[Write, ...]:
    """Return the writes that carry out a decision: not Leases, nor Events, nor reviews."""
    notes = ("leases", "events")
    return tuple(
        it
        for it in writes
        if is_ours(it) and it.about[0] not in notes and not it.about[0].endswith("reviews")
    )
