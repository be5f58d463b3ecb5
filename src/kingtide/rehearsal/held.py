"""A world whose load stands still: that of a scenario's start, for as long as somebody looks."""

from __future__ import annotations

from msgspec.structs import replace

from kingtide.twin.definition import Application, DemandPoint, WorldDefinition
from kingtide.twin.load.curves import DemandCurve


def held(definition: WorldDefinition) -> WorldDefinition:
    """Return a definition with the demand of its start, and without what the scenario has happen.

    That is: no outages, of applications or of pools, and no rollouts. What the cloud does by itself
    (prices, reclaims, depths) goes on.
    """
    start_ms = definition.start_ms
    applications = tuple(_held(it, start_ms) for it in definition.applications)
    return replace(definition, applications=applications, outages=())


def _held(application: Application, start_ms: int) -> Application:
    demand = application.demand
    if demand:
        millicores = DemandCurve(demand).millicores_at(start_ms)
        demand = (DemandPoint(start_ms, millicores),)
    return replace(application, demand=demand, outages=(), rollouts=())
