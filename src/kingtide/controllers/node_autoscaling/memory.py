"""What node_autoscaling remembers between two passes; losing it is safe, see docs of each field."""

from __future__ import annotations

import msgspec


class NodeAutoscalingMemory(msgspec.Struct, frozen=True):
    """A value: every pass makes a new one and shares what did not change."""

    cursor: int = 0
