"""What a patch makes of an object: the three that are laid over it."""

from __future__ import annotations

from typing import Any

import msgspec

from kingtide.kube.patching.json_patch import Operation, OperationFailed, json_patched
from kingtide.kube.patching.json_pointer import PatchFailed
from kingtide.kube.patching.merge_patch import merge_patched
from kingtide.kube.patching.schema import Schema
from kingtide.kube.patching.strategic import strategic_patched
from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.writing.options import PatchKind

MAX_OPERATIONS = 10_000
"""Of one JSON patch (maxJSONPatchOperations of apiserver's endpoints/handlers/patch.go, v0.36)."""


def patched(
    resource: Resource, live: dict[str, Any], kind: PatchKind, patch: Any, schema: Schema
) -> dict[str, Any]:
    """Return an object after a patch; the one given stays as it is.

    Raises:
        ApiRefusal: 400, the patch is none; 415, the kind knows no such patch; 422, it cannot be
            done on this object.
    """
    if kind == "json":
        return _object(_by_operations(live, patch))
    if not isinstance(patch, dict):
        raise bad_request("the patch is no object")
    if kind == "merge":
        return _object(merge_patched(live, patch))
    if schema.is_open:
        message = (
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json-patch+json, application/merge-patch+json,"
            " application/apply-patch+yaml"
        )
        raise ApiRefusal(415, "UnsupportedMediaType", message)
    try:
        return strategic_patched(live, patch, schema)
    except PatchFailed as error:
        raise bad_request(str(error)) from error


def _by_operations(live: dict[str, Any], patch: Any) -> Any:
    try:
        operations = msgspec.convert(patch, list[Operation])
    except msgspec.ValidationError as error:
        raise bad_request(f"error decoding patch: {error}") from error
    if len(operations) > MAX_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}"
        raise ApiRefusal(413, "RequestEntityTooLarge", message)
    try:
        return json_patched(live, operations)
    except OperationFailed as error:
        message = (
            "the server rejected our request due to an error in our request: operation"
            f" {error.index}: {error}"
        )
        raise ApiRefusal(422, "Invalid", message) from error


def _object(found: Any) -> dict[str, Any]:
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise bad_request("the patch leaves no object")
    return found
