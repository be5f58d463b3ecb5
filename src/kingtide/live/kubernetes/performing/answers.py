"""What an error of a call means for the action that made it."""

from __future__ import annotations

import httpx2

from kingtide.control.outcome import Answer
from kingtide.live.kubernetes.failures import (
    ApiRefused,
    LiveFailure,
    NotLeader,
    TooManyWrites,
)

NOT_LEADER = "NotLeader"
TOO_MANY_WRITES = "TooManyWrites"
TOO_MANY_REQUESTS = "TooManyRequests"
"""The API server, or we ourselves, hold back: nothing was done, and later it may be."""
TIMEOUT = "Timeout"
UNREACHABLE = "Unreachable"
"""Whether it was done is not known; the action's precondition makes asking again harmless."""
UNREADABLE = "Unreadable"

Failure = LiveFailure | httpx2.HTTPError | TimeoutError | ValueError
FAILURES = (LiveFailure, httpx2.HTTPError, TimeoutError, ValueError)


def answer_of(error: Failure) -> Answer:
    """Return the answer that an error stands for; messages say nothing that we sent."""
    match error:
        case NotLeader():
            return Answer("refused", NOT_LEADER, str(error))
        case TooManyWrites():
            return Answer("refused", TOO_MANY_WRITES, str(error))
        case ApiRefused() if error.code == 429:
            return Answer("refused", TOO_MANY_REQUESTS, told(error))
        case ApiRefused():
            return Answer("failed", str(error.code), f"{error.reason}: {told(error)}")
        case TimeoutError() | httpx2.TimeoutException():
            return Answer("failed", TIMEOUT, "the API server did not answer in time")
        case httpx2.HTTPError():
            return Answer("failed", UNREACHABLE, type(error).__name__)
        case LiveFailure():
            return Answer("failed", type(error).__name__, str(error))
        case _:
            return Answer("failed", UNREADABLE, f"the object cannot be read: {error}")


def told(error: ApiRefused) -> str:
    """Return the server's words: message, cause, and when it wants to be asked again."""
    again = error.retry_after_seconds
    later = "" if again is None else f" (again in {again} s)"
    return f"{error.message} {error.cause}".strip() + later
