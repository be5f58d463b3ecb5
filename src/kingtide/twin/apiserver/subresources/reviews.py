"""Reviews: who may do what, and who somebody is. They are posted, answered, and stored nowhere.

Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/ and
https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/ (v1.36).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.twin.apiserver.access.asked import Asked
from kingtide.twin.apiserver.access.roles import Roles, told_rules
from kingtide.twin.apiserver.access.users import User
from kingtide.twin.apiserver.authentication import TokenAuthentication
from kingtide.twin.apiserver.refusals import bad_request

REVIEWS = {
    ("authorization.k8s.io", "selfsubjectaccessreviews"): "SelfSubjectAccessReview",
    ("authorization.k8s.io", "selfsubjectrulesreviews"): "SelfSubjectRulesReview",
    ("authorization.k8s.io", "subjectaccessreviews"): "SubjectAccessReview",
    ("authentication.k8s.io", "selfsubjectreviews"): "SelfSubjectReview",
    ("authentication.k8s.io", "tokenreviews"): "TokenReview",
}


class Reviews:
    """Answers reviews."""

    def __init__(self, roles: Roles, authentication: TokenAuthentication) -> None:
        self._roles = roles
        self._authentication = authentication

    def answer(self, group: str, plural: str, sent: Any, user: User) -> dict[str, Any]:
        """Return a review of somebody with its answer.

        Raises:
            ApiRefusal: 400, what is sent is none.
        """
        kind = REVIEWS[(group, plural)]
        if not isinstance(sent, dict) or sent.get("kind", kind) != kind:
            raise bad_request(f"the object provided is no {kind}")
        spec = sent.get("spec") or {}
        if not isinstance(spec, dict):
            raise bad_request("spec is no object")
        head = {"kind": kind, "apiVersion": f"{group}/v1", "metadata": {"creationTimestamp": None}}
        return head | {"spec": spec, "status": self._status(kind, spec, user)}

    def _status(self, kind: str, spec: Mapping[str, Any], user: User) -> dict[str, Any]:
        match kind:
            case "SelfSubjectAccessReview":
                return self._access(user, spec)
            case "SubjectAccessReview":
                groups = tuple(str(it) for it in spec.get("groups") or ())
                return self._access(User(str(spec.get("user", "")), groups), spec)
            case "SelfSubjectRulesReview":
                return told_rules(self._roles.grants(user), str(spec.get("namespace", "")))
            case "TokenReview":
                found = self._authentication.owner(str(spec.get("token", "")))
                if found is None:
                    return {"authenticated": False, "error": "the token does not hold"}
                return {"authenticated": True, "user": found.body()}
            case _:
                return {"userInfo": user.body()}

    def _access(self, user: User, spec: Mapping[str, Any]) -> dict[str, Any]:
        why = self._roles.why_allowed(user, _asked(spec))
        if why is None:
            return {"allowed": False, "reason": "no RBAC policy matched"}
        return {"allowed": True, "reason": why}


def _asked(spec: Mapping[str, Any]) -> Asked:
    about, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(about, dict):
        found = {name: str(about.get(name, "")) for name in _ATTRIBUTES}
        return Asked(**found)
    if isinstance(path, dict):
        return Asked(str(path.get("verb", "")), path=str(path.get("path", "")))
    raise bad_request(
        "spec: exactly one of nonResourceAttributes or resourceAttributes is required"
    )


_ATTRIBUTES = ("verb", "group", "resource", "subresource", "namespace", "name")
