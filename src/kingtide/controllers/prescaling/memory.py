"""What prescaling remembers between two passes; losing it is safe: the marker tells everything."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class PrescalingMemory(msgspec.Struct, frozen=True):
    """The HPAs with events, by key, kept current up to `cursor`; and what was said of each.

    `calendar` is the policy's the HPAs were looked at with.
    """

    cursor: int = 0
    concerned: Mapping[str, None] = {}
    calendar: tuple[str, ...] = ()
    said: Mapping[str, str] = {}
