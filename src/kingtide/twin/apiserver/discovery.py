"""What the server has: versions, groups and resources, the old way and aggregated.

Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kingtide.twin.apiserver.refusals import no_such_resource
from kingtide.twin.apiserver.resources import Resource, Resources

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_METRICS = "metrics.k8s.io/v1beta1"
_READ_ONLY = (
    Resource("NodeMetrics", _METRICS, "nodes", False),
    Resource("PodMetrics", _METRICS, "pods"),
)
_REVIEWS = (
    Resource("SelfSubjectAccessReview", "authorization.k8s.io/v1", "selfsubjectaccessreviews"),
    Resource("SelfSubjectRulesReview", "authorization.k8s.io/v1", "selfsubjectrulesreviews"),
    Resource("SubjectAccessReview", "authorization.k8s.io/v1", "subjectaccessreviews"),
    Resource("SelfSubjectReview", "authentication.k8s.io/v1", "selfsubjectreviews"),
    Resource("TokenReview", "authentication.k8s.io/v1", "tokenreviews"),
)
_OF_SUBRESOURCE = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
}
_VERBS_OF_SUBRESOURCE = {
    "eviction": ["create"],
    "binding": ["create"],
    "finalize": ["update"],
    "token": ["create"],
}


class Discovery:
    """Tells what there is, with what was added while the server runs."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def versions(self) -> dict[str, Any]:
        """Return the versions of the core (`/api`)."""
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}

    def groups(self) -> dict[str, Any]:
        """Return all named groups (`/apis`)."""
        found = [self._group(name) for name in self._group_names() if name]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}

    def group(self, name: str) -> dict[str, Any]:
        """Return one named group.

        Raises:
            ApiRefusal: 404, there is none.
        """
        if not name or name not in self._group_names():
            raise no_such_resource()
        return {"kind": "APIGroup", "apiVersion": "v1"} | self._group(name)

    def of_version(self, group: str, version: str) -> dict[str, Any]:
        """Return the resources of a group's version, subresources among them.

        Raises:
            ApiRefusal: 404, there are none.
        """
        found = [it for it in self._all() if (it.group, it.version) == (group, version)]
        if not found:
            raise no_such_resource()
        entries = [entry for it in found for entry in _entries(it)]
        name = f"{group}/{version}" if group else version
        head = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name}
        return head | {"resources": entries}

    def aggregated(self, *, core: bool) -> dict[str, Any]:
        """Return everything of the core, or of the named groups, in one document."""
        names = [it for it in self._group_names() if (it == "") is core]
        items = [
            {
                "metadata": {"name": name, "creationTimestamp": None},
                "versions": [
                    {
                        "version": version,
                        "resources": [
                            _aggregated(it)
                            for it in self._all()
                            if (it.group, it.version) == (name, version)
                        ],
                        "freshness": "Current",
                    }
                    for version in self._versions_of(name)
                ],
            }
            for name in names
        ]
        head = {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2"}
        return head | {"metadata": {}, "items": items}

    def _all(self) -> Iterable[Resource]:
        return (*self._resources, *_READ_ONLY, *_REVIEWS)

    def _group_names(self) -> list[str]:
        return [*dict.fromkeys(it.group for it in self._all())]

    def _versions_of(self, group: str) -> list[str]:
        return [*dict.fromkeys(it.version for it in self._all() if it.group == group)]

    def _group(self, name: str) -> dict[str, Any]:
        versions = [
            {"groupVersion": f"{name}/{it}", "version": it} for it in self._versions_of(name)
        ]
        return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _verbs(it: Resource) -> list[str]:
    if it in _READ_ONLY:
        return ["get", "list"]
    return ["create"] if it in _REVIEWS else _VERBS


def _namespaced(it: Resource) -> bool:
    return it.namespaced and it not in _REVIEWS


def _entries(it: Resource) -> list[dict[str, Any]]:
    """Return a resource and its subresources as an APIResourceList has them."""
    entry: dict[str, Any] = {
        "name": it.plural,
        "singularName": it.singular,
        "namespaced": _namespaced(it),
        "kind": it.kind,
        "verbs": _verbs(it),
    }
    if it.short_names:
        entry["shortNames"] = list(it.short_names)
    if it.categories:
        entry["categories"] = list(it.categories)
    entries = [entry]
    for name in it.subresources:
        group, version, kind = _OF_SUBRESOURCE.get(name, ("", "", ""))
        sub: dict[str, Any] = {
            "name": f"{it.plural}/{name}",
            "singularName": "",
            "namespaced": it.namespaced,
            "kind": kind or it.kind,
            "verbs": _VERBS_OF_SUBRESOURCE.get(name, ["get", "patch", "update"]),
        }
        entries.append(sub | ({"group": group, "version": version} if kind else {}))
    return entries


def _aggregated(it: Resource) -> dict[str, Any]:
    """Return a resource with its subresources as aggregated discovery has it."""
    found: dict[str, Any] = {
        "resource": it.plural,
        "responseKind": {"group": it.group, "version": it.version, "kind": it.kind},
        "scope": "Namespaced" if _namespaced(it) else "Cluster",
        "singularResource": it.singular,
        "verbs": _verbs(it),
    }
    if it.short_names:
        found["shortNames"] = list(it.short_names)
    if it.categories:
        found["categories"] = list(it.categories)
    subresources = []
    for name in it.subresources:
        group, version, kind = _OF_SUBRESOURCE.get(name, (it.group, it.version, it.kind))
        subresources.append(
            {
                "subresource": name,
                "responseKind": {"group": group, "version": version, "kind": kind},
                "verbs": _VERBS_OF_SUBRESOURCE.get(name, ["get", "patch", "update"]),
            }
        )
    if subresources:
        found["subresources"] = subresources
    return found
