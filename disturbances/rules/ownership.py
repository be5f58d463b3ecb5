"""One owner a field, over all processes: what one controller set, another leaves alone."""

from __future__ import annotations

from disturbances.rules.rule import Evidence, Rule
from kingtide.control.arbitration import rank_of
from kingtide.control.node_actions import ClaimDisruption
from kingtide.twin.invariants.ownership import Field, fields_of, gives_back

RECENT_MS = 600_000
"""Two writes further apart are two stories (the bound `ownership` of a game day)."""


class _Owners:
    """Who wrote each field last."""

    def __init__(self) -> None:
        self._owners: dict[Field, tuple[str, int]] = {}

    def of(self, field: Field, now_ms: int) -> str:
        """Return who wrote a field lately, empty for nobody."""
        owner, at_ms = self._owners.get(field, ("", 0))
        return owner if now_ms - at_ms < RECENT_MS else ""

    def wrote(self, field: Field, controller: str, now_ms: int) -> None:
        """Note a write."""
        self._owners[field] = controller, now_ms

    def gave_back(self, field: Field) -> None:
        """Note that nobody has a field now."""
        self._owners.pop(field, None)

    def take_along(self, controller: str, claim: ClaimDisruption) -> None:
        """Give who takes a node over what the one it displaces wrote there."""
        for field in [it for it in self._owners if it[0] == f"node/{claim.node}"]:
            owner, _ = self._owners[field]
            displaced = owner == claim.displaces or field[1] == "capacity claim"
            if displaced and rank_of(controller) < rank_of(owner):
                del self._owners[field]


def _judge(evidence: Evidence) -> list[str]:
    owners, found = _Owners(), []
    for entry in evidence.decisions:
        for outcome in entry.outcomes:
            if outcome.status != "done":
                continue
            action, by = outcome.action, entry.controller
            displaces = action.displaces if isinstance(action, ClaimDisruption) else None
            for field in fields_of(action):
                owner = owners.of(field, outcome.at_ms)
                if owner not in ("", by, displaces):
                    found.append(f"{by} wrote {field[1]} of {field[0]}, which is {owner}'s")
                if gives_back(action):
                    owners.gave_back(field)
                else:
                    owners.wrote(field, by, outcome.at_ms)
            if isinstance(action, ClaimDisruption):
                owners.take_along(by, action)
    return found


ONE_OWNER_A_FIELD = Rule(
    "one-owner-a-field",
    "Two controllers never write one field of one object within ten minutes, unless the first gave"
    " it back or is displaced by rank.",
    _judge,
)
