from __future__ import annotations

import msgspec
import pytest

from kingtide.rehearsal.record import ExpectationResult, Figure, RunRecord
from kingtide.rehearsal.summary import (
    SCHEMA_VERSION,
    SummaryError,
    decode_summary,
    encode_summary,
    summarize,
)

RECORD = RunRecord(
    name="evening",
    cluster="prod",
    seed=7,
    timezone="Europe/Paris",
    start_ms=1000,
    end_ms=3000,
    reached_ms=2000,
    partial=True,
    step_seconds=1,
    trace_hash="abc",
    versions={"kingtide": "1.0"},
    times_ms=(1000, 2000),
    series={},
    figures={
        "cost.total_usd": Figure(1.5, "usd", "instances, all"),
        "ready.api.p50_seconds": Figure(None, "seconds", "api"),
    },
    events=(),
    decisions=(),
    expectations=(ExpectationResult("cost.total_usd <= 1", "cost.total_usd", 1.5, passed=False),),
    notes=("a note",),
    engine={"wall_seconds": 12.5},
)


def test_a_summary_is_read_as_it_was_written() -> None:
    assert decode_summary(encode_summary(RECORD)) == summarize(RECORD)


def test_how_fast_a_run_was_does_not_change_its_summary() -> None:
    slower = msgspec.structs.replace(RECORD, engine={"wall_seconds": 99.0})
    assert encode_summary(slower) == encode_summary(RECORD)
    assert b"wall" not in encode_summary(RECORD)


def test_a_figure_that_never_arose_is_null() -> None:
    text = encode_summary(RECORD)
    assert msgspec.json.decode(text)["figures"]["ready.api.p50_seconds"]["value"] is None


def test_a_summary_of_a_later_schema_is_refused() -> None:
    later = msgspec.structs.replace(summarize(RECORD), schema_version=SCHEMA_VERSION + 1)
    with pytest.raises(SummaryError, match=f"it has schema {SCHEMA_VERSION + 1}"):
        decode_summary(msgspec.json.encode(later))


@pytest.mark.parametrize("text", [b"", b"[]", b'{"name": "x"}'])
def test_what_is_no_summary_is_refused(text: bytes) -> None:
    with pytest.raises(SummaryError, match="it is no summary"):
        decode_summary(text)
