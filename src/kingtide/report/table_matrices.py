"""How figures' names make tables: one row a priority class, an application, a kind of instance.

A name with a placeholder (`unavailable.<priority>.max_pods`) is a column; what stands in its place
names the row. A figure that fits no column is left over, and is listed under its own name.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.rehearsal.record import Figure, Unit

TOTAL = "total"
"""The row of a column whose name has no placeholder: it is about all the other rows."""


class Column(msgspec.Struct, frozen=True):
    """A column: the figures whose name has this pattern and that have this unit.

    `name` has one placeholder in angle brackets, or none. `worse` says that more of it is worse.
    `level` says that it stands somewhere even when nothing happens (replicas, unused CPU).
    Columns that `yield` most are left out first where not all fit.
    """

    name: str
    unit: Unit
    group: str
    head: str
    yields: int
    worse: bool = True
    level: bool = False

    def row_of(self, key: str) -> str | None:
        """Return which row a figure's name belongs to; None when it is not of this column."""
        before, found, rest = self.name.partition("<")
        if not found:
            return TOTAL if key == self.name else None
        after = rest.partition(">")[2]
        fits = key.startswith(before) and key.endswith(after)
        row = key[len(before) : len(key) - len(after)]
        return row if fits and len(key) > len(before) + len(after) else None


class Matrix(msgspec.Struct, frozen=True):
    """A table of figures; `quiet` are the words for rows in which nothing happened.

    `ranked` says that its rows compare, so that the worst of a column means something.
    """

    title: str
    columns: tuple[Column, ...]
    quiet: str
    ranked: bool = True


class Filled(msgspec.Struct, frozen=True):
    """A matrix with its figures: by row, then by column, each with its own name."""

    matrix: Matrix
    rows: Mapping[str, Mapping[Column, str]]


CLASSES = Matrix(
    "Priority class",
    (
        Column("unavailable.<priority>.max_pods", "pods", "unavailable", "pods", 0),
        Column("unavailable.<priority>.max_seconds", "seconds", "unavailable", "longest", 0),
        Column("unavailable.<priority>.total_pod_seconds", "seconds", "unavailable", "pod-time", 2),
        Column("pending.<priority>.max_seconds", "seconds", "wait for a node", "longest", 1),
    ),
    "nothing happened to",
)

_APP = "<application>"
APPLICATIONS = Matrix(
    "Application",
    (
        Column(f"hpa.{_APP}.max_replicas", "pods", "replicas", "max", 5, worse=False, level=True),
        Column(f"hpa.{_APP}.rescales", "count", "replicas", "rescales", 7, worse=False),
        Column(f"unavailable.app.{_APP}.max_pods", "pods", "unavailable", "pods", 1),
        Column(f"unavailable.app.{_APP}.max_seconds", "seconds", "unavailable", "longest", 0),
        Column(
            f"unavailable.app.{_APP}.total_pod_seconds", "seconds", "unavailable", "pod-time", 9
        ),
        Column(f"ready.{_APP}.p50_seconds", "seconds", "created to ready", "p50", 6),
        Column(f"ready.{_APP}.p90_seconds", "seconds", "created to ready", "p90", 3),
        Column(f"ready.{_APP}.max_seconds", "seconds", "created to ready", "max", 2),
        Column(f"unserved.{_APP}.core_seconds", "core_seconds", "unserved", "core-s", 1),
        Column(f"requests.{_APP}.failed", "count", "requests", "failed", 0),
        Column(f"requests.{_APP}.retries", "count", "requests", "retries", 2),
        Column(f"requests.{_APP}.redispatches", "count", "requests", "redispatches", 8),
        Column(f"requests.{_APP}.failed_percent", "percent", "requests", "failed", 10),
        Column(f"requests.{_APP}.total", "count", "requests", "all", 11, worse=False, level=True),
        Column(f"below_demand.{_APP}.max_pods", "pods", "below demand", "pods", 10),
        Column(f"below_demand.{_APP}.max_seconds", "seconds", "below demand", "longest", 10),
        Column(f"containers.killed.{_APP}", "count", "for memory", "killed", 9),
        Column(
            f"cpu.reserved_not_used.{_APP}.mean_percent", "percent", "unused", "mean", 4, level=True
        ),
        Column(
            f"cpu.reserved_not_used.{_APP}.max_percent", "percent", "unused", "max", 8, level=True
        ),
    ),
    "nothing happened to",
)

INSTANCES = Matrix(
    "Cluster",
    (
        Column("nodes.min.<lifecycle>", "nodes", "Ready nodes", "min", 4, worse=False),
        Column("nodes.max.<lifecycle>", "nodes", "Ready nodes", "max", 0, worse=False),
        Column("nodes.end.<lifecycle>", "nodes", "Ready nodes", "end", 3, worse=False),
        Column("node_hours.<lifecycle>", "hours", "Ready nodes", "hours", 6, worse=False),
        Column("instance_hours.<lifecycle>", "hours", "instances", "hours", 8, worse=False),
        Column("<lifecycle>.oldest_seconds", "seconds", "oldest", "age", 7),
        Column("cost.<lifecycle>_usd", "usd", "cost", "USD", 1),
        Column(
            "cpu.reserved_not_used.mean_percent",
            "percent",
            "reserved CPU, unused",
            "mean",
            2,
            level=True,
        ),
        Column(
            "cpu.reserved_not_used.max_percent",
            "percent",
            "reserved CPU, unused",
            "max",
            5,
            level=True,
        ),
    ),
    "no instances of",
    ranked=False,
)

MATRICES = (CLASSES, APPLICATIONS, INSTANCES)

_CLAIMS = (APPLICATIONS, INSTANCES, CLASSES)
"""Whose name a figure has is asked in this order: `unavailable.app.web.max_pods` is of no class."""

CLUSTER_NAMES = (
    "node_wait.max_seconds",
    "node_autoscaling.scale_ups",
    "node_autoscaling.failed_requests",
    "node_autoscaling.scale_downs",
    "fallback.requested_seconds",
    "fallback.running_seconds",
    "spot.reclaimed",
    "spot.reclaimed_by.<account>",
    "nodes.starved",
    "containers.killed",
    "zones.skew.max_percent",
    "zones.skew.mean_percent",
    "zones.skew.max_ratio",
    "cross_zone.gigabytes",
    "cross_zone.usd",
    "scheduling.preemptions",
    "events",
)
"""Figures of the whole cluster that are in no matrix, in the order in which they are read.

A name with a placeholder stands for all that differ in it.
"""

_NEITHER_GOOD_NOR_BAD = ("node_autoscaling.scale_ups", "node_autoscaling.scale_downs", "events")


def filled(figures: Mapping[str, Figure]) -> tuple[Filled, ...]:
    """Return the matrices with their figures, without columns and rows that have none."""
    rows: dict[str, dict[str, dict[Column, str]]] = {matrix.title: {} for matrix in MATRICES}
    for key, figure in figures.items():
        if (place := place_of(key, figure.unit)) is not None:
            matrix, column, row = place
            rows[matrix.title].setdefault(row, {})[column] = key
    return tuple(Filled(matrix, rows[matrix.title]) for matrix in MATRICES if rows[matrix.title])


def place_of(key: str, unit: Unit) -> tuple[Matrix, Column, str] | None:
    """Return where a figure stands: matrix, column and row; None when it fits nowhere."""
    for matrix in _CLAIMS:
        for column in matrix.columns:
            row = column.row_of(key) if column.unit == unit else None
            if row is not None:
                return matrix, column, row
    return None


def unplaced(figures: Mapping[str, Figure]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names that are in no matrix: first the known ones of the cluster."""
    left = [key for key, figure in figures.items() if place_of(key, figure.unit) is None]
    known = tuple(key for name in CLUSTER_NAMES for key in left if _is_named(key, name))
    return known, tuple(key for key in left if key not in known)


def more_is_worse(key: str, unit: Unit) -> bool:
    """Return whether more of a figure is worse, as far as it is known."""
    place = place_of(key, unit)
    if place is not None:
        return place[1].worse
    known = any(_is_named(key, name) for name in CLUSTER_NAMES)
    return known and key not in _NEITHER_GOOD_NOR_BAD


def _is_named(key: str, name: str) -> bool:
    before, placeholder, _ = name.partition("<")
    return key == name if not placeholder else key.startswith(before) and key != before


def has_happened(value: float | None) -> bool:
    """Return whether a figure tells of anything: neither zero nor never."""
    return value is not None and value != 0


def joined_names(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Return columns' names with those together that differ in one part: `ready.<a>.{p50,p90}`."""
    groups: list[list[list[str]]] = []
    for column in columns:
        parts = column.name.split(".")
        if groups and _differing([*groups[-1], parts]) is not None:
            groups[-1].append(parts)
        else:
            groups.append([parts])
    return tuple(_joined(group) for group in groups)


def _differing(names: list[list[str]]) -> int | None:
    """Return the one part in which all names differ; None when there are several, or lengths."""
    if len({len(parts) for parts in names}) != 1:
        return None
    differing = [
        place for place, column in enumerate(zip(*names, strict=True)) if len({*column}) > 1
    ]
    return differing[0] if len(differing) == 1 else None


def _joined(names: list[list[str]]) -> str:
    place = _differing(names)
    if place is None:
        return ".".join(names[0])
    parts = list(names[0])
    parts[place] = "{" + ",".join(name[place] for name in names) + "}"
    return ".".join(parts)
