"""Sharing what is scarce: everyone gets what he wants, or an equal share by weight of what is left.

This is weighted max-min fairness. The Linux scheduler divides a crowded CPU so among cgroups
(weight = cpu.shares, https://docs.kernel.org/scheduler/sched-design-CFS.html), and a load balancer
divides requests so among endpoints of which some are full (weight 1). Integers only: what a
division leaves over goes one by one to the first takers.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]


def fill(amounts: Integers, bin_of: Rows, wants: Integers, weights: Integers) -> Integers:
    """Return what each taker gets from its bin: int64[T], for bins where less is there than wanted.

    `amounts` is int64[B]; `bin_of`, `wants` (not negative) and `weights` (positive) have one entry
    a taker. In a bin that has more than wanted everyone gets what he wants. An amount times the sum
    of its takers' weights must stay below 2**63.
    """
    left = amounts.copy()
    # No one can get more than there is; without the cap "no limit" would overflow below.
    wants = np.minimum(wants, amounts[bin_of])
    given = np.zeros_like(wants)
    waiting = np.arange(len(wants))
    while len(waiting):
        bins, weight = bin_of[waiting], weights[waiting]
        weight_sums = _sums(bins, weight, len(amounts))
        satisfied = wants[waiting] * weight_sums[bins] <= left[bins] * weight
        if not satisfied.any():
            given[waiting] = _shares(left, bins, weight, weight_sums)
            break
        taken = waiting[satisfied]
        given[taken] = wants[taken]
        left -= _sums(bin_of[taken], wants[taken], len(amounts))
        waiting = waiting[~satisfied]
    return given


def _shares(left: Integers, bins: Rows, weight: Integers, weight_sums: Integers) -> Integers:
    shares = left[bins] * weight // weight_sums[bins]
    over = left - _sums(bins, shares, len(left))
    order = np.argsort(bins, kind="stable")
    counts = np.bincount(bins, minlength=len(left))
    ranks = np.empty(len(bins), np.int64)
    ranks[order] = np.arange(len(bins)) - np.repeat(np.cumsum(counts) - counts, counts)
    result: Integers = shares + (ranks < over[bins])
    return result


def _sums(bins: Rows, values: Integers, count: int) -> Integers:
    """Sums by bin; bincount adds IEEE doubles, exact for integers below 2**53."""
    return np.bincount(bins, weights=values, minlength=count).astype(np.int64)
