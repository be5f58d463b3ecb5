"""What a command ends with when it does not end well: the error tree and the exit codes.

    Failure                 error: ...  hint: ...
    ├── Refused             exit 1: the answer is no (an expectation was not met, a gate is shut)
    ├── BadInput            exit 2: what the user wrote or typed is wrong; nothing was written
    └── RunFailed           exit 3: it was right, and went wrong while running

Rooms raise errors of their own; the command that calls them turns them into one of these, chained
(`raise BadInput(...) from error`). Everything else that reaches the top is a defect of Kingtide.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the shell is told."""

    YES = 0
    NO = 1
    BAD_INPUT = 2
    RUN_FAILED = 3
    CHANGES = 4
    """Only where it was asked for (`plan --exit-code`): yes, and something would change."""
    # What shells use for a command ended by SIGINT and SIGPIPE: 128 + the signal's number.
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Failure(Exception):
    """A command cannot end with yes; use one of the subclasses.

    Args:
        message: What is wrong, one line without a full stop.
        hint: What to do about it; None where the message says it.
        details: One line each, shown under the message: the located mistakes of a file.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.RUN_FAILED

    def __init__(
        self, message: str, *, hint: str | None = None, details: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = tuple(details)

    def lines(self) -> list[str]:
        """What goes to stderr."""
        hint = [f"hint: {self.hint}"] if self.hint else []
        return [f"error: {self.message}", *(f"  {detail}" for detail in self.details), *hint]


class Refused(Failure):
    """The command did its work, and the answer is no."""

    exit_code = ExitCode.NO


class BadInput(Failure):
    """What the user wrote or typed is wrong; nothing was written."""

    exit_code = ExitCode.BAD_INPUT


class RunFailed(Failure):
    """The input was right, and something failed while running."""

    exit_code = ExitCode.RUN_FAILED
