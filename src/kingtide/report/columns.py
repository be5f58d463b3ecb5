"""Numbers packed for a page: rounded, as differences, in integers of variable length.

A column is a start and its differences, each a zigzag LEB128 integer plus one (zero is a gap); the
page's decode.js reads it back. zlib then finds that most steps change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

EXACT_MAX = 2.0**53
"""Whole numbers, Unix milliseconds too, are kept as they are where a double holds each of them."""

FINEST = 1e-9
"""No unit of a record has a meaning below this."""


class Column(msgspec.Struct, frozen=True):
    """Integers that, times `mantissa` times ten to `exponent`, give the values back."""

    mantissa: int
    exponent: int
    levels: NDArray[np.int64]
    gaps: NDArray[np.bool_]


def column(values: Sequence[float] | NDArray[np.float64], levels_min: int) -> Column:
    """Return values as multiples of a round step, of which at least `levels_min` make the peak.

    Whole numbers stay exact. Values that are not finite become gaps.
    """
    array = np.asarray(values, dtype=np.float64)
    gaps = ~np.isfinite(array)
    array = np.where(gaps, 0.0, array)
    peak = float(np.max(np.abs(array), initial=0.0))
    whole = peak < EXACT_MAX and bool(np.all(array == np.rint(array)))
    mantissa, exponent = (1, 0) if whole else _step(peak, levels_min)
    scaled = array * 10.0**-exponent if exponent < 0 else array / 10.0**exponent
    return Column(mantissa, exponent, np.rint(scaled / mantissa).astype(np.int64), gaps)


def values_of(packed: Column) -> NDArray[np.float64]:
    """Return the values a page will show, gaps as NaN."""
    whole = packed.levels * float(packed.mantissa)
    power = 10.0 ** abs(packed.exponent)
    values = whole / power if packed.exponent < 0 else whole * power
    return np.where(packed.gaps, np.nan, values)


def packed_bytes(packed: Column) -> bytes:
    """Return the column as bytes."""
    index = np.where(packed.gaps, -1, np.arange(len(packed.levels)))
    last = np.maximum.accumulate(index) if len(index) else index
    before = np.concatenate(([-1], last[:-1])) if len(last) else last
    previous = np.where(before >= 0, packed.levels[np.maximum(before, 0)], 0)
    differences = packed.levels - previous
    zigzag = (differences << 1) ^ (differences >> 63)
    return _varints(np.where(packed.gaps, 0, zigzag + 1).astype(np.uint64))


def extremes(values: Sequence[float], bucket_steps: int) -> NDArray[np.float64]:
    """Return two values a bucket, its lowest and its highest in the order they came.

    So no peak is lost. The last bucket may be shorter; a bucket without a finite value is a gap.
    """
    array = np.asarray(values, dtype=np.float64)
    missing = -len(array) % bucket_steps
    buckets = np.concatenate((array, array[len(array) - 1 :].repeat(missing)))
    buckets = buckets.reshape(-1, bucket_steps)
    finite = np.isfinite(buckets)
    low = np.where(finite, buckets, np.inf).argmin(axis=1)
    high = np.where(finite, buckets, -np.inf).argmax(axis=1)
    rows = np.arange(len(buckets))
    first, second = np.minimum(low, high), np.maximum(low, high)
    return np.column_stack((buckets[rows, first], buckets[rows, second])).ravel()


def extreme_times(times_ms: Sequence[int], bucket_steps: int) -> list[int]:
    """Return the two instants that stand for each bucket of `extremes`.

    Its start and its middle.
    """
    thinned: list[int] = []
    for start in range(0, len(times_ms), bucket_steps):
        bucket = times_ms[start : start + bucket_steps]
        half = bucket[len(bucket) // 2] if len(bucket) > 1 else bucket[0] + 1
        thinned += [bucket[0], half]
    return thinned


def _step(peak: float, levels_min: int) -> tuple[int, int]:
    finest = max(peak / levels_min, FINEST)
    exponent = math.floor(math.log10(finest))
    mantissa = max(m for m in (1, 2, 5) if m * 10.0**exponent <= finest or m == 1)
    return mantissa, exponent


def _varints(codes: NDArray[np.uint64]) -> bytes:
    width = np.ones(len(codes), dtype=np.int64)
    for k in range(1, 10):
        width += codes >= np.uint64(1 << (7 * k))
    ends = np.cumsum(width)
    out = np.zeros(int(ends[-1]) if len(ends) else 0, dtype=np.uint8)
    starts = ends - width
    for k in range(int(width.max(initial=0))):
        has = width > k
        septets = ((codes[has] >> np.uint64(7 * k)) & np.uint64(127)).astype(np.uint8)
        out[starts[has] + k] = septets | np.where(width[has] > k + 1, 128, 0).astype(np.uint8)
    return out.tobytes()
