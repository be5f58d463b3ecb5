"""Which fields an object's kind has, and of which type: what is refused, what is dropped.

A kind's types are read once; a request then costs a look-up a field. What a write leaves as it was
is not looked at again.
"""

from __future__ import annotations

import datetime
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from kingtide.twin.apiserver.causes import undecodable
from kingtide.twin.apiserver.custom.pruning import pruned
from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.schemas import (
    field_types,
    is_model,
    is_open,
    model_of,
    required_fields,
)
from kingtide.twin.apiserver.writing.options import Validation

MAX_TOLD = 20
"""Unknown fields that are named; who has more has made one mistake many times."""
_JSON_KIND = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}
_SCALARS: Mapping[Any, tuple[frozenset[type], str]] = {
    bool: (frozenset({bool}), "bool"),
    int: (frozenset({int}), "int"),
    datetime.datetime: (frozenset({str}), "Time"),
    # Quantities are texts that may be written as numbers.
    str: (frozenset({str, int, float, bool}), "string"),
}

Place = tuple[Any, ...]
"""Where a value stands: its holder's place and its name in it, () for the object itself."""


class Form:
    """What a field holds: an object of `fields`, a list of `element`, a map, a scalar, or anything.

    `accepted` are the types that a scalar may have in JSON; `name` is what errors call it all.
    """

    __slots__ = ("accepted", "element", "fields", "is_map", "name", "required")

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.fields: dict[str, Form] | None = None
        self.required: tuple[str, ...] = ()
        self.element: Form | None = None
        self.accepted: frozenset[type] | None = None
        self.is_map = False


class Decoded(msgspec.Struct, frozen=True):
    """An object with the fields of its kind alone, and warnings of those that it had too."""

    body: dict[str, Any]
    warnings: tuple[str, ...] = ()


def decoded(
    resource: Resource,
    body: dict[str, Any],
    validation: Validation,
    live: Mapping[str, Any] | None = None,
) -> Decoded:
    """Return an object without fields that its kind has not.

    Of what is as in `live`, the parts of that itself are returned.

    Raises:
        ApiRefusal: 400, a field is of another type, or unknown where that is not allowed.
    """
    form = form_of(resource)
    if form is None and resource.schema is not None:
        pruned_body, dropped = pruned(body, resource.schema)
        return _decoded(resource, pruned_body, dropped, validation)
    if form is None:
        return Decoded(body)
    unknown: list[Place] = []
    known = _as_before(body, live)
    try:
        changed = {name: value for name, value in body.items() if name not in known}
        found = _struct(changed, form, (), unknown)
    except _WrongType as wrong:
        raise undecodable(resource, str(wrong)) from wrong
    found |= known
    return _decoded(resource, found, [_text(it) for it in unknown[:MAX_TOLD]], validation)


def _decoded(
    resource: Resource, found: dict[str, Any], unknown: Sequence[str], validation: Validation
) -> Decoded:
    told = tuple(f'unknown field "{it}"' for it in unknown[:MAX_TOLD])
    if told and validation == "Strict":
        raise undecodable(resource, "strict decoding error: " + ", ".join(told))
    return Decoded(found, told if validation == "Warn" else ())


def _as_before(body: Mapping[str, Any], live: Mapping[str, Any] | None) -> dict[str, Any]:
    if live is None:
        return {}
    return {name: live[name] for name, it in body.items() if name in live and live[name] == it}


# ------------------------------------------------------------ forms


_known: dict[type, Form] = {}


def form_of(resource: Resource) -> Form | None:
    """Return the form of a resource's objects, None for custom ones."""
    model = model_of(resource.kind, resource.api_version)
    return None if model is None else _of_model(model)


def _of_model(model: type) -> Form:
    known = _known.get(model)
    if known is None:
        known = _known[model] = Form(model.__name__)  # before its fields: types hold themselves
        known.fields = {name: _of_type(it) for name, it in field_types(model).items()}
        known.required = required_fields(model)
    return known


def _of_type(it: Any) -> Form:
    if is_open(it):
        return Form()
    if is_model(it):
        return _of_model(it)
    origin, arguments = typing.get_origin(it), typing.get_args(it)
    form = Form()
    if origin is list:
        form.name, form.element = "list", _of_type(arguments[0])
    elif origin is dict:
        form.name, form.is_map = "map", True
    elif origin not in (typing.Union, types.UnionType) and it in _SCALARS:
        form.accepted, form.name = _SCALARS[it]
    return form


# ------------------------------------------------------------ values


class _WrongType(Exception):
    pass


def _struct(body: dict[str, Any], form: Form, at: Place, unknown: list[Place]) -> dict[str, Any]:
    fields = form.fields
    assert fields is not None, form.name
    result: dict[str, Any] = {}
    for name, value in body.items():
        known = fields.get(name)
        if known is None:
            unknown.append((at, name))
        elif value is not None:
            if known.accepted is None:
                result[name] = _value(value, known, (at, name), unknown)
            elif type(value) in known.accepted:
                result[name] = value
            else:
                raise _wrong(value, (at, name), known.name)
    return result


def _value(value: Any, form: Form, at: Place, unknown: list[Place]) -> Any:
    if form.fields is not None:
        if not isinstance(value, dict):
            raise _wrong(value, at, form.name)
        return _struct(value, form, at, unknown)
    if form.element is not None:
        if not isinstance(value, list):
            raise _wrong(value, at, "list")
        each = form.element
        return [_value(it, each, (at, number), unknown) for number, it in enumerate(value)]
    if form.is_map and not isinstance(value, dict):
        raise _wrong(value, at, "map")
    if form.accepted is not None and type(value) not in form.accepted:
        raise _wrong(value, at, form.name)
    return value


def _wrong(value: Any, at: Place, wanted: str) -> _WrongType:
    kind = _JSON_KIND.get(type(value), "object")
    where = _text(at)
    return _WrongType(
        f"json: cannot unmarshal {kind} into Go struct field {where} of type {wanted}"
    )


def _text(at: Place) -> str:
    """Return a place as errors name it: `spec.containers[0].image`."""
    if not at:
        return ""
    holder, name = at
    before = _text(holder)
    if isinstance(name, int):
        return f"{before}[{name}]"
    return f"{before}.{name}" if before else name


def text_maps(resource: Resource, body: dict[str, Any]) -> None:
    """Check that labels and annotations are texts, by which everything is selected.

    Raises:
        ApiRefusal: 400, one is not.
    """
    metadata = body.get("metadata")
    for name in ("labels", "annotations"):
        found = metadata.get(name) if isinstance(metadata, dict) else None
        if found is None:
            continue
        if not isinstance(found, dict) or not all(isinstance(it, str) for it in found.values()):
            raise _not_texts(resource, name)


def _not_texts(resource: Resource, name: str) -> ApiRefusal:
    why = f"json: cannot unmarshal number into Go struct field ObjectMeta.metadata.{name}"
    return undecodable(resource, f"{why} of type string")
