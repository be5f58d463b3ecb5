"""What the API answers when it says no: a Status, worded as Kubernetes words it.

    ApiRefusal   code, reason, message, details: everything a client is told

Source of reasons and wording: apimachinery/pkg/api/errors/errors.go (v0.36),
https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/api/errors/errors.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kingtide.twin.apiserver.resources import Resource


class ApiRefusal(Exception):
    """A request is refused; `details` are the Status' own, None for none."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the Status."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
        }
        if self.details is not None:
            body["details"] = dict(self.details)
        return body | {"code": self.code}


def _details(resource: Resource, name: str) -> dict[str, Any]:
    details: dict[str, Any] = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    return details | {"kind": resource.plural}


def not_found(resource: Resource, name: str) -> ApiRefusal:
    """There is no such object."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiRefusal(404, "NotFound", message, _details(resource, name))


def no_such_resource() -> ApiRefusal:
    """There is no such path."""
    message = "the server could not find the requested resource"
    return ApiRefusal(404, "NotFound", message, {})


def unauthorized() -> ApiRefusal:
    """Nobody said who they are, or with another token."""
    return ApiRefusal(401, "Unauthorized", "Unauthorized")


def bad_request(message: str) -> ApiRefusal:
    """The request says something that cannot be understood."""
    return ApiRefusal(400, "BadRequest", message)


def method_not_allowed(resource: Resource | None = None) -> ApiRefusal:
    """The resource knows no such verb."""
    message = "the server does not allow this method on the requested resource"
    details = None if resource is None else _details(resource, "")
    return ApiRefusal(405, "MethodNotAllowed", message, details)


def expired(message: str) -> ApiRefusal:
    """What the request refers to is forgotten: list anew."""
    return ApiRefusal(410, "Expired", message)


def version_too_old(asked: int, oldest: int) -> ApiRefusal:
    """A watch cannot go on from a revision whose successors are forgotten."""
    return expired(f"too old resource version: {asked} ({oldest})")


def version_too_large(asked: int, current: int) -> ApiRefusal:
    """The revision asked for has not happened yet; to be tried again in a second."""
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return ApiRefusal(504, "Timeout", message, details, {"Retry-After": "1"})


def conflict(resource: Resource, name: str, message: str) -> ApiRefusal:
    """The object is not as the request expects."""
    text = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {message}'
    return ApiRefusal(409, "Conflict", text, _details(resource, name))


def already_exists(resource: Resource, name: str) -> ApiRefusal:
    """The object that is to be created is there."""
    text = f'{resource.qualified} "{name}" already exists'
    return ApiRefusal(409, "AlreadyExists", text, _details(resource, name))


def unavailable(message: str) -> ApiRefusal:
    """The server, or one behind it, cannot answer now."""
    return ApiRefusal(503, "ServiceUnavailable", message)


def internal_error(message: str) -> ApiRefusal:
    """The server failed: a defect of its own."""
    return ApiRefusal(500, "InternalError", f"Internal error occurred: {message}")
