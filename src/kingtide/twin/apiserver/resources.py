"""Which resources the server has: those that the twin models, and those that it only keeps.

Names, short names and categories are the API's own. Source:
https://kubernetes.io/docs/reference/kubernetes-api/ (v1.36) and `kubectl api-resources`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from kingtide.kube.wire.kinds import ApiKind, api_kinds
from kingtide.twin.apiserver.structural import ShownColumn, Structural

MAX_CUSTOM_RESOURCES = 500
"""More kinds than a cluster with many operators has (about 200)."""


class Resource(msgspec.Struct, frozen=True):
    """A resource: a kind with its place in the API.

    `model` reads and writes the kind's values, None for a kind that is kept as it was written.
    """

    kind: str
    api_version: str
    plural: str
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    model: ApiKind | None = None
    is_custom: bool = False
    """Whether a CustomResourceDefinition says that there is such a kind."""
    schema: Structural | None = None
    """What its definition says of a custom kind's objects."""
    columns: tuple[ShownColumn, ...] = ()
    """What its definition has of them shown in tables; empty for their age."""

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version within the group."""
        return self.api_version.rpartition("/")[2]

    @property
    def singular(self) -> str:
        """The kind in lower case, as kubectl takes it."""
        return self.kind.lower()

    @property
    def qualified(self) -> str:
        """The plural with its group (`deployments.apps`), as errors name it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


_SUBRESOURCES = {
    "Pod": ("binding", "eviction", "status"),
    "Node": ("status",),
    "Namespace": ("finalize", "status"),
    "Deployment": ("scale", "status"),
    "ReplicaSet": ("scale", "status"),
    "StatefulSet": ("scale", "status"),
    "DaemonSet": ("status",),
    "Job": ("status",),
    "CronJob": ("status",),
    "PodDisruptionBudget": ("status",),
    "HorizontalPodAutoscaler": ("status",),
}
_IN_ALL = frozenset(
    {
        "Pod",
        "Deployment",
        "ReplicaSet",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
        "HorizontalPodAutoscaler",
    }
)
_RBAC = "rbac.authorization.k8s.io/v1"
_REGISTRATION = "admissionregistration.k8s.io/v1"

_KEPT = (
    Resource("Event", "v1", "events", short_names=("ev",)),
    Resource("Service", "v1", "services", True, ("svc",), ("all",), ("status",)),
    Resource("Endpoints", "v1", "endpoints", short_names=("ep",)),
    Resource("Secret", "v1", "secrets"),
    Resource("ServiceAccount", "v1", "serviceaccounts", True, ("sa",), (), ("token",)),
    Resource("LimitRange", "v1", "limitranges", short_names=("limits",)),
    Resource("ResourceQuota", "v1", "resourcequotas", short_names=("quota",)),
    Resource(
        "ReplicationController", "v1", "replicationcontrollers", True, ("rc",), ("all",), ("scale",)
    ),
    Resource("PersistentVolumeClaim", "v1", "persistentvolumeclaims", short_names=("pvc",)),
    Resource("PersistentVolume", "v1", "persistentvolumes", False, ("pv",)),
    Resource("ControllerRevision", "apps/v1", "controllerrevisions"),
    Resource("Lease", "coordination.k8s.io/v1", "leases"),
    Resource("EndpointSlice", "discovery.k8s.io/v1", "endpointslices"),
    Resource("Ingress", "networking.k8s.io/v1", "ingresses", True, ("ing",), (), ("status",)),
    Resource("IngressClass", "networking.k8s.io/v1", "ingressclasses", False),
    Resource("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", True, ("netpol",)),
    Resource("StorageClass", "storage.k8s.io/v1", "storageclasses", False, ("sc",)),
    Resource("CSINode", "storage.k8s.io/v1", "csinodes", False),
    Resource("VolumeAttachment", "storage.k8s.io/v1", "volumeattachments", False),
    Resource("MutatingWebhookConfiguration", _REGISTRATION, "mutatingwebhookconfigurations", False),
    Resource(
        "ValidatingWebhookConfiguration", _REGISTRATION, "validatingwebhookconfigurations", False
    ),
    Resource("Role", _RBAC, "roles"),
    Resource("RoleBinding", _RBAC, "rolebindings"),
    Resource("ClusterRole", _RBAC, "clusterroles", False),
    Resource("ClusterRoleBinding", _RBAC, "clusterrolebindings", False),
    Resource(
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1",
        "customresourcedefinitions",
        False,
        ("crd", "crds"),
        ("api-extensions",),
        ("status",),
    ),
)


def _modelled(kind: ApiKind) -> Resource:
    return Resource(
        kind=kind.kind,
        api_version=kind.api_version,
        plural=kind.plural,
        namespaced=kind.namespaced,
        short_names=kind.short_names,
        categories=("all",) if kind.kind in _IN_ALL else (),
        subresources=_SUBRESOURCES.get(kind.kind, ()),
        model=kind,
    )


class TooManyResources(Exception):
    """More custom resources than MAX_CUSTOM_RESOURCES."""


class Resources:
    """All resources by group, version and plural; custom ones come and go while the server runs."""

    def __init__(self) -> None:
        self._modelled = {it.kind: _modelled(it) for it in api_kinds().values()}
        built_in = (*self._modelled.values(), *_KEPT)
        self._found: dict[tuple[str, str, str], Resource] = {}
        for it in built_in:
            self._found[(it.group, it.version, it.plural)] = it
        self._built_in = len(self._found)

    def __iter__(self) -> Iterator[Resource]:
        return iter([*self._found.values()])

    def find(self, group: str, version: str, plural: str) -> Resource | None:
        """Return a resource, None where there is none of that name."""
        return self._found.get((group, version, plural))

    def of_kind(self, kind: str, api_version: str) -> Resource | None:
        """Return the resource whose objects say this of themselves, None where there is none."""
        found = (it for it in self if it.kind == kind and it.api_version == api_version)
        return next(found, None)

    @property
    def modelled(self) -> Mapping[str, Resource]:
        """Resources that the twin models, by kind."""
        return self._modelled

    def add(self, resource: Resource) -> None:
        """Add a custom resource, or replace it.

        Raises:
            TooManyResources: there are MAX_CUSTOM_RESOURCES already.
        """
        key = (resource.group, resource.version, resource.plural)
        if key not in self._found and len(self._found) - self._built_in >= MAX_CUSTOM_RESOURCES:
            raise TooManyResources(f"{MAX_CUSTOM_RESOURCES} custom resources are the most")
        self._found[key] = resource

    def remove(self, resource: Resource) -> None:
        """Take a custom resource away."""
        self._found.pop((resource.group, resource.version, resource.plural), None)
