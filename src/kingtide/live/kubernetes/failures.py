"""What can go wrong with a cluster's API.

    LiveFailure
    ├── NotConnectable   how to reach the cluster, or who we are there, cannot be found out
    ├── ApiRefused       the API server answered with an error: its code, reason and message
    ├── NotLeader       a write was held back: the lease may be another's by now
    └── TooManyWrites    a write was held back: there are more than are let through a second

A connection that breaks is httpx2.TransportError; who calls decides whether to try again.
"""

from __future__ import annotations

import httpx2
import msgspec

MAX_MESSAGE = 500


class LiveFailure(Exception):
    """The cluster could not be asked, or said no."""


class NotConnectable(LiveFailure):
    """There is no way to the cluster: kubeconfig, context, credentials."""


class ApiRefused(LiveFailure):
    """The API server answered with an error; `code` is HTTP's, `reason` Kubernetes'.

    `cause` is the first of its details, empty without.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        retry_after_seconds: int | None = None,
        cause: str = "",
    ) -> None:
        super().__init__(f"{code} {reason}: {message[:MAX_MESSAGE]}")
        self.code = code
        self.reason = reason
        self.message = message[:MAX_MESSAGE]
        self.retry_after_seconds = retry_after_seconds
        self.cause = cause[:MAX_MESSAGE]


class NotLeader(LiveFailure):
    """The lease is too old to write by, or was never ours."""


class TooManyWrites(LiveFailure):
    """A write would have to wait so long that it is not made."""


class _Cause(msgspec.Struct):
    message: str = ""


class _Details(msgspec.Struct, rename="camel"):
    retry_after_seconds: int | None = None
    causes: list[_Cause] | None = None


class _Status(msgspec.Struct, rename="camel"):
    reason: str = ""
    message: str = ""
    code: int = 0
    details: _Details | None = None


def refusal(code: int, body: bytes, headers: httpx2.Headers | None = None) -> ApiRefused:
    """Return the error of an answer that is one, whatever its body is."""
    try:
        status = msgspec.json.decode(body, type=_Status)
    except msgspec.DecodeError:
        status = _Status(message=body[:MAX_MESSAGE].decode("utf-8", "replace"))
    after = None if status.details is None else status.details.retry_after_seconds
    written = "" if headers is None else headers.get("Retry-After", "")
    if after is None and written.isdecimal():
        after = int(written)
    causes = (status.details.causes if status.details is not None else None) or []
    cause = causes[0].message if causes else ""
    return ApiRefused(code, status.reason or "Unknown", status.message, after, cause)
