"""Demand that could not be served, counted."""

from __future__ import annotations

import numpy as np

from kingtide.twin.load.unserved import UnservedDemand


def amounts(*millicores: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(millicores, np.int64)


def test_what_is_unserved_counts_until_it_is_told_otherwise() -> None:
    unserved = UnservedDemand(2, 1_000)
    unserved.record(2_000, amounts(500, 0))
    unserved.record(5_000, amounts(0, 1_000))
    assert unserved.core_milliseconds(0, 9_000) == 500 * 3_000 // 1_000
    assert unserved.core_milliseconds(1, 9_000) == 4_000


def test_nothing_counts_before_the_first_record() -> None:
    assert UnservedDemand(1, 1_000).core_milliseconds(0, 50_000) == 0


def test_reading_in_between_changes_nothing() -> None:
    unserved = UnservedDemand(1, 0)
    unserved.record(0, amounts(333))
    readings = [unserved.core_milliseconds(0, now_ms) for now_ms in (1, 2, 3, 1_000)]
    assert readings == [0, 0, 0, 333]


def test_the_callers_array_may_change_afterwards() -> None:
    unserved, told = UnservedDemand(1, 0), amounts(1_000)
    unserved.record(0, told)
    told[0] = 0
    assert unserved.core_milliseconds(0, 10) == 10
