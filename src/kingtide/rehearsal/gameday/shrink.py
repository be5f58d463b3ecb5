"""The fewest faults that still fail: delta debugging over the faults that a seed drew.

Source of the algorithm: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input
(https://www.st.cs.uni-saarland.de/papers/tse2002/tse2002.pdf), ddmin.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

MOST_RUNS = 40
"""A seed draws a dozen faults at most, for which ddmin takes about thirty runs; more than that
would make one failure cost more than the game day."""


class Smallest(msgspec.Struct, Generic[T], frozen=True):
    """What is left, after so many runs; `is_smallest` unless the runs ran out."""

    items: tuple[T, ...]
    runs: int
    is_smallest: bool


def shrink(
    items: Sequence[T], fails: Callable[[tuple[T, ...]], bool], most_runs: int = MOST_RUNS
) -> Smallest[T]:
    """Return a part of the items that still fails, of which every item is needed.

    `items` is known to fail. Nothing at all is tried first: then it is no fault that breaks it.
    """
    current, runs, parts = tuple(items), 1, 2
    if not current or fails(()):
        return Smallest((), min(runs, len(current)), is_smallest=True)
    while len(current) >= 2:
        smaller = None
        for candidate in _candidates(current, parts):
            if runs >= most_runs:
                return Smallest(current, runs, is_smallest=False)
            runs += 1
            if fails(candidate):
                smaller = candidate
                break
        if smaller is not None:
            parts = 2 if len(smaller) * 2 <= len(current) else max(2, parts - 1)
            current = smaller
        elif parts >= len(current):
            break
        else:
            parts = min(len(current), 2 * parts)
    return Smallest(current, runs, is_smallest=True)


def _candidates(items: tuple[T, ...], parts: int) -> list[tuple[T, ...]]:
    """Return each part alone, then all without each part; of two parts these are the same."""
    count, bounds = len(items), range(parts + 1)
    cuts = [count * number // parts for number in bounds]
    chunks = [items[cuts[i] : cuts[i + 1]] for i in range(parts)]
    rests = [items[: cuts[i]] + items[cuts[i + 1] :] for i in range(parts)]
    return chunks if parts == 2 else chunks + rests
