"""Which kinds of objects a process follows."""

from __future__ import annotations

from collections.abc import Mapping

from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.kube.wire.scalables import scalable_kinds

FOLLOWED = (
    "Node",
    "Pod",
    "Namespace",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
)
"""What the index of a cluster takes, of all namespaces. ConfigMaps are not among them: a fleet has
thousands, of up to a megabyte, and controllers read a handful by name. Each of those is followed
alone, by a field selector on `metadata.name`, which a role can allow by `resourceNames` too."""

OPTIONAL = tuple(scalable_kinds())
"""Custom resources that can be scaled: followed where the cluster has them."""


def followed_kinds() -> Mapping[str, ApiKind]:
    """Return the kinds to follow by name, each with a reader of its own."""
    kinds = api_kinds()
    return {name: kinds[name] for name in FOLLOWED} | dict(scalable_kinds())
