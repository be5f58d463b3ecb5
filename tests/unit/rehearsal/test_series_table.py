from __future__ import annotations

import msgspec
import pytest

from kingtide.rehearsal.record import Series
from kingtide.rehearsal.series_table import decode_series, encode_series
from tests.unit.rehearsal.test_summary import RECORD


def test_what_is_written_is_read_again() -> None:
    series = {
        "nodes.spot": Series("Spot nodes", "nodes", (12.0, 13.0)),
        "cost.usd_per_hour": Series("Cost", "usd_per_hour", (0.1 + 0.2, 1e-7)),
    }
    made = msgspec.structs.replace(RECORD, series=series)
    times, columns = decode_series(encode_series(made))
    assert tuple(times) == made.times_ms
    assert list(columns) == list(made.series)
    for name, values in columns.items():
        assert values == pytest.approx(made.series[name].values, rel=1e-8)


def test_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no series\.csv"):
        decode_series(b"a,b\n1,2\n")
