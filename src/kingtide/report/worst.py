"""The worst moments of a run: where a reader jumps to first."""

from __future__ import annotations

import msgspec

from kingtide.rehearsal.record import RunRecord, Series
from kingtide.report.figures import value_text
from kingtide.report.names import applications, priority_classes

UNAVAILABLE_CLASSES_MAX = 3
"""A list of more than a handful is no longer a way to the worst; the plots show every class."""


class WorstMoment(msgspec.Struct, frozen=True):
    """When a measure was at its worst; `panel` is the plot it is seen in, `value` has its unit.

    `what` names the measure in the fewest words, for a label beside its peak.
    """

    panel: str
    what: str
    title: str
    at_ms: int
    value: str
    amount: float


def worst_moments(record: RunRecord) -> tuple[WorstMoment, ...]:
    """Return the first instant of each maximum that is worth a look; zero is not."""
    candidates: list[tuple[str, str, str, Series | None]] = [
        ("unavailable", name, f"Most pods unavailable: {name}", series)
        for name, series in _unavailable(record)
    ]
    candidates += [
        ("requests", "failed", "Most requests failed", record.series.get("requests.failed")),
        ("dns", "fail", "Most lookups failed", record.series.get("dns.failed_percent")),
        ("unserved", "not served", "Most demand not served", unserved_in_total(record)),
        ("nodes", "not ready", "Most nodes not ready", record.series.get("nodes.not_ready")),
        (
            "cpu",
            "not used",
            "Most CPU reserved, not used",
            record.series.get("cores.reserved_not_used"),
        ),
        ("cost", "USD/h", "Highest cost", record.series.get("cost.usd_per_hour")),
    ]
    moments = (_moment(record, *candidate) for candidate in candidates)
    return tuple(moment for moment in moments if moment is not None)


def unserved_in_total(record: RunRecord) -> Series | None:
    """Return the demand that no application's ready pods served, summed.

    None without applications.
    """
    parts = [record.series.get(f"app.{name}.unserved") for name in applications(record)]
    present = [part for part in parts if part is not None]
    if not present:
        return None
    values = tuple(sum(column) for column in zip(*(p.values for p in present), strict=True))
    return Series("Unserved demand", present[0].unit, values)


def _unavailable(record: RunRecord) -> list[tuple[str, Series]]:
    found = [
        (name, record.series[f"pods.{name}.unavailable"])
        for name in priority_classes(record)
        if f"pods.{name}.unavailable" in record.series and name != "overprovisioning"
    ]
    return [(name, s) for name, s in found if max(s.values, default=0) > 0][
        :UNAVAILABLE_CLASSES_MAX
    ]


def _moment(
    record: RunRecord, panel: str, what: str, title: str, series: Series | None
) -> WorstMoment | None:
    if series is None or not series.values:
        return None
    peak = max(series.values)
    if not peak > max(0.0, min(series.values)):  # a level that never moves has no worst moment
        return None
    at_ms = record.times_ms[series.values.index(peak)]
    return WorstMoment(panel, what, title, at_ms, value_text(peak, series.unit), peak)
