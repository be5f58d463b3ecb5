"""Series that follow from others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kingtide.kube.pods import pod_requests
from kingtide.twin.definition import Application


def below_demand(
    applications: Sequence[Application], series: Mapping[str, Sequence[float]]
) -> dict[str, list[float]]:
    """Return how many ready pods each application lacks for its demand, by name of the series.

    As many pods are needed as the demand has of one pod's CPU request; pods that request none lack
    nobody. An application without demand has no such series.
    """
    found: dict[str, list[float]] = {}
    for it in applications:
        if not it.demand:
            continue
        request = pod_requests(it.template.spec).cpu_millicores
        demand = series[f"app.{it.name}.demand"]
        available = series[f"app.{it.name}.available"]
        found[f"app.{it.name}.below_demand"] = [
            max(0.0, -(-round(1000 * cores) // request) - ready) if request else 0.0
            for cores, ready in zip(demand, available, strict=True)
        ]
    return found


def longest_above_zero(values: Sequence[float], step_seconds: int) -> int:
    """Return the longest unbroken time above zero, in seconds: a value holds for one step."""
    longest = present = 0
    for value in values:
        present = present + 1 if value > 0 else 0
        longest = max(longest, present)
    return longest * step_seconds
