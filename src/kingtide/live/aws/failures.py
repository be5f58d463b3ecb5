"""What can go wrong with a call of AWS.

    AwsFailure
    ├── NotConfigured    region or credentials cannot be found out
    ├── UndeclaredCall   a call that nobody declared: a defect
    ├── CallLimit        too many calls within a minute: not sent
    ├── NotLeading       a write was held back: the lease may be another's by now
    ├── AwsRefused       the API answered with an error: its code and message
    ├── NoAnswer         the connection broke or nothing came in time: perhaps it was done
    └── Unreadable       an answer that is none

Messages hold nothing that was sent, above all no credentials.
"""

from __future__ import annotations

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

MAX_MESSAGE = 500
_HOW = "name a region and credentials as for the aws command: environment, profile, role"


class AwsFailure(Exception):
    """AWS could not be asked, or said no; `code` is for outcomes and metrics."""

    code = "AwsFailure"


class NotConfigured(AwsFailure):
    """There is no region or no credentials."""

    code = "NotConfigured"


class UndeclaredCall(AwsFailure):
    """A call that is neither of those that observing needs nor of an action."""

    code = "UndeclaredCall"


class CallLimit(AwsFailure):
    """So many calls were made within a minute that this one is not sent."""

    code = "CallLimit"


class NotLeading(AwsFailure):
    """The lease is too old to write by."""

    code = "NotLeading"


class AwsRefused(AwsFailure):
    """The API answered with an error; `code` is AWS' own."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message[:MAX_MESSAGE]}")
        self.code = code
        self.message = message[:MAX_MESSAGE]


class NoAnswer(AwsFailure):
    """Whether the call was carried out is not known."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unreadable(AwsFailure):
    """The answer cannot be read."""

    code = "Unreadable"


def failure_of(error: Exception) -> AwsFailure:
    """Return what an error of the SDK stands for."""
    match error:
        case AwsFailure():
            return error
        case ClientError():
            return _refused(error)
        case NoCredentialsError() | PartialCredentialsError() | NoRegionError() | ProfileNotFound():
            return NotConfigured(f"{error}; {_HOW}")
        case ParamValidationError():
            return AwsRefused("ParamValidation", str(error))
        case ReadTimeoutError() | ConnectTimeoutError() | TimeoutError():
            return NoAnswer("Timeout", "AWS did not answer in time")
        case HTTPClientError() | OSError():
            return NoAnswer("Unreachable", type(error).__name__)
        case ResponseParserError() | ValueError() | KeyError():
            return Unreadable(f"the answer cannot be read: {type(error).__name__}")
        case BotoCoreError():
            return NoAnswer("Unreachable", type(error).__name__)
        case _:
            raise error


def _refused(error: ClientError) -> AwsRefused:
    said = error.response.get("Error", {})
    # What AWS says of a wrong signature goes on with the request it saw, session token included.
    message = str(said.get("Message", "")).partition("\n")[0]
    return AwsRefused(str(said.get("Code", "Unknown")), message)
