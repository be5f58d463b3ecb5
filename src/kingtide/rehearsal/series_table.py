"""A record's series as a table, for spreadsheets and for comparing runs step by step."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from kingtide.rehearsal.record import RunRecord

TIME = "time_ms"
"""The first column: Unix milliseconds."""
SIGNIFICANT_DIGITS = 9


def encode_series(record: RunRecord) -> bytes:
    """Return series.csv: a line a step, a column a series, by the names of the record's keys."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([TIME, *record.series])
    columns = [it.values for it in record.series.values()]
    for place, at_ms in enumerate(record.times_ms):
        row = [f"{values[place]:.{SIGNIFICANT_DIGITS}g}" for values in columns]
        writer.writerow([at_ms, *row])
    return text.getvalue().encode()


def decode_series(text: bytes) -> tuple[Sequence[int], Mapping[str, Sequence[float]]]:
    """Return the times and the series of a series.csv.

    Raises:
        ValueError: it is none.
    """
    rows = list(csv.reader(io.StringIO(text.decode())))
    if not rows or rows[0][:1] != [TIME]:
        raise ValueError("this is no series.csv")
    times = [int(row[0]) for row in rows[1:]]
    names = enumerate(rows[0][1:], start=1)
    return times, {name: [float(row[place]) for row in rows[1:]] for place, name in names}
