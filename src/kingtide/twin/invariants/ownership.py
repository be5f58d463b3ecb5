"""One owner a field, and no controller does what it does not declare."""

from __future__ import annotations

from kingtide.control.action import (
    Action,
    AddTaint,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
)
from kingtide.control.node_actions import (
    ClaimCapacity,
    ClaimDisruption,
    Cordon,
    ReleaseCapacity,
    ReleaseDisruption,
    SetNodeLabel,
    Uncordon,
)
from kingtide.control.outcome import Outcome
from kingtide.twin.invariants.invariant import Invariant


def field_of(action: Action) -> tuple[str, str] | None:
    """Return the object and the field that an action writes, None where it writes none."""
    match action:
        case SetDesiredCapacity():
            return f"group/{action.group}", "desired capacity"
        case PatchScale():
            return f"deployment/{action.namespace}/{action.name}", "replicas"
        case Cordon() | Uncordon():
            return f"node/{action.node}", "unschedulable"
        case AddTaint():
            return f"node/{action.node}", f"taint {action.taint.key}"
        case RemoveTaint():
            return f"node/{action.node}", f"taint {action.key}"
        case SetNodeLabel():
            return f"node/{action.node}", f"label {action.key}"
        case ClaimDisruption() | ReleaseDisruption():
            return f"node/{action.node}", "disruption claim"
        case ClaimCapacity() | ReleaseCapacity():
            return f"node/{action.node}", "capacity claim"
        case _:
            return None


_GIVES_BACK = (Uncordon, RemoveTaint, ReleaseDisruption, ReleaseCapacity)


class OneOwnerAField(Invariant):
    """Remembers who wrote each field last."""

    name = "one-owner-a-field"
    rule = (
        "Two controllers never write one field of one object within `ownership`, unless the first"
        " gave it back or is displaced by rank."
    )

    def follow(self) -> None:
        """Remember the last writer of each field with its time."""
        self._owners: dict[tuple[str, str], tuple[str, int]] = {}

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look whose the field was."""
        field = field_of(action)
        if field is None or outcome.status != "done":
            return
        owner, at_ms = self._owners.get(field, (controller, self.now_ms))
        recent = self.now_ms - at_ms < 1000 * self.bounds.ownership_seconds
        displaces = isinstance(action, ClaimDisruption) and action.displaces == owner
        if owner != controller and recent and not displaces:
            self.broken(field[0], f"{controller} wrote its {field[1]}, which is {owner}'s")
        if isinstance(action, _GIVES_BACK):
            self._owners.pop(field, None)
        else:
            self._owners[field] = (controller, self.now_ms)


class ActionsAreDeclared(Invariant):
    """Compares every write with what its controller declares, from which its rights derive."""

    name = "actions-are-declared"
    rule = "No controller does anything that its ACTIONS do not name."

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look at the kind of action, whatever became of it."""
        del outcome
        for loop in self.world.loops:
            if loop.name == controller and type(action) not in loop.declared:
                self.broken(f"controller/{controller}", f"did {type(action).__name__}")
