"""Whether a pod may displace others at all.

Source: PodEligibleToPreemptOthers in plugins/defaultpreemption/default_preemption.go (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable

from kingtide.controlplane.scheduling.placed_pod import PlacedPod
from kingtide.controlplane.scheduling.refusal import Refusal
from kingtide.controlplane.scheduling.shape import PodShape

NOT_ELIGIBLE_NEVER = "not eligible due to preemptionPolicy=Never."
NOT_ELIGIBLE_TERMINATING = "not eligible due to a terminating pod on the nominated node."


def waits_for_victims(
    shape: PodShape, refusal: Refusal | None, on_nominated_node: Iterable[PlacedPod]
) -> bool:
    """Return whether a nominated pod still waits for victims to go, and must not choose others.

    `refusal` is why its node refuses it now. Where no eviction could help any more, it does not
    wait.
    """
    if refusal is not None and not refusal.is_resolvable:
        return False
    return any(
        other.is_terminating and other.is_victim and other.shape.priority < shape.priority
        for other in on_nominated_node
    )
