"""What an API call of the cloud answers: expected refusals are values."""

from __future__ import annotations

import msgspec

from kingtide.control.outcome import OutcomeStatus


class Answer(msgspec.Struct, frozen=True, gc=False):
    """A call's result, to be copied into an Outcome; `code` is AWS' error code, empty when done."""

    status: OutcomeStatus
    code: str = ""
    message: str = ""


DONE = Answer("done")


def validation_error(message: str) -> Answer:
    """Return the refusal that AWS calls ValidationError (HTTP 400)."""
    return Answer("failed", "ValidationError", message)


def changed_meanwhile(message: str) -> Answer:
    """Return the refusal of a late call: the world is no longer what the caller thought."""
    return Answer("precondition_failed", "", message)
