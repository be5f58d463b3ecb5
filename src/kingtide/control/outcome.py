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
