"""Summary figures as text: one number with its unit, and the groups they are read in."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.rehearsal.record import Figure, Unit
from kingtide.report.clock import duration_text

NEVER = "–"
"""Stands for a figure of something that never happened."""

UNIT_LABELS: dict[Unit, str] = {
    "seconds": "s",
    "hours": "h",
    "pods": "pods",
    "nodes": "nodes",
    "cores": "cores",
    "core_seconds": "core-s",
    "usd": "USD",
    "usd_per_hour": "USD/h",
    "percent": "%",
    "count": "",
}

_GROUP_TITLES = {
    "unavailable": "Unavailable pods",
    "ready": "From creation to ready",
    "pending": "Waiting for a node",
    "node_wait": "Waiting for a node",
    "requests": "Requests",
    "unserved": "Unserved demand",
    "below_demand": "Ready pods that demand lacks",
    "nodes": "Nodes",
    "node_hours": "Nodes",
    "instance_hours": "Nodes",
    "on_demand": "Nodes",
    "fallback": "Fallback to on-demand",
    "spot": "Spot",
    "zones": "Zones",
    "cross_zone": "Zones",
    "dns": "DNS",
    "cpu": "CPU",
    "cost": "Cost",
    "hpa": "Horizontal pod autoscaling",
    "node_autoscaling": "Node autoscaling",
    "overprovisioning": "Overprovisioning",
    "scheduling": "Scheduling",
}


def value_text(value: float | None, unit: Unit) -> str:
    """Return a value with its unit, as short as its size allows; None is a dash."""
    if value is None:
        return NEVER
    if unit == "seconds":
        return duration_text(value)
    number, label = number_text(value, unit), UNIT_LABELS[unit]
    if number == "1" and unit in ("pods", "nodes"):
        label = label.removesuffix("s")
    return f"{number} {label}".rstrip()


def short_text(value: float | None, unit: Unit) -> str:
    """Return a value for a narrow column; what it counts stands in the column's head."""
    if value is None:
        return NEVER
    if unit == "seconds":
        return short_duration(value)
    number = number_text(value, unit)
    if unit in ("pods", "nodes", "count", "core_seconds", "usd"):
        return number
    return f"{number}%" if unit == "percent" else f"{number} {UNIT_LABELS[unit]}"


def short_duration(seconds: float) -> str:
    """Return a duration as users write them: `41.5s`, `2m36s`, `1h25m`."""
    if seconds < 120:
        whole = float(seconds).is_integer()
        return f"{seconds:.0f}s" if whole else f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m{rest:02}s" if rest else f"{minutes}m"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}h{minutes:02}m"


def number_text(value: float, unit: Unit) -> str:
    """Return a value without its unit.

    Whole things whole, money with cents, the rest to a tenth; of a share below that a thousandth,
    since three requests that failed of a hundred thousand are not none.
    """
    if unit in ("pods", "nodes", "count"):
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    if unit in ("usd", "usd_per_hour"):
        return f"{value:,.2f}"
    if unit == "percent" and 0 < value < 0.05:
        return f"{value:.3f}" if value >= 0.001 else "<0.001"
    if unit == "core_seconds" or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def grouped(figures: Mapping[str, Figure]) -> dict[str, dict[str, Figure]]:
    """Return the figures under the titles they are read in.

    Known groups first, their own order inside.
    """
    groups: dict[str, dict[str, Figure]] = {title: {} for title in _GROUP_TITLES.values()}
    for key, figure in figures.items():
        first = key.split(".", 1)[0]
        title = _GROUP_TITLES.get(first, first.replace("_", " ").capitalize())
        groups.setdefault(title, {})[key] = figure
    return {title: group for title, group in groups.items() if group}
