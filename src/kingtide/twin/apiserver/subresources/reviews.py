"""Who may do what: whoever has the token may do everything.

Source: https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/ (v1.36).
"""

from __future__ import annotations

from typing import Any

from kingtide.twin.apiserver.refusals import bad_request

USER = "kingtide-admin"
"""Under which name the token is known."""

REVIEWS = {
    ("authorization.k8s.io", "selfsubjectaccessreviews"): "SelfSubjectAccessReview",
    ("authorization.k8s.io", "selfsubjectrulesreviews"): "SelfSubjectRulesReview",
    ("authentication.k8s.io", "selfsubjectreviews"): "SelfSubjectReview",
}
"""Kinds that are posted and answered, and stored nowhere."""


def review(group: str, plural: str, sent: Any) -> dict[str, Any]:
    """Return a review with its answer.

    Raises:
        ApiRefusal: 400, what is sent is none.
    """
    kind = REVIEWS[(group, plural)]
    if not isinstance(sent, dict) or sent.get("kind", kind) != kind:
        raise bad_request(f"the object provided is no {kind}")
    head = {"kind": kind, "apiVersion": f"{group}/v1", "metadata": {"creationTimestamp": None}}
    return head | {"spec": sent.get("spec") or {}, "status": _status(kind)}


def _status(kind: str) -> dict[str, Any]:
    match kind:
        case "SelfSubjectAccessReview":
            return {"allowed": True, "reason": "whoever has the token may do everything"}
        case "SelfSubjectRulesReview":
            everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
            paths = {"verbs": ["*"], "nonResourceURLs": ["*"]}
            rules = {"resourceRules": [everything], "nonResourceRules": [paths]}
            return rules | {"incomplete": False}
        case _:
            return {"userInfo": {"username": USER, "groups": ["system:masters"]}}
