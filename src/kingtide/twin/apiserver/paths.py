"""What a path of the API means."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

from kingtide.twin.apiserver.refusals import no_such_resource
from kingtide.twin.apiserver.resources import Resource, Resources

_OF_NAMESPACES = ("status", "finalize")


class Target(msgspec.Struct, frozen=True):
    """What a request is about: a resource, and of it an object and a subresource, or all of them.

    An empty `name` is the collection, an empty `namespace` all of them.
    """

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


def read_target(path: str, resources: Resources) -> Target:
    """Return what a path below /api/ or /apis/ means; it comes as it was sent, with its escapes.

    Raises:
        ApiRefusal: 404, there is nothing.
    """
    parts = path.strip("/").split("/")
    if "%" in path:
        parts = [unquote(it) for it in parts]
    root, *rest = parts
    if root == "api" and len(rest) >= 2:
        group, version, *rest = "", *rest
    elif root == "apis" and len(rest) >= 3:
        group, version, *rest = rest
    else:
        raise no_such_resource()
    namespace = ""
    is_within = len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in _OF_NAMESPACES
    if is_within:
        _, namespace, *rest = rest
    plural, name, subresource, *more = (*rest, "", "")[: max(3, len(rest))]
    resource = resources.find(group, version, plural)
    if resource is None or more or (namespace and not resource.namespaced):
        raise no_such_resource()
    if resource.namespaced and name and not namespace:
        raise no_such_resource()
    return Target(resource, namespace, name, subresource)
