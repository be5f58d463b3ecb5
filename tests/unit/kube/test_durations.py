from __future__ import annotations

import pytest

from kingtide.kube.durations import format_duration, parse_duration_ms


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (15, "15s"), (60, "1m0s"), (1800, "30m0s"), (3600, "1h0m0s"), (90_061, "25h1m1s")],
    ids=str,
)
def test_a_duration_is_printed_as_go_does_and_reads_back(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text
    assert parse_duration_ms(text) == seconds * 1000
