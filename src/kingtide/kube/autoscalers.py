"""HorizontalPodAutoscalers as objects: whom they scale, and between which bounds."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class HorizontalPodAutoscaler(msgspec.Struct, frozen=True, gc=False):
    """An autoscaler's object; how it decides is `controlplane.hpa`'s.

    `min_replicas` None is as unwritten, for which the API takes 1. Source:
    https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/
    (v1.36).
    """

    namespace: str
    name: str
    uid: str
    target_kind: str
    target_name: str
    max_replicas: int
    min_replicas: int | None = None
    created_ms: int = 0
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    resource_version: int = 0

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"
