"""The settings of HorizontalPodAutoscalers' controller that a rehearsal may change.

Each names its flag.

Source: https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
(v1.36).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from kingtide.fleet.policies.node_autoscaling import PositiveSeconds, Seconds


class HpaPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for every HorizontalPodAutoscaler that says nothing else. Times in seconds."""

    target_percent: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 70
    """CPU used, in percent of what is requested, at which pods are added.

    The middle of the 60, 70 and 80 % that fleets with sudden peaks use. Kubernetes' own default is
    80.
    """

    sync_period_seconds: PositiveSeconds = 15
    """Time between two looks at one autoscaler. Flag: --horizontal-pod-autoscaler-sync-period."""

    downscale_stabilization_seconds: Seconds = 300
    """The highest recommendation of this long holds.

    Flag: --horizontal-pod-autoscaler-downscale-stabilization. Fleets whose front applications fail
    now and then set 1800, so that pods are still there when the traffic returns.
    """

    tolerance: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)] = 0.1
    """Deviations from the target below this share change nothing; an IEEE double as in Kubernetes.
    Flag: --horizontal-pod-autoscaler-tolerance."""

    cpu_initialization_period_seconds: Seconds = 300
    """After a pod's start its CPU counts only from samples taken while it was ready.
    Flag: --horizontal-pod-autoscaler-cpu-initialization-period."""

    initial_readiness_delay_seconds: Seconds = 30
    """Readiness changes this soon after a start count as the first ones.
    Flag: --horizontal-pod-autoscaler-initial-readiness-delay."""
