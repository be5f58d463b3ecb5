"""What overprovisioning remembers between two passes; losing it costs one repeated report."""

from __future__ import annotations

import msgspec


class OverprovisioningMemory(msgspec.Struct, frozen=True):
    """`polled_ms` is the last look (None before the first).

    `said` the last verdict's code and figures.
    """

    polled_ms: int | None = None
    said: tuple[str, ...] = ()
