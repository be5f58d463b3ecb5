"""The action of a sizing by the cluster's size."""

from __future__ import annotations

from kingtide.control.action import PatchScale
from kingtide.kube.workloads import Deployment


def patch_to(deployment: Deployment, replicas: int, reason: str) -> PatchScale:
    """Return the action that gives a Deployment other replicas, if it still has those seen."""
    return PatchScale(
        namespace=deployment.namespace,
        name=deployment.name,
        replicas=replicas,
        expected_replicas=deployment.replicas,
        reason=reason,
    )
