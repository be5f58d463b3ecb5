"""What AWS told that could not be read, or only in part: counted, never fatal."""

from __future__ import annotations

from typing import Literal

Oddity = Literal[
    "ActivityUnreadable",
    "GroupUnreadable",
    "GroupWeighted",
    "InstanceUnreadable",
    "MessageMalformed",
    "MessageUnreadable",
    "NoInstanceType",
    "UnknownActivityStatus",
    "UnknownInstanceState",
    "UnknownSpotStrategy",
]


class Oddities:
    """Counts by code; `last` says of the latest of each where it was."""

    def __init__(self) -> None:
        self.counts: dict[Oddity, int] = {}
        self.last: dict[Oddity, str] = {}

    def note(self, what: Oddity, where: str) -> None:
        """Count one."""
        self.counts[what] = self.counts.get(what, 0) + 1
        self.last[what] = where[:200]
