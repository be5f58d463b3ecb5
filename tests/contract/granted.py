"""What a cluster's authorizer makes of calls and of Roles, for tests that hold one to the other.

Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx2

VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Asked(NamedTuple):
    """The attributes of a call; empty where it has none."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}".strip("/")
        return f"{self.verb} {self.resource}.{self.group} {where}".replace(". ", " ").strip()


def asked(request: httpx2.Request) -> Asked | None:
    """Return what a call asks for, None for what everybody may know (/version)."""
    parts = [unquote(it) for it in request.url.path.strip("/").split("/")]
    if parts == ["version"]:
        return None
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1], parts[3:])
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    resource, name, sub = (*rest, "", "")[:3]
    if request.method == "GET":
        is_watch = request.url.params.get("watch") == "true"
        verb = "get" if name else "watch" if is_watch else "list"
    else:
        verb = VERBS[request.method]
    selected = request.url.params.get("fieldSelector", "")
    if not name and selected.startswith("metadata.name="):
        name = selected.partition("=")[2]
    return Asked(verb, group, f"{resource}/{sub}" if sub else resource, namespace, name)


def is_granted(call: Asked, roles: Iterable[Any]) -> bool:
    """Return whether some rule of Roles and ClusterRoles allows a call."""
    return any(
        _allows(rule, call)
        for role in roles
        if role["kind"] == "ClusterRole" or role["metadata"]["namespace"] == call.namespace
        for rule in role["rules"]
    )


def _allows(rule: Any, call: Asked) -> bool:
    names = rule.get("resourceNames")
    return (
        call.verb in rule["verbs"]
        and call.group in rule["apiGroups"]
        and call.resource in rule["resources"]
        and (names is None or call.name in names)
    )
