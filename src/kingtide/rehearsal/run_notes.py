"""What a reader of a record must know about its assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from kingtide.rehearsal.dns_notes import dns_notes
from kingtide.rehearsal.pause_pod_notes import pause_pod_notes
from kingtide.rehearsal.scenario.read import Scenario
from kingtide.twin.latencies import DEFAULT_LATENCIES, Latency

_JUDGED = "Judged, not measured, are the latencies "


def judged_latencies(note: str) -> tuple[str, ...]:
    """Return the latencies that a note lists as judged; none where it is about something else."""
    if not note.startswith(_JUDGED):
        return ()
    return tuple(note.removeprefix(_JUDGED).removesuffix(".").split(", "))


def notes(scenario: Scenario) -> tuple[str, ...]:
    """Return the scenario's own notes and those that follow from its settings."""
    return (
        *scenario.spec.notes,
        *_scaled(scenario),
        *pause_pod_notes(scenario),
        *dns_notes(scenario),
        *_latencies(scenario),
    )


def _scaled(scenario: Scenario) -> Iterator[str]:
    for name, application in scenario.spec.applications.items():
        demand = application.demand
        if demand is not None and demand.scale != 1:
            yield f"The demand of {name} is multiplied by {demand.scale}."


def _latencies(scenario: Scenario) -> Iterator[str]:
    for name, latency in scenario.latencies.items():
        yield f"Latency {name} is {_told(latency)}: {latency.source}."
    judged = [
        name
        for name, latency in DEFAULT_LATENCIES.items()
        if scenario.latencies.get(name, latency).assumed
    ]
    ingress = scenario.ingress
    if ingress is not None:
        own = {
            "endpointSlice": ingress.endpoint_slice,
            "takesOver": ingress.takes_over,
            "checkDown": ingress.check_down,
        }
        judged += [f"ingress.{name}" for name, latency in own.items() if latency.assumed]
    if judged:
        yield f"{_JUDGED}{', '.join(judged)}."


def _told(latency: Latency) -> str:
    if latency.is_constant:
        return f"{latency.points[0][1] / 1000:g} s"
    low, high = latency.points[0][1] / 1000, latency.points[-1][1] / 1000
    return f"{low:g} to {high:g} s, {latency.at(500_000) / 1000:g} s in the middle"
