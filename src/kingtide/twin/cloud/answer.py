"""What an API call of the cloud answers: expected refusals are values."""

from __future__ import annotations

from kingtide.control.outcome import DONE, Answer

__all__ = ["DONE", "Answer", "changed_meanwhile", "validation_error"]


def validation_error(message: str) -> Answer:
    """Return the refusal that AWS calls ValidationError (HTTP 400)."""
    return Answer("failed", "ValidationError", message)


def changed_meanwhile(message: str) -> Answer:
    """Return the refusal of a late call: the world is no longer what the caller thought."""
    return Answer("precondition_failed", "", message)
