"""Why a pod fits nowhere, told as kube-scheduler tells it.

Source: pkg/scheduler/framework/types.go, FitError (v1.36), and messages of a real kube-scheduler
1.36.2.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"


class FitFailure(msgspec.Struct, frozen=True):
    """How many nodes refused a pod for which reason; a node may give several.

    `preemption` counts nodes by what the preemption search found, None where no search took place;
    `preemption_note` replaces it where the pod is not eligible.
    """

    node_count: int
    reasons: Mapping[str, int]
    preemption: Mapping[str, int] | None = None
    preemption_note: str = ""

    @property
    def message(self) -> str:
        """The text of the FailedScheduling event."""
        if self.node_count == 0:
            return "no nodes available to schedule pods"
        text = _sentence(self.node_count, self.reasons)
        if self.preemption is not None:
            found = _sentence(self.node_count, self.preemption)
            return f"{text} no new claims to deallocate, preemption: {found}"
        if self.preemption_note:
            return f"{text} no new claims to deallocate, preemption: {self.preemption_note}"
        return text


def _sentence(node_count: int, reasons: Mapping[str, int]) -> str:
    # Sorted as text ("10 ..." before "2 ..."), as the real program sorts the finished parts.
    parts = sorted(f"{count} {reason}" for reason, count in reasons.items())
    opening = f"0/{node_count} nodes are available"
    return f"{opening}: {', '.join(parts)}." if parts else f"{opening}."
