"""Where a world lets somebody look at what our controllers write, or take the place of a part.

Invariants listen to writes; tests of invariants put a controller or a performer of their own in
place, with a fault in it. Nothing here changes a world that nobody asks it of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kingtide.control.action import Action
from kingtide.control.arbitration import Refusals
from kingtide.control.controller import Controller
from kingtide.control.outcome import Outcome

Perform = Callable[[Action], Outcome]
WriteListener = Callable[[str, Action, Outcome], None]
"""Called with the controller's loop, its action and what became of it, right after the write."""
BeforeWrite = Callable[[str, Action], None]
"""Called right before the write."""


class Seams(msgspec.Struct, frozen=True):
    """What takes the place of a part: controllers by key, and a wrapper around every performer."""

    controllers: Mapping[str, Controller[Any, Any]] = {}
    performer: Callable[[Perform], Perform] | None = None
    arbitrate: Callable[..., tuple[Refusals, ...]] | None = None
    """Takes the place of `control.arbitration.arbitrate`."""


AS_BUILT = Seams()


class Writes:
    """Tells of every write by our controllers, in the order in which they are performed."""

    def __init__(self) -> None:
        self.restarts: dict[str, int] = {}
        """How often the process of each controller's loop was killed and came back."""
        self.is_late = False
        """Whether the write in hand is one that an old leader had sent before it stood still."""
        self._before: list[BeforeWrite] = []
        self._listeners: list[WriteListener] = []

    def listen(self, listener: WriteListener, before: BeforeWrite | None = None) -> None:
        """Tell a listener of every write from now on, and one before it is done."""
        self._listeners.append(listener)
        if before is not None:
            self._before.append(before)

    def restarted(self, controller: str) -> None:
        """Note that a controller lost its memory."""
        self.restarts[controller] = self.restarts.get(controller, 0) + 1

    def arrive_late(self, is_late: bool) -> None:
        """Note that what is performed next is late, or no longer is."""
        self.is_late = is_late

    def told(self, controller: str, perform: Perform) -> Perform:
        """Return a performer for one controller whose writes are told."""

        def perform_and_tell(action: Action) -> Outcome:
            for look in self._before:
                look(controller, action)
            outcome = perform(action)
            for listener in self._listeners:
                listener(controller, action, outcome)
            return outcome

        return perform_and_tell
