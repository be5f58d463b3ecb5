"""Turn mistakes in a user's files into the failure that a command ends with."""

from __future__ import annotations

from kingtide.cli.failure import BadInput
from kingtide.fleet.documents.mistakes import Mistakes


def mistaken(error: Mistakes, *, after: str = "") -> BadInput:
    """Return the failure that tells every mistake; `after` says what therefore did not happen."""
    count = len(error.all)
    what = "1 mistake" if count == 1 else f"{count} mistakes"
    return BadInput(f"{what}{after}", details=str(error).splitlines())
