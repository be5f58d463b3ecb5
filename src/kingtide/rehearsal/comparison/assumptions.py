"""The judged durations of a world, by name, and the same world with one of them scaled."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.twin.definition import Application, WorldDefinition
from kingtide.twin.latencies import DEFAULT_LATENCIES, Latency

_OWN = {"readyAfter": "ready_after_ms", "stopsAfter": "stops_after_ms"}
"""Durations that an application brings itself, as users write them."""


def assumptions(definition: WorldDefinition) -> Mapping[str, Latency]:
    """Return every latency with `assumed`; `app.<name>.readyAfter` is an application's own."""
    found = {
        name: latency
        for name, default in DEFAULT_LATENCIES.items()
        if (latency := definition.latencies.get(name, default)).assumed
    }
    for application in definition.applications:
        for written, field in _OWN.items():
            latency = getattr(application, field)
            if isinstance(latency, Latency) and latency.assumed:
                found[f"app.{application.name}.{written}"] = latency
    return found


def with_assumption(definition: WorldDefinition, name: str, percent: int) -> WorldDefinition:
    """Return a world in which one assumption is at a percentage of its value.

    Raises:
        KeyError: the world makes no such assumption.
    """
    latency = assumptions(definition)[name].scaled(percent)
    if name in DEFAULT_LATENCIES:
        return msgspec.structs.replace(
            definition, latencies={**definition.latencies, name: latency}
        )
    applications = tuple(_scaled(a, name, latency) for a in definition.applications)
    return msgspec.structs.replace(definition, applications=applications)


def _scaled(application: Application, name: str, latency: Latency) -> Application:
    for written, field in _OWN.items():
        if name == f"app.{application.name}.{written}":
            return msgspec.structs.replace(application, **{field: latency})
    return application
