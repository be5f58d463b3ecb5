"""When to try a write again that came to nothing."""

from __future__ import annotations

from kingtide.control.outcome import Outcome
from kingtide.control.workload_actions import WorkloadAction, changed_object

CONFIRM_MS = 30_000
"""A write that was done shows in the watch within seconds; after this the workload is looked at
again, so that one which got lost on the way is noticed."""
FIRST_PAUSE_MS = 5_000
"""A conflict or a refusal (429) is over within seconds."""
LONGEST_PAUSE_MS = 600_000
"""What fails for so long needs a person, who is not helped by an answer every few seconds."""


def pause_ms(failures: int) -> int:
    """Return how long to wait after so many failures in a row, the first one being 1."""
    # The exponent is bounded with the pause: 5 s doubled ten times is past the longest.
    return int(min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << min(failures - 1, 10)))


def failed_object(outcome: Outcome) -> str | None:
    """Return the key of the workload whose write came to nothing, None for one that was done."""
    if outcome.status == "done" or not isinstance(outcome.action, WorkloadAction):
        return None
    return changed_object(outcome.action)
