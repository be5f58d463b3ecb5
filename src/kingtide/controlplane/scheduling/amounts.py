"""Amounts of what every node offers, in the order of the node table's lines."""

from __future__ import annotations

Amounts = tuple[int, int, int, int]
"""Bytes of ephemeral storage, number of pods, millicores, bytes of memory."""
NO_AMOUNTS: Amounts = (0, 0, 0, 0)


def added(a: Amounts, b: Amounts) -> Amounts:
    """Return the sum of two."""
    return a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]
