"""What became of an action: values, because a refused eviction is expected, not exceptional."""

from __future__ import annotations

from typing import Literal

import msgspec

from kingtide.control.action import Action

OutcomeStatus = Literal["done", "precondition_failed", "refused", "failed"]


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The result of one action.

    `code` is the API's (429, `InsufficientInstanceCapacity`), empty when done.
    """

    action: Action
    status: OutcomeStatus
    at_ms: int
    code: str = ""
    message: str = ""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What an API call answers, to be told as an Outcome; `code` is empty when done."""

    status: OutcomeStatus
    code: str = ""
    message: str = ""

    def to(self, action: Action, at_ms: int) -> Outcome:
        """Return the outcome of the action that was answered so."""
        return Outcome(action, self.status, at_ms, self.code, self.message)


DONE = Answer("done")
