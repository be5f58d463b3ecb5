"""What a request asks for, as rules of roles name it.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch"}
_OF_NAMESPACES = ("status", "finalize")


class Asked(msgspec.Struct, frozen=True):
    """The attributes of a request; one about no resource has a `path` instead.

    `resource` is the plural; an empty `namespace` is all of them, or none.
    """

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def whole_resource(self) -> str:
        """The resource with its subresource, as rules have it: `pods/eviction`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def asked(method: str, path: str, query: Mapping[str, str]) -> Asked:
    """Return what a request asks for."""
    parts = [unquote(it) for it in path.strip("/").split("/")]
    if parts[0] == "api" and len(parts) > 2:
        group, rest = "", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:
        group, rest = parts[1], parts[3:]
    else:
        verb = "get" if method in ("GET", "HEAD") else method.lower()
        return Asked(verb, path=path)
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 1:
        namespace = rest[1]  # of the namespace itself too
        if len(rest) > 2 and rest[2] not in _OF_NAMESPACES:
            rest = rest[2:]
    resource, name, subresource = (*rest, "", "")[:3]
    verb = _verb(method, name, query)
    selected = query.get("fieldSelector", "")
    if not name and selected.startswith("metadata.name=") and "," not in selected:
        name = selected.partition("=")[2]
    return Asked(verb, group, resource, subresource, namespace, name)


def _verb(method: str, name: str, query: Mapping[str, str]) -> str:
    if method in ("GET", "HEAD"):
        if query.get("watch", "") in ("1", "true"):
            return "watch"
        return "get" if name else "list"
    if method == "DELETE":
        return "delete" if name else "deletecollection"
    return _VERBS.get(method, method.lower())
