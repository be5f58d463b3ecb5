"""A preview as JSON: times in ISO 8601 with their offset, hours and USD as numbers."""

from __future__ import annotations

from typing import Any

import msgspec
from whenever import Instant

from kingtide.rehearsal.timetable.previewed import Preview, Row

_HOUR_MS = 3_600_000
_MICRO = 1_000_000


def encode_previews(previews: tuple[Preview, ...]) -> bytes:
    """Return previews as an indented JSON list."""
    return msgspec.json.format(msgspec.json.encode([_preview(it) for it in previews]), indent=2)


def _preview(preview: Preview) -> dict[str, Any]:
    return {
        "name": preview.name,
        "timezone": preview.timezone,
        "from": _time(preview.from_ms, preview.timezone),
        "until": _time(preview.until_ms, preview.timezone),
        "workloads": [_row(row, preview.timezone) for row in preview.rows],
        "saved_usd": preview.saved_micro_usd / _MICRO,
        "assumptions": list(preview.assumptions),
    }


def _row(row: Row, timezone: str) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "namespace": row.namespace,
        "name": row.name,
        "note": row.note,
        "stretches": [
            {
                "state": it.state,
                "from": _time(it.from_ms, timezone),
                "until": _time(it.until_ms, timezone),
                "why": it.why,
            }
            for it in row.stretches
        ],
        "pods_up": row.pods_up,
        "pods_down": row.pods_down,
        "hours_down": row.down_ms / _HOUR_MS,
        "saved_pod_hours": row.saved_pod_ms / _HOUR_MS,
        "saved_usd": None if row.saved_micro_usd is None else row.saved_micro_usd / _MICRO,
    }


def _time(at_ms: int, timezone: str) -> str:
    local = Instant.from_timestamp(at_ms, unit="millisecond").to_tz(timezone)
    return local.to_fixed_offset().format_iso()
