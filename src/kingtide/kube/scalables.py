"""Objects that can be made smaller for a time: one form for all kinds of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from kingtide.kube.pods import OwnerReference

ScalableKind = Literal[
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "ScaledObject",
    "Rollout",
    "Stack",
    "AutoscalingRunnerSet",
]
"""Kubernetes' kinds, and those of KEDA (ScaledObject), Argo (Rollout), Zalando (Stack) and GitHub
(AutoscalingRunnerSet)."""


class Scalable(msgspec.Struct, frozen=True, gc=False):
    """An object with the fields by which it is made smaller; None where a field is not written.

    `size` is `replicas`, an HPA's `minReplicas` or a runner set's `minRunners`; `max_size` the
    upper bound that an HPA has beside it. `suspended` is a CronJob's or Job's `suspend`.
    `min_available` and `max_unavailable` are a budget's, as written (`25%` or a number).
    `target_kind` and `target_name` say whom an HPA scales. `created_ms` None is a creation time
    that cannot be read.
    """

    kind: ScalableKind
    namespace: str
    name: str
    uid: str = ""
    created_ms: int | None = None
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    owners: tuple[OwnerReference, ...] = ()
    size: int | None = None
    max_size: int | None = None
    suspended: bool | None = None
    node_selector: tuple[tuple[str, str], ...] = ()
    min_available: str | None = None
    max_unavailable: str | None = None
    target_kind: str = ""
    target_name: str = ""

    @property
    def key(self) -> str:
        """`Kind/namespace/name`."""
        return f"{self.kind}/{self.namespace}/{self.name}"
