"""What users may do, by the Roles and ClusterRoles that are bound to them.

Source: https://kubernetes.io/docs/reference/access-authn-authz/rbac/ (v1.36) and
plugin/pkg/auth/authorizer/rbac/rbac.go of kubernetes v1.36. Who writes roles is not held to what it
may do itself, and ClusterRoles are not aggregated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kingtide.twin.apiserver.access.asked import Asked
from kingtide.twin.apiserver.access.users import ACCOUNT, AUTHENTICATED, MASTERS, User
from kingtide.twin.apiserver.history import Change
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource

GROUP = "rbac.authorization.k8s.io"
ALL = "*"
MOST_KNOWN = 1_000
"""Users whose roles are remembered; anybody with the token can act as any number of them."""


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """A rule of a role."""

    verbs: tuple[str, ...] = ()
    api_groups: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    resource_names: tuple[str, ...] = ()
    paths: tuple[str, ...] = msgspec.field(default=(), name="nonResourceURLs")

    def allows(self, it: Asked) -> bool:
        """Return whether it allows what is asked."""
        if ALL not in self.verbs and it.verb not in self.verbs:
            return False
        if it.path:
            return any(_is_path(it.path, pattern) for pattern in self.paths)
        if ALL not in self.api_groups and it.group not in self.api_groups:
            return False
        wanted = [ALL, it.whole_resource]
        if it.subresource:
            wanted.append(f"*/{it.subresource}")
        if not any(each in self.resources for each in wanted):
            return False
        return not self.resource_names or it.name in self.resource_names


class Grant(msgspec.Struct, frozen=True):
    """Rules that a binding gives, in a namespace or (empty) everywhere; `told` is how and why."""

    namespace: str
    rules: tuple[Rule, ...]
    told: str


class _Subject(msgspec.Struct, frozen=True):
    kind: str
    name: str
    namespace: str = ""


class _Reference(msgspec.Struct, frozen=True):
    kind: str
    name: str


class _Binding(msgspec.Struct, frozen=True, rename="camel"):
    role_ref: _Reference
    subjects: tuple[_Subject, ...] | None = None


class _Role(msgspec.Struct, frozen=True):
    rules: tuple[Rule, ...] | None = None


EVERYTHING = (
    Rule(verbs=(ALL,), api_groups=(ALL,), resources=(ALL,)),
    Rule(verbs=(ALL,), paths=(ALL,)),
)
_DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*",
              "/readyz", "/version", "/version/")  # fmt: skip
_OF_ALL = (
    Rule(verbs=("get",), paths=_DISCOVERY),
    Rule(
        verbs=("create",),
        api_groups=("authorization.k8s.io", "authentication.k8s.io"),
        resources=("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"),
    ),
)
"""What every user may do: the ClusterRoles system:discovery and system:basic-user."""


class Roles:
    """Answers whether a user may do something; remembers what users may until a role changes."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._resources = {it.kind: it for it in objects.resources if it.group == GROUP}
        self._known: dict[User, tuple[Grant, ...]] = {}
        objects.listen(self._on_change)

    def why_allowed(self, user: User, it: Asked) -> str | None:
        """Return why a user may do what is asked, None where it may not."""
        for grant in self.grants(user):
            is_there = not grant.namespace or grant.namespace == it.namespace
            if is_there and any(rule.allows(it) for rule in grant.rules):
                return grant.told
        return None

    def grants(self, user: User) -> tuple[Grant, ...]:
        """Return all that a user may do."""
        if MASTERS in user.groups:
            return (Grant("", EVERYTHING, f"the group {MASTERS} may do everything"),)
        known = self._known.get(user)
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[user] = tuple(self._granted(user))
        return known

    # ------------------------------------------------------------ inside

    def _granted(self, user: User) -> Iterator[Grant]:
        if AUTHENTICATED in user.groups:
            yield Grant("", _OF_ALL, "every user may")
        for kind in ("ClusterRoleBinding", "RoleBinding"):
            for entry in self._objects.table(self._resources[kind]).ordered():
                binding = msgspec.convert(entry.body(), _Binding)
                within = entry.namespace
                about = (it for it in binding.subjects or () if _is_subject(it, user, within))
                found = next(about, None)
                if found is None:
                    continue
                role = binding.role_ref
                name = f"{entry.name}/{within}" if within else entry.name
                whom = f"{found.name}/{found.namespace}" if found.namespace else found.name
                told = (
                    f'RBAC: allowed by {kind} "{name}" of {role.kind} "{role.name}" to'
                    f' {found.kind} "{whom}"'
                )
                yield Grant(within, self._rules(role, within), told)

    def _rules(self, role: _Reference, namespace: str) -> tuple[Rule, ...]:
        resource = self._resources.get(role.kind)
        if resource is None:
            return ()
        key = (namespace if resource.namespaced else "", role.name)
        entry = self._objects.table(resource).entries.get(key)
        if entry is None:
            # The one built-in role that is bound by hand everywhere.
            is_admin = (role.kind, role.name) == ("ClusterRole", "cluster-admin")
            return EVERYTHING if is_admin else ()
        return msgspec.convert(entry.body(), _Role).rules or ()

    def _on_change(self, resource: Resource, _change: Change) -> None:
        if resource.group == GROUP:
            self._known.clear()


def _is_subject(it: _Subject, user: User, namespace: str) -> bool:
    match it.kind:
        case "User":
            return it.name == user.name
        case "Group":
            return it.name in user.groups
        case "ServiceAccount":
            return user.name == f"{ACCOUNT}{it.namespace or namespace}:{it.name}"
    return False


def _is_path(path: str, pattern: str) -> bool:
    if pattern.endswith(ALL):
        return path.startswith(pattern[:-1])
    return path == pattern


def told_rules(grants: Sequence[Grant], namespace: str) -> dict[str, Any]:
    """Return what somebody may do in a namespace, as a SelfSubjectRulesReview has it."""
    found = [
        rule for it in grants if not it.namespace or it.namespace == namespace for rule in it.rules
    ]
    resources: list[dict[str, Any]] = []
    paths: list[dict[str, Any]] = []
    for it in found:
        verbs = {"verbs": list(it.verbs)}
        if it.paths:
            paths.append(verbs | {"nonResourceURLs": list(it.paths)})
        if it.resources:
            told = verbs | {"apiGroups": list(it.api_groups), "resources": list(it.resources)}
            names = {"resourceNames": list(it.resource_names)} if it.resource_names else {}
            resources.append(told | names)
    return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}
