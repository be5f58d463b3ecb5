"""The plots of a run, the same in every medium: which lines, with which ink and dash."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kingtide.rehearsal.record import RunRecord, Series, Unit
from kingtide.report.names import priority_classes
from kingtide.report.palette import CLASS_DASHES, CLASS_INKS, Dash, Ink
from kingtide.report.worst import unserved_in_total

TOTAL_UNSERVED = "total.unserved"
"""Key of the one line that the record does not hold itself: the sum over its applications."""


class Line(msgspec.Struct, frozen=True):
    """One line of a plot; `key` names its series, in an application's plot the measure.

    `stepped` holds a value until the next one (counts), `area` fills below, `hidden` starts
    switched off.
    """

    key: str
    label: str
    ink: Ink
    dash: Dash = "solid"
    area: bool = False
    stepped: bool = False
    hidden: bool = False


class Panel(msgspec.Struct, frozen=True):
    """One plot; the first `stacked` lines stand on each other's shoulders."""

    id: str
    title: str
    unit: Unit
    lines: tuple[Line, ...]
    stacked: int = 0


_DNS_PANELS = (
    Panel(
        "dns",
        "Lookups that fail",
        "percent",
        (Line("dns.failed_percent", "of all lookups", "rose", area=True),),
    ),
    Panel(
        "dns-queries",
        "Lookups and what reaches CoreDNS, a second",
        "count",
        (
            Line("dns.lookups_per_second", "lookups", "blue"),
            Line("dns.core_dns_queries_per_second", "queries to CoreDNS", "orange", "dashed"),
        ),
    ),
)


def cluster_panels(record: RunRecord) -> tuple[Panel, ...]:
    """Return the plots of the whole cluster, those with trouble in them first."""
    classes = priority_classes(record)
    panels = [
        Panel("unavailable", "Pods unavailable", "pods", _class_lines(classes, "unavailable")),
        Panel(
            "unserved",
            "Demand not served",
            _unserved_unit(record),
            (Line(TOTAL_UNSERVED, "all applications", "rose", area=True),),
        ),
        *_DNS_PANELS,
        *_request_panels("requests", "requests."),
        Panel(
            "nodes",
            "Nodes",
            "nodes",
            (
                Line("nodes.spot", "spot", "blue", area=True, stepped=True),
                Line("nodes.on_demand", "on-demand", "orange", "dashed", area=True, stepped=True),
                Line("nodes.not_ready", "not ready", "rose", "dotted", stepped=True),
            ),
            stacked=2,
        ),
        Panel(
            "pods",
            "Pods available",
            "pods",
            _class_lines(classes, "available", area=True),
            stacked=len(classes),
        ),
        Panel(
            "cpu",
            "CPU",
            "cores",
            (
                Line("cores.used", "used", "blue", area=True),
                Line("cores.requested", "requested", "green", "long"),
                Line("cores.reserved_not_used", "reserved, not used", "orange", "dashed"),
                Line("cores.allocatable", "allocatable", "grey", "dotted"),
            ),
        ),
        Panel(
            "cost",
            "Cost",
            "usd_per_hour",
            (Line("cost.usd_per_hour", "instances", "ochre", area=True, stepped=True),),
        ),
    ]
    return _with_series(panels, known_series(record))


def application_panels(record: RunRecord, application: str) -> tuple[Panel, ...]:
    """Return the plots of one application; lines it has no series for are left out."""
    prefix = f"app.{application}."
    own = {k.removeprefix(prefix): s for k, s in record.series.items() if k.startswith(prefix)}
    return _with_series(application_layout(record), own)


def application_layout(record: RunRecord) -> tuple[Panel, ...]:
    """Return the plots that any application may have, keyed by measure."""
    has_requests = "requests.failed" in record.series
    return (
        Panel(
            "app-cpu",
            "CPU against the HPA's trigger",
            "cores",
            (
                Line("used", "used", "blue", area=True),
                Line("hpa_trigger", "HPA trigger", "rose", "dashed", stepped=True),
                Line("demand", "demand", "grey", "dotted"),
                Line("requested", "requested", "green", "long", stepped=True),
                Line("reserved_not_used", "reserved, not used", "orange", "dash_dot", hidden=True),
            ),
        ),
        Panel(
            "app-pods",
            "Pods",
            "pods",
            (
                Line("available", "available", "green", area=True, stepped=True),
                Line("unavailable", "unavailable", "rose", "dashed", stepped=True),
                Line("replicas", "replicas wanted", "grey", "dotted", stepped=True),
            ),
        ),
        Panel(
            "app-unserved",
            "Demand not served",
            _unserved_unit(record),
            (Line("unserved", "unserved", "rose", area=True),),
        ),
        *(_request_panels("app-requests", "") if has_requests else ()),
    )


def is_flat(panel: Panel, series: dict[str, Series]) -> bool:
    """Say whether a panel shows nothing but zero, which needs no height to be told."""
    return not any(any(series[line.key].values) for line in panel.lines)


def known_series(record: RunRecord) -> dict[str, Series]:
    """Return the record's series and the total that panels also show, by key."""
    total = unserved_in_total(record)
    return dict(record.series) | ({TOTAL_UNSERVED: total} if total else {})


def _class_lines(classes: Sequence[str], what: str, area: bool = False) -> tuple[Line, ...]:
    return tuple(
        Line(
            f"pods.{name}.{what}",
            name,
            CLASS_INKS[i % len(CLASS_INKS)],
            CLASS_DASHES[i % len(CLASS_DASHES)],
            area=area,
            stepped=True,
        )
        for i, name in enumerate(classes)
    )


def _request_panels(panel: str, prefix: str) -> tuple[Panel, ...]:
    """Return errors and tries apart: of thousands of tries a few may fail, and are what counts."""
    return (
        Panel(
            panel,
            "Requests that fail, in a step",
            "count",
            (Line(f"{prefix}failed", "failed", "rose", area=True),),
        ),
        Panel(
            f"{panel}-again",
            "Tries of requests after the first, in a step",
            "count",
            (Line(f"{prefix}tried_again", "tried again", "orange", "dashed"),),
        ),
    )


def _unserved_unit(record: RunRecord) -> Unit:
    total = unserved_in_total(record)
    return total.unit if total else "cores"


def _with_series(panels: Sequence[Panel], series: dict[str, Series]) -> tuple[Panel, ...]:
    kept = []
    for panel in panels:
        lines = tuple(line for line in panel.lines if line.key in series)
        stacked = sum(1 for line in panel.lines[: panel.stacked] if line.key in series)
        if lines:
            kept.append(msgspec.structs.replace(panel, lines=lines, stacked=stacked))
    return tuple(kept)
