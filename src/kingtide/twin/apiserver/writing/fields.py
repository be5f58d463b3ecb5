"""Which fields an object's kind has, and of which type: what is refused, what is dropped."""

from __future__ import annotations

import datetime
import types
import typing
from typing import Any

import msgspec

from kingtide.twin.apiserver.refusals import ApiRefusal
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.schemas import field_types, is_model, is_open, model_of
from kingtide.twin.apiserver.writing.causes import undecodable
from kingtide.twin.apiserver.writing.options import Validation

MAX_TOLD = 20
"""Unknown fields that are named; who has more has made one mistake many times."""
_JSON_KIND = {bool: "bool", int: "number", float: "number", str: "string", list: "array"}


class Decoded(msgspec.Struct, frozen=True):
    """An object with the fields of its kind alone, and warnings of those that it had too."""

    body: dict[str, Any]
    warnings: tuple[str, ...] = ()


def decoded(resource: Resource, body: dict[str, Any], validation: Validation) -> Decoded:
    """Return an object without fields that its kind has not; custom kinds may have any.

    Raises:
        ApiRefusal: 400, a field is of another type, or unknown where that is not allowed.
    """
    model = model_of(resource.kind, resource.api_version)
    if model is None:
        return Decoded(body)
    unknown: list[str] = []
    try:
        known = _struct(body, model, "", unknown)
    except _WrongType as wrong:
        raise undecodable(resource, str(wrong)) from wrong
    told = tuple(f'unknown field "{it}"' for it in unknown[:MAX_TOLD])
    if told and validation == "Strict":
        raise undecodable(resource, "strict decoding error: " + ", ".join(told))
    return Decoded(known, told if validation == "Warn" else ())


class _WrongType(Exception):
    pass


def _struct(body: dict[str, Any], model: type, path: str, unknown: list[str]) -> dict[str, Any]:
    types_of = field_types(model)
    result: dict[str, Any] = {}
    for name, value in body.items():
        at = f"{path}.{name}" if path else name
        if name not in types_of:
            unknown.append(at)
        elif value is not None:
            result[name] = _value(value, types_of[name], at, unknown)
    return result


def _value(value: Any, it: Any, path: str, unknown: list[str]) -> Any:
    if is_open(it):
        return value
    if is_model(it):
        if not isinstance(value, dict):
            raise _wrong(value, path, it.__name__)
        return _struct(value, it, path, unknown)
    origin, arguments = typing.get_origin(it), typing.get_args(it)
    if origin is list:
        if not isinstance(value, list):
            raise _wrong(value, path, "list")
        return [_value(each, arguments[0], f"{path}[{n}]", unknown) for n, each in enumerate(value)]
    if origin is dict or it is dict:
        if not isinstance(value, dict):
            raise _wrong(value, path, "map")
        return value
    if origin in (typing.Union, types.UnionType):
        return value
    _check_scalar(value, it, path)
    return value


def _check_scalar(value: Any, it: Any, path: str) -> None:
    if path.endswith(("labels", "annotations")):
        return
    if it is bool and not isinstance(value, bool):
        raise _wrong(value, path, "bool")
    if it is int and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong(value, path, "int")
    if it is datetime.datetime and not isinstance(value, str):
        raise _wrong(value, path, "Time")
    # Quantities are texts that may be written as numbers.
    if it is str and not isinstance(value, (str, int, float)):
        raise _wrong(value, path, "string")


def _wrong(value: Any, path: str, wanted: str) -> _WrongType:
    kind = _JSON_KIND.get(type(value), "object")
    return _WrongType(f"json: cannot unmarshal {kind} into Go struct field {path} of type {wanted}")


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
