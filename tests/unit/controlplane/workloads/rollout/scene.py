"""Deployments and ReplicaSets by their numbers."""

from __future__ import annotations

from typing import Literal

from kingtide.kube.labels import LabelSelector
from kingtide.kube.pods import Container, PodSpec, PodTemplate
from kingtide.kube.workloads import Deployment, ReplicaSet

TEMPLATE = PodTemplate({"app": "api"}, PodSpec((Container("c"),)))


def deployment(
    replicas: int,
    surge: str = "25%",
    unavailable: str = "25%",
    *,
    strategy: Literal["RollingUpdate", "Recreate"] = "RollingUpdate",
    status_replicas: int = 0,
    paused: bool = False,
) -> Deployment:
    """A Deployment `api`."""
    return Deployment(
        "shop",
        "api",
        "deployment/api",
        replicas,
        TEMPLATE,
        LabelSelector(),
        max_surge=surge,
        max_unavailable=unavailable,
        strategy=strategy,
        paused=paused,
        status_replicas=status_replicas,
    )


def replica_set(
    name: str,
    replicas: int,
    available: int | None = None,
    *,
    desired: int | None = None,
    most: int | None = None,
    created_ms: int = 0,
) -> ReplicaSet:
    """A ReplicaSet whose pods are all available unless said otherwise."""
    return ReplicaSet(
        "shop",
        name,
        f"rs/{name}",
        replicas,
        TEMPLATE,
        LabelSelector(),
        created_ms=created_ms,
        available_replicas=replicas if available is None else available,
        desired_replicas=desired,
        max_replicas=most,
    )
