"""One owner a field, and no controller does what it does not declare."""

from __future__ import annotations

from kingtide.control.action import (
    Action,
    AddTaint,
    PatchScale,
    RemoveTaint,
    SetDesiredCapacity,
)
from kingtide.control.arbitration import rank_of
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
from kingtide.control.workload_actions import (
    AnnotateWorkload,
    PauseScaledObject,
    ScaleWorkload,
    SetDisruptionBudget,
    SetMinReplicas,
    SetMinRunners,
    SetNodeSelector,
    SetSuspend,
    WorkloadAction,
    changed_object,
)
from kingtide.twin.invariants.invariant import Invariant

Field = tuple[str, str]
"""The object, as `Kind/namespace/name` or `node/name`, and what of it."""


def fields_of(action: Action) -> tuple[Field, ...]:
    """Return the fields that an action writes, none where it writes none."""
    match action:
        case SetDesiredCapacity():
            return ((f"group/{action.group}", "desired capacity"),)
        case PatchScale():
            return ((f"Deployment/{action.namespace}/{action.name}", "replicas"),)
        case Cordon() | Uncordon():
            return ((f"node/{action.node}", "unschedulable"),)
        case AddTaint():
            return ((f"node/{action.node}", f"taint {action.taint.key}"),)
        case RemoveTaint():
            return ((f"node/{action.node}", f"taint {action.key}"),)
        case SetNodeLabel():
            return ((f"node/{action.node}", f"label {action.key}"),)
        case ClaimDisruption() | ReleaseDisruption():
            return ((f"node/{action.node}", "disruption claim"),)
        case ClaimCapacity() | ReleaseCapacity():
            return ((f"node/{action.node}", "capacity claim"),)
        case _ if isinstance(action, WorkloadAction):
            return _fields_of_workload(action)
        case _:
            return ()


def _fields_of_workload(action: WorkloadAction) -> tuple[Field, ...]:
    """Return the field that a workload's action sets, and each annotation it leaves there."""
    match action:
        case ScaleWorkload():
            sets = ["replicas"]
        case SetSuspend():
            sets = ["suspend"]
        case SetMinReplicas():
            sets = ["minReplicas"]
        case SetMinRunners():
            sets = ["minRunners"]
        case SetNodeSelector():
            sets = [f"node selector {action.label}"]
        case SetDisruptionBudget():
            sets = [action.field]
        case PauseScaledObject():
            sets = ["paused replicas"]
        case AnnotateWorkload():
            sets = []
    whose = changed_object(action)
    marks = [f"annotation {key}" for key, _ in action.annotations]
    return tuple((whose, field) for field in (*sets, *marks))


def gives_back(action: Action) -> bool:
    """Return whether whoever writes this has nothing more to do with the fields.

    A workload is given back in the write that takes its writer's marks off, and leaves none.
    """
    if isinstance(action, Uncordon | RemoveTaint | ReleaseDisruption | ReleaseCapacity):
        return True
    if not isinstance(action, WorkloadAction):
        return False
    return bool(action.annotations) and all(value is None for _, value in action.annotations)


class OneOwnerAField(Invariant):
    """Remembers who wrote each field last."""

    name = "one-owner-a-field"
    rule = (
        "Two controllers never write one field of one object within `ownership`, unless the first"
        " gave it back or is displaced by rank."
    )

    def follow(self) -> None:
        """Remember the last writer of each field with its time."""
        self._owners: dict[Field, tuple[str, int]] = {}

    def wrote(self, controller: str, action: Action, outcome: Outcome) -> None:
        """Look whose each field was."""
        if outcome.status != "done":
            return
        for field in fields_of(action):
            owner, at_ms = self._owners.get(field, (controller, self.now_ms))
            recent = self.now_ms - at_ms < 1000 * self.bounds.ownership_seconds
            displaces = isinstance(action, ClaimDisruption) and action.displaces == owner
            if owner != controller and recent and not displaces:
                self.broken(field[0], f"{controller} wrote its {field[1]}, which is {owner}'s")
            if gives_back(action):
                self._owners.pop(field, None)
            else:
                self._owners[field] = (controller, self.now_ms)
        if isinstance(action, ClaimDisruption):
            self._take_along(controller, action)

    def _take_along(self, controller: str, action: ClaimDisruption) -> None:
        """Have who takes a node over also take what the one it displaces wrote there.

        The claim is the right to empty the node; cordon, taints and labels are how that is done. A
        capacity claim is taken over from any lower controller, with or without a claim to displace.
        """
        for field in [it for it in self._owners if it[0] == f"node/{action.node}"]:
            owner, _ = self._owners[field]
            is_displaced = owner == action.displaces or field[1] == "capacity claim"
            if is_displaced and rank_of(controller) < rank_of(owner):
                del self._owners[field]


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
