"""What keeps a plan from being carried out.

ApplyFailure
├── ToolUnfit           kops or kubectl is not there, too old, or does not answer
├── PlanRefused         the plan itself says that it must not be carried out
├── WorldMoved          the clusters are not what the plan was made for
├── RunInTheWay         another run of this plan goes on, or began and was not resumed
└── StepFailed          a command failed; what came before is done and recorded
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class ApplyFailure(Exception):
    """A plan is not, or not wholly, carried out.

    Args:
        message: What is wrong, one line without a full stop.
        details: One line each, shown under the message.
        hint: What to do about it, empty where the message says it.
    """

    def __init__(self, message: str, *, details: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)
        self.hint = hint


class ToolUnfit(ApplyFailure):
    """An external command cannot be used."""


class PlanRefused(ApplyFailure):
    """The plan must not be carried out."""


class WorldMoved(ApplyFailure):
    """The clusters are not what the plan was made for."""


class RunInTheWay(ApplyFailure):
    """Another run of the plan is in the way."""


class StepFailed(ApplyFailure):
    """A command failed, or did not end in time; `log` holds everything it said."""

    def __init__(self, message: str, log: Path, *, details: Sequence[str] = ()) -> None:
        hint = f"{log} holds everything it said; mend the cause, then go on with --resume"
        super().__init__(message, details=details, hint=hint)
        self.log = log
