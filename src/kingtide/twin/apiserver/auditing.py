"""The audit trail: one JSON line for each write that reached the APIs, and what was answered.

Writes to the cluster are events of audit.k8s.io/v1 at the level Request, writes to the cloud are
CloudTrail records, both with the fields that somebody asks for who wants to know who did what.
A line stands there before its answer is sent. Headers, and with them tokens and signatures, are
never written, nor what a Secret holds.
Source: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ (v1.36) and
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
(1.11, read November 2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

MAX_BYTES = 500_000_000
"""Of the file. At the bound it becomes FILE.1 in place of the one before, as kube-apiserver rotates
its own (--audit-log-maxsize); a busy evening of three hours writes some tens of megabytes."""
MAX_REQUEST_BYTES = 4_096
"""Of what was sent; a claim, an eviction or a taint is some hundred bytes."""
SILENT = ("secrets", "serviceaccounts", "tokenreviews")
"""Resources of which nothing is written that was sent."""
VERBS: Mapping[str, str] = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Audit:
    """Appends to a file.

    Raises:
        OSError: it cannot be written.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file = path.open("ab")
        self._number = 0

    def kubernetes(
        self,
        now_ms: int,
        method: str,
        path: str,
        query: Mapping[str, str],
        user_agent: str,
        sent: bytes,
        code: int,
        answer: bytes,
    ) -> None:
        """Write the line of a request to the cluster's API; `answer` may be empty."""
        reference = _reference(path)
        line: dict[str, Any] = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Request",
            "auditID": self._next(),
            "stage": "ResponseComplete",
            "stageTimestamp": _time(now_ms),
            "verb": VERBS[method],
            "requestURI": path + _options(query),
            "userAgent": user_agent,
            "objectRef": reference,
            "responseStatus": {"code": code} | _status(code, answer),
        }
        body = None if reference.get("resource") in SILENT else _body(sent)
        if body is not None:
            line["requestObject"] = body
        self._write(line)

    def aws(
        self,
        now_ms: int,
        service: str,
        name: str,
        user_agent: str,
        parameters: Mapping[str, Any],
        beside: Mapping[str, Any],
        error: str,
    ) -> None:
        """Write one line of a call to the cloud; `beside` is what CloudTrail has as additional."""
        self._write(
            {
                "eventVersion": "1.11",
                "eventID": self._next(),
                "eventTime": _time(now_ms),
                "eventSource": f"{service}.amazonaws.com",
                "eventName": name,
                "userAgent": user_agent,
                "requestParameters": dict(parameters),
                "additionalEventData": dict(beside),
                "errorCode": error,
            }
        )

    def close(self) -> None:
        """Close the file; what was written stays."""
        self._file.close()

    def _next(self) -> str:
        self._number += 1
        return str(self._number)

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file.tell() >= self._max_bytes:
            self._file.close()
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._file = self._path.open("ab")
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()


def _reference(path: str) -> dict[str, str]:
    """Return what a path is about, as an audit's objectRef says it."""
    parts = path.strip("/").split("/")
    rest = parts[2:] if parts[0] == "api" else parts[3:]
    found: dict[str, str] = {}
    if len(rest) >= 3 and rest[0] == "namespaces":
        found["namespace"], rest = rest[1], rest[2:]
    return found | dict(zip(("resource", "name", "subresource"), rest, strict=False))


def _options(query: Mapping[str, str]) -> str:
    told = [f"{key}={query[key]}" for key in ("fieldManager", "force", "dryRun") if key in query]
    return f"?{'&'.join(told)}" if told else ""


def _status(code: int, answer: bytes) -> dict[str, str]:
    """Return why a write was refused, as its Status says."""
    if code < 300:
        return {}
    try:
        told = msgspec.json.decode(answer, type=_Status)
    except msgspec.DecodeError:
        return {}
    return {"reason": told.reason, "message": told.message}


def _body(sent: bytes) -> Any:
    if not sent or len(sent) > MAX_REQUEST_BYTES:
        return None
    try:
        return msgspec.json.decode(sent)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _time(now_ms: int) -> str:
    return datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="milliseconds")


class _Status(msgspec.Struct):
    reason: str = ""
    message: str = ""
