"""summary.json: every figure of a run, with what it takes to get the same ones again."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kingtide.rehearsal.record import ExpectationResult, Figure, RunRecord

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


class Summary(msgspec.Struct, frozen=True):
    """A run in numbers. Nothing in it depends on when or how fast it was computed."""

    schema_version: int
    name: str
    cluster: str
    seed: int
    trace_hash: str
    versions: Mapping[str, str]
    timezone: str
    start_ms: int
    end_ms: int
    reached_ms: int
    partial: bool
    figures: Mapping[str, Figure]
    expectations: tuple[ExpectationResult, ...]
    notes: tuple[str, ...]


class SummaryError(ValueError):
    """A file that is no summary; the message says why."""


def summarize(record: RunRecord) -> Summary:
    """Return a record's summary."""
    return Summary(
        schema_version=SCHEMA_VERSION,
        name=record.name,
        cluster=record.cluster,
        seed=record.seed,
        trace_hash=record.trace_hash,
        versions=record.versions,
        timezone=record.timezone,
        start_ms=record.start_ms,
        end_ms=record.end_ms,
        reached_ms=record.reached_ms,
        partial=record.partial,
        figures=record.figures,
        expectations=record.expectations,
        notes=record.notes,
    )


def encode_summary(record: RunRecord) -> bytes:
    """Return summary.json: the same scenario, seed and versions give the same bytes."""
    return msgspec.json.format(msgspec.json.encode(summarize(record)), indent=2) + b"\n"


def decode_summary(text: bytes) -> Summary:
    """Return a summary of its bytes.

    Raises:
        SummaryError: they are none, or of a later schema.
    """
    try:
        summary = msgspec.json.decode(text, type=Summary)
    except msgspec.MsgspecError as error:
        raise SummaryError(f"it is no summary ({error})") from error
    if summary.schema_version > SCHEMA_VERSION:
        raise SummaryError(f"it has schema {summary.schema_version}, this is {SCHEMA_VERSION}")
    return summary
