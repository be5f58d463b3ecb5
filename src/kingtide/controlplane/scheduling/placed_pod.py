"""A pod on a node, as the scheduler's cache keeps it."""

from __future__ import annotations

import msgspec

from kingtide.controlplane.scheduling.shape import PodShape

UNSTARTED = 1 << 62
"""The start of a pod that has not started: later than any time."""


class PlacedPod(msgspec.Struct, gc=False, eq=False):
    """A pod on a node; `row` is -1 while the node is not known.

    `started_ms` is None until the kubelet has reported a start; a terminating pod still holds its
    room; `is_victim` is set once a preemption has chosen the pod.
    """

    uid: str
    shape: PodShape
    node_name: str
    row: int
    started_ms: int | None = None
    is_terminating: bool = False
    is_victim: bool = False

    def started_by(self, now_ms: int) -> int:
        """Return when the pod started; one that has not counts as starting now."""
        return now_ms if self.started_ms is None else self.started_ms
