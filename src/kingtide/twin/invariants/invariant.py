"""What an invariant is: a name, a rule in a sentence, and when it looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from kingtide.control.action import Action
from kingtide.control.outcome import Outcome
from kingtide.twin.invariants.bounds import Bounds

if TYPE_CHECKING:
    from kingtide.twin.world import World

MOST_VIOLATIONS = 50
"""A broken rule breaks again every minute; fifty lines tell as much as a thousand."""


class Violation(msgspec.Struct, frozen=True):
    """A broken invariant: which, when, where (`node/...`, `pod/...`, `group/...`), and how."""

    invariant: str
    at_ms: int
    subject: str
    told: str


class Violations:
    """Collects violations: one a subject and invariant, at most `MOST_VIOLATIONS`."""

    def __init__(self) -> None:
        self.found: list[Violation] = []
        self._known: dict[tuple[str, str], None] = {}

    def add(self, violation: Violation) -> None:
        """Keep a violation unless its like is known."""
        key = (violation.invariant, violation.subject)
        if key not in self._known and len(self.found) < MOST_VIOLATIONS:
            self._known[key] = None
            self.found.append(violation)


class Invariant:
    """One rule over one world; subclasses overwrite the moments at which it looks.

    An invariant changes nothing and draws nothing: a world runs alike with and without it.
    """

    name: ClassVar[str]
    rule: ClassVar[str]

    def __init__(self, world: World, bounds: Bounds, violations: Violations) -> None:
        self.world = world
        self.bounds = bounds
        self.calm_since_ms: int | None = None
        """Since when there are no faults any more, None while there may be."""
        self._violations = violations
        self.follow()

    def follow(self) -> None:
        """Subscribe to what has to be seen at each write."""

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at what one of our controllers has just done, or was refused."""

    def step(self) -> None:
        """Look at what was touched, at the end of an instant in which pods or nodes changed."""

    def minute(self) -> None:
        """Look at everything."""

    def end(self) -> None:
        """Look at everything when nothing more will happen."""

    @property
    def now_ms(self) -> int:
        """The present virtual time."""
        return self.world.engine.now_ms

    def broken(self, subject: str, told: str) -> None:
        """Note that the rule does not hold."""
        self._violations.add(Violation(self.name, self.now_ms, subject, told))
