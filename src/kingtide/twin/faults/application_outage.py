"""An application answers nothing for a while; then all its traffic is back at once."""

from __future__ import annotations

import msgspec

from kingtide.twin.definition import Outage, WorldDefinition
from kingtide.twin.faults.dice import Dice
from kingtide.twin.faults.fault import Fault
from kingtide.twin.faults.scope import Scope

LONGEST_MS = 10 * 60_000
"""Long enough for every HPA behind it to shrink (a downscale window of 5 min is the default of
kube-controller-manager), which is what makes the return dangerous."""
MOST = 2


class ApplicationOutage(Fault, frozen=True, kw_only=True, tag="application-outage"):
    """`application` (`namespace/name`) answers nothing, though its pods run."""

    application: str

    def laid_over(self, definition: WorldDefinition) -> WorldDefinition:
        """Return the world with the outage; those that depend on it get no traffic meanwhile."""
        outage = Outage(self.from_ms, self.until_ms)
        applications = tuple(
            msgspec.structs.replace(it, outages=(*it.outages, outage))
            if it.key == self.application
            else it
            for it in definition.applications
        )
        return msgspec.structs.replace(definition, applications=applications)

    def told(self) -> str:
        """Which application."""
        return f"{self.application} answers nothing"


def draw(dice: Dice, scope: Scope) -> tuple[ApplicationOutage, ...]:
    """Return outages of fronts, where there are any, and of what is served otherwise."""
    candidates = scope.fronts or scope.served
    if not candidates:
        return ()
    found = []
    for number in range(dice.count(MOST)):
        from_ms, until_ms = dice.span(scope, LONGEST_MS, number)
        application = dice.pick(candidates, "application", number)
        found.append(ApplicationOutage(from_ms=from_ms, until_ms=until_ms, application=application))
    return tuple(found)
