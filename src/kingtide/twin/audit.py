"""The write audit: every write that was performed, by whom, when, and what became of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome

# An evening of 1,000 nodes makes some ten thousand writes; ten times that is a storm whose last
# part is what an invariant needs.
MAX_WRITES = 100_000


class Write(msgspec.Struct, frozen=True, gc=False):
    """A write: the loop that asked, its process's leader identity, the action and its outcome.

    `is_late` tells a write that a paused leader performed after another one had taken over.
    """

    at_ms: int
    controller: str
    leader: str
    action: Action
    outcome: Outcome
    is_late: bool = False


class WriteAudit:
    """The last writes in the order in which they were performed; `dropped` counts older ones."""

    def __init__(self, most: int = MAX_WRITES) -> None:
        self.dropped = 0
        self._writes: deque[Write] = deque(maxlen=most)

    @property
    def writes(self) -> Iterable[Write]:
        """The writes that are kept, oldest first."""
        return self._writes

    def note(self, write: Write) -> None:
        """Add a write."""
        if len(self._writes) == self._writes.maxlen:
            self.dropped += 1
        self._writes.append(write)
