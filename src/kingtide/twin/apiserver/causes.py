"""What is wrong with an object, field by field: the causes of a 422, and strict decoding's 400.

Source of reasons and wording: apimachinery/pkg/util/validation/field/errors.go (v0.36).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from kingtide.twin.apiserver.refusals import ApiRefusal, bad_request
from kingtide.twin.apiserver.resources import Resource

Reason = Literal[
    "FieldValueRequired",
    "FieldValueInvalid",
    "FieldValueForbidden",
    "FieldValueNotSupported",
    "FieldValueTypeInvalid",
    "FieldValueTooLong",
    "FieldValueTooMany",
]


class Cause(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where."""

    field: str
    message: str
    reason: Reason = "FieldValueInvalid"

    def body(self) -> dict[str, Any]:
        """Return the cause as a Status has it."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


def required(field: str, why: str = "") -> Cause:
    """A field that must be there is not."""
    text = f"Required value: {why}" if why else "Required value"
    return Cause(field, text, "FieldValueRequired")


def invalid_value(field: str, value: Any, why: str) -> Cause:
    """A field has a value that it may not have."""
    said = msgspec.json.encode(value).decode()
    said = said if len(said) <= 200 else said[:200] + "..."
    return Cause(field, f"Invalid value: {said}: {why}")


def invalid(resource: Resource, name: str, causes: Sequence[Cause]) -> ApiRefusal:
    """The object is understood and may not be so."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    told = [f"{it.field}: {it.message}" for it in causes]
    text = told[0] if len(told) == 1 else f"[{', '.join(told)}]"
    details: dict[str, Any] = {"name": name} if name else {}
    details |= {"group": resource.group} if resource.group else {}
    details |= {"kind": resource.kind, "causes": [it.body() for it in causes]}
    return ApiRefusal(422, "Invalid", f'{kind} "{name}" is invalid: {text}', details)


def undecodable(resource: Resource, why: str) -> ApiRefusal:
    """The object cannot be read as one of its kind."""
    it = resource
    return bad_request(
        f'{it.kind} in version "{it.version}" cannot be handled as a {it.kind}: {why}'
    )
