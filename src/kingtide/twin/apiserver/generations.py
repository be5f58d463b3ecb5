"""`metadata.generation`: how often what is wanted of an object was changed, and its end counts too.

Source: PrepareForCreate and PrepareForUpdate of each kind's strategy below
https://github.com/kubernetes/kubernetes/tree/v1.36.0/pkg/registry, BeforeDelete in
staging/src/k8s.io/apiserver/pkg/registry/rest/delete.go, and for custom kinds
https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/.
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.resources import Resource

_COUNTED = frozenset(
    {
        "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob",
        "ReplicationController", "Ingress", "IngressClass", "NetworkPolicy",
        "CustomResourceDefinition",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
    }
)  # fmt: skip
"""Built-in kinds that have one. Of a PodDisruptionBudget the value itself knows it."""
_WITHOUT_WISHES = ("apiVersion", "kind", "metadata", "status")


def has_generation(resource: Resource) -> bool:
    """Return whether objects of a resource have a generation: some built-in ones, all others."""
    return resource.kind in _COUNTED or resource.is_custom


def next_generation(generation: int, before: dict[str, Any], after: dict[str, Any]) -> int:
    """Return the generation of an object whose body was `before`, with `generation`."""
    is_other = _wishes(before) != _wishes(after) or _is_ending(after) > _is_ending(before)
    return generation + is_other


def _wishes(body: dict[str, Any]) -> dict[str, Any]:
    return {name: it for name, it in body.items() if name not in _WITHOUT_WISHES}


def _is_ending(body: dict[str, Any]) -> bool:
    return bool(body["metadata"].get("deletionTimestamp"))
