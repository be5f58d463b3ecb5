"""What downscaling remembers between two passes.

Losing it costs one look at every workload and one repeated report: what a workload was before its
downtime stands on the workload.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class DownscalingMemory(msgspec.Struct, frozen=True):
    """What was seen, up to `cursor`, and when to look at which workload again.

    `due` are times in Unix milliseconds by key, and `next_due_ms` the earliest of them (None
    without any); `said` the code of the last verdict by key; `failures` how often in a row the
    write of a workload came to nothing.
    """

    cursor: int = 0
    is_forced_up: bool = False
    due: Mapping[str, int] = {}
    next_due_ms: int | None = None
    said: Mapping[str, str] = {}
    failures: Mapping[str, int] = {}
