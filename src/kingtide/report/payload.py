"""The numbers and marks of a page as one compressed text block."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kingtide.rehearsal.record import RunRecord
from kingtide.report.clock import offset_stretches
from kingtide.report.columns import Column, column, extreme_times, extremes, packed_bytes
from kingtide.report.figures import UNIT_LABELS
from kingtide.report.marks import Lane, Mark
from kingtide.report.names import APPLICATION_MEASURES, application_series
from kingtide.report.palette import DASHES
from kingtide.report.panels import Line, Panel, application_layout, cluster_panels, known_series
from kingtide.report.plain import plain


class Detail(msgspec.Struct, frozen=True):
    """How much of a record a page holds: buckets of one step are exact, others keep extremes."""

    cluster_levels_min: int
    """Levels between zero and a line's peak; half of one is the error of what is not a count."""
    application_levels_min: int
    cluster_bucket_steps: int
    application_bucket_steps: int
    marks_max: int
    applications_max: int


class _Columns:
    """The columns of a page, each numbered as it is added."""

    def __init__(self) -> None:
        self.packed: list[Column] = []

    def add(self, values: Sequence[float] | NDArray[np.float64], levels_min: int) -> int:
        self.packed.append(column(values, levels_min))
        return len(self.packed) - 1

    def add_times(self, times_ms: Sequence[int], bucket_steps: int) -> int:
        return self.add(times_ms if bucket_steps == 1 else extreme_times(times_ms, bucket_steps), 1)

    def add_values(self, values: Sequence[float], bucket_steps: int, levels_min: int) -> int:
        return self.add(values if bucket_steps == 1 else extremes(values, bucket_steps), levels_min)


def payload(record: RunRecord, applications: Sequence[str], lane: Lane, detail: Detail) -> str:
    """Return the block as Base64 of zlib of (header length, JSON header, packed columns).

    The record must have at least one step; every series has one value a step.
    """
    columns = _Columns()
    header = {
        "clock": [
            (s.from_ms, s.offset_ms, s.abbreviation)
            for s in offset_stretches(record.times_ms[0], record.times_ms[-1], record.timezone)
        ],
        "start": record.times_ms[0],
        "end": record.times_ms[-1],
        "stepMs": record.step_seconds * 1000,
        "times": columns.add_times(record.times_ms, detail.cluster_bucket_steps),
        "panels": _cluster(record, columns, detail),
        "layout": [
            _panel(p, [{"key": of.key} | _line(of) for of in p.lines])
            for p in application_layout(record)
        ],
        "applications": _applications(record, applications, columns, detail),
        "rows": lane.rows,
        "marks": [_mark(mark, record.times_ms[0]) for mark in lane.marks],
    }
    shapes = [(c.mantissa, c.exponent, len(c.levels)) for c in columns.packed]
    text = msgspec.json.encode(header | {"columns": shapes})
    body = b"".join(packed_bytes(c) for c in columns.packed)
    return base64.b64encode(zlib.compress(struct.pack("<I", len(text)) + text + body, 9)).decode()


def _cluster(record: RunRecord, columns: _Columns, detail: Detail) -> list[dict[str, Any]]:
    series = known_series(record)

    def line(of: Line) -> dict[str, Any]:
        values = series[of.key].values
        bucket_steps, levels_min = detail.cluster_bucket_steps, detail.cluster_levels_min
        return _line(of) | {"column": columns.add_values(values, bucket_steps, levels_min)}

    return [_panel(p, [line(of) for of in p.lines]) for p in cluster_panels(record)]


def _applications(
    record: RunRecord, names: Sequence[str], columns: _Columns, detail: Detail
) -> list[dict[str, Any]]:
    bucket_steps, levels_min = detail.application_bucket_steps, detail.application_levels_min
    times = columns.add_times(record.times_ms, bucket_steps) if names else 0
    found = []
    for name in names:
        measures = {m: application_series(record, name, m) for m in APPLICATION_MEASURES}
        placed = {
            m: columns.add_values(s.values, bucket_steps, levels_min)
            for m, s in measures.items()
            if s
        }
        found.append({"times": times, "columns": placed})
    return found


def _panel(panel: Panel, lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": panel.id,
        "title": panel.title,
        "unit": panel.unit,
        "unitLabel": UNIT_LABELS[panel.unit],
        "stacked": panel.stacked,
        "lines": lines,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "label": plain(line.label, 100),
        "ink": line.ink,
        "dash": DASHES[line.dash],
        "area": line.area,
        "stepped": line.stepped,
        "hidden": line.hidden,
    }


def _mark(mark: Mark, start_ms: int) -> tuple[Any, ...]:
    return (mark.at_ms - start_ms, mark.row, mark.tone, mark.heading, mark.lines)
