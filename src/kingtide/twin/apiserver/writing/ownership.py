"""Who owns which field of an object, as its managedFields say and as a write changes it."""

from __future__ import annotations

from typing import Any

from kingtide.kube.applying.apply import Applied, Conflicts, applied, updated
from kingtide.kube.applying.managed import (
    Managed,
    Manager,
    UnreadableManagedFields,
    managed_body,
    read_managed,
)
from kingtide.kube.applying.owned import DuplicateElements
from kingtide.kube.patching.schema import Schema
from kingtide.twin.apiserver.causes import Cause, invalid
from kingtide.twin.apiserver.entries import Body
from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request
from kingtide.twin.apiserver.resources import Resource


def without_managed(body: Body) -> Body:
    """Return a body without its managedFields."""
    metadata = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
    return body | {"metadata": metadata}


def managed_of(body: Body) -> tuple[Managed, ...]:
    """Return who owns an object's fields.

    Raises:
        ApiRefusal: 422, managedFields cannot be read.
    """
    try:
        return read_managed(body["metadata"].get("managedFields"))
    except UnreadableManagedFields as error:
        raise bad_request(str(error)) from error


def with_managed(body: Body, managed: tuple[Managed, ...]) -> Body:
    """Return a body that says who owns its fields."""
    metadata = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
    if managed:
        metadata["managedFields"] = managed_body(managed)
    return body | {"metadata": metadata}


def written(before: Body | None, after: Body, schema: Schema, manager: Manager, at: str) -> Body:
    """Return a body with its owners after a write that was no apply.

    What the client itself made of managedFields counts as what was there, as in Kubernetes: so
    kubectl moves the fields of client-side apply to server-side apply.
    """
    managed = managed_of(after)
    live = {} if before is None else without_managed(before)
    plain = without_managed(after)
    return with_managed(plain, updated(live, plain, managed, manager, schema, at=at))


def apply(
    resource: Resource,
    before: Body | None,
    config: Body,
    schema: Schema,
    manager: Manager,
    at: str,
    *,
    force: bool,
) -> Body:
    """Return an object after a configuration was applied to it.

    Raises:
        ApiRefusal: 409, others own fields with other values; 400, the configuration says who owns
            its fields; 422, two elements of a list are the same.
    """
    if config["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    live: Body = {"metadata": {}} if before is None else before
    managed = managed_of(live)
    try:
        result: Applied = applied(
            without_managed(live), config, managed, manager, schema, force=force, at=at
        )
    except Conflicts as conflicts:
        raise _conflict(conflicts) from conflicts
    except DuplicateElements as error:
        name = config["metadata"].get("name", "")
        raise invalid(resource, name, [Cause("spec", str(error))]) from error
    return with_managed(result.body, result.managed)


def _conflict(conflicts: Conflicts) -> ApiRefusal:
    causes: list[dict[str, Any]] = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {it.manager}",
            "field": it.field,
        }
        for it in conflicts.conflicts
    ]
    return ApiRefusal(409, "Conflict", str(conflicts), {"causes": causes})
