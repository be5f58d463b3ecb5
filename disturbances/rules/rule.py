"""What a rule is: a name, a sentence, and a look at all that is known of an evening."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from disturbances.audit import Write, decided_writes
from kingtide.control.decision_entry import DecisionEntry


class Evidence(msgspec.Struct, frozen=True):
    """All writes in their order, the journals by process id, and which processes were killed."""

    writes: tuple[Write, ...]
    journals: Mapping[int, tuple[DecisionEntry, ...]] = {}
    killed: frozenset[int] = frozenset()

    @property
    def decided(self) -> tuple[Write, ...]:
        """The writes that carry out decisions of ours."""
        return decided_writes(self.writes)

    @property
    def decisions(self) -> tuple[DecisionEntry, ...]:
        """The decisions of all processes by time."""
        found = [it for entries in self.journals.values() for it in entries]
        return tuple(sorted(found, key=lambda it: it.at_ms))


class Violation(msgspec.Struct, frozen=True):
    """A rule that was broken, and by what."""

    rule: str
    told: str


class Rule(NamedTuple):
    """A rule by its name; `judge` returns what broke it, each as a line."""

    name: str
    sentence: str
    judge: Callable[[Evidence], list[str]]
