"""The run record: all that a rehearsal leaves, from which tables, plots and files are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.control.decision_entry import DecisionEntry

Unit = Literal[
    "seconds",
    "hours",
    "pods",
    "nodes",
    "cores",
    "core_seconds",
    "usd",
    "usd_per_hour",
    "percent",
    "count",
]
Severity = Literal["info", "warning", "bad"]


class Figure(msgspec.Struct, frozen=True):
    """One number of the summary.

    `value` None means it never happened (no pod waited, no node came).
    """

    value: float | None
    unit: Unit
    title: str


class Series(msgspec.Struct, frozen=True):
    """One value a step, on the record's common time axis."""

    title: str
    unit: Unit
    values: tuple[float, ...]


class Event(msgspec.Struct, frozen=True):
    """Something worth a mark on the time axis (a node joins, a launch fails, an HPA rescales)."""

    at_ms: int
    kind: str
    subject: str
    message: str
    severity: Severity = "info"


class ExpectationResult(msgspec.Struct, frozen=True):
    """An `expect:` line with what was wanted and what came out.

    `actual` None means no such figure arose.
    """

    expression: str
    figure: str
    actual: float | None
    passed: bool


class RunRecord(msgspec.Struct, frozen=True):
    """A whole run. Times are Unix milliseconds; `timezone` is for showing them.

    `series` keys, each present in every record (applications and priority classes as the scenario
    names them): `nodes.spot`, `nodes.on_demand`, `nodes.not_ready`, `cost.usd_per_hour`,
    `cores.used`, `cores.requested`, `cores.reserved_not_used`, `cores.allocatable`,
    `pods.<class>.available`, `pods.<class>.unavailable`; for each application
    `app.<name>.available`, `.unavailable`, `.replicas`, `.used`, `.requested`,
    `.reserved_not_used`, `.demand`, `.unserved`, with a demand `.below_demand`, and with an HPA
    `.hpa_trigger`. Where demand comes in as requests: `requests.failed`, `requests.tried_again`,
    and `.failed`, `.tried_again` of those applications.
    `partial` is True when the run was stopped before `end_ms`; then `reached_ms` says how far it
    came.
    """

    name: str
    cluster: str
    seed: int
    timezone: str
    start_ms: int
    end_ms: int
    reached_ms: int
    partial: bool
    step_seconds: int
    trace_hash: str
    versions: Mapping[str, str]
    times_ms: tuple[int, ...]
    series: Mapping[str, Series]
    figures: Mapping[str, Figure]
    events: tuple[Event, ...]
    decisions: tuple[DecisionEntry, ...]
    expectations: tuple[ExpectationResult, ...] = ()
    notes: tuple[str, ...] = ()
    """Assumptions that the reader must know (scaled demand, latencies that were judged)."""
    engine: Mapping[str, float] = {}
    """How the run was computed (wall seconds, events, peak bytes): never part of the deterministic
    files."""
