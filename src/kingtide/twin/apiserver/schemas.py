"""The types of the API: which fields a kind has, of which type, and what is said about them.

lightkube's models are generated from Kubernetes' OpenAPI document; which lists merge how is added
from `kube.patching.rules`, since the models leave that out.
"""

from __future__ import annotations

import importlib
import types
import typing
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from kingtide.kube.patching.rules import ATOMIC_TYPES, RULES
from kingtide.kube.patching.schema import ANY, Rule, Schema
from kingtide.twin.apiserver.resources import MAX_CUSTOM_RESOURCES, Resource
from kingtide.twin.apiserver.structural import Structural

_MODULES = {"rbac.authorization.k8s.io": "rbac"}
"""Modules of the models that are not named as the first part of their group."""

_OPEN = frozenset({"RawExtension", "JSONSchemaProps", "FieldsV1"})
"""Types that hold what their fields do not say."""


def schema_of(resource: Resource) -> Schema:
    """Return the type of a resource's objects; ANY where nothing is known of it."""
    model = model_of(resource.kind, resource.api_version)
    if model is not None:
        return _schema(model)
    return ANY if resource.schema is None else _custom(resource.schema)


@lru_cache(maxsize=MAX_CUSTOM_RESOURCES)
def _custom(schema: Structural) -> Schema:
    """Return how objects of a custom kind merge, as the markers of its schema say."""
    made = _structural(schema)
    made.fields = {**made.fields, "metadata": _schema(object_meta())}
    return made


def _structural(schema: Structural) -> Schema:
    if not schema.properties and schema.additional is None and schema.items is None:
        return ANY if schema.keeps_unknown or schema.type == "object" else SCALAR
    made = Schema("custom")
    made.fields = {name: _structural(it) for name, it in schema.properties.items()}
    made.rules = {name: _rule(it.document) for name, it in schema.properties.items()}
    below = schema.items if schema.additional is None else schema.additional
    made.each = None if below is None else _structural(below)
    return made


def _rule(written: Mapping[str, Any]) -> Rule:
    kind = written.get("x-kubernetes-list-type", "atomic")
    keys = tuple(written.get("x-kubernetes-list-map-keys") or ())
    is_atomic_map = written.get("x-kubernetes-map-type") == "atomic"
    return Rule(keys if kind == "map" else (), kind == "set", is_atomic_map)


@cache
def model_of(kind: str, api_version: str) -> type | None:
    """Return the class that has a kind's fields, None where there is none."""
    group, _, version = api_version.rpartition("/")
    name = _MODULES.get(group, group.split(".")[0] or "core")
    try:
        module = importlib.import_module(f"lightkube.models.{name}_{version}")
    except ModuleNotFoundError:
        return None
    found = getattr(module, kind, None)
    return found if isinstance(found, type) else None


@cache
def object_meta() -> type:
    """Return the class of what every object says of itself."""
    found = model_of("ObjectMeta", "meta/v1")
    assert found is not None
    return found


@cache
def field_types(model: type) -> dict[str, Any]:
    """Return the types of a model's fields, by the name that the API has for them."""
    return {wire_name(name): _present(it) for name, it in typing.get_type_hints(model).items()}


def wire_name(attribute: str) -> str:
    """Return a field's name in the API: Python has no `from` and no `$ref` for it."""
    if attribute.startswith("d_"):
        return "$" + attribute[2:]
    if attribute.startswith("x_kubernetes_"):
        return attribute.replace("_", "-")
    return attribute.rstrip("_")


@cache
def required_fields(model: type) -> tuple[str, ...]:
    """Return the fields that every object of a model has."""
    hints = typing.get_type_hints(model)
    return tuple(wire_name(name) for name, it in hints.items() if _is_required(it))


def _is_required(it: Any) -> bool:
    return type(None) not in typing.get_args(it)


def is_model(it: Any) -> bool:
    """Return whether a type has fields of its own."""
    return isinstance(it, type) and it.__module__.startswith("lightkube.models.")


def is_open(it: Any) -> bool:
    """Return whether a type may hold any fields."""
    return it in (Any, dict) or getattr(it, "__name__", "") in _OPEN


def _present(it: Any) -> Any:
    """Return a type without None."""
    if typing.get_origin(it) in (typing.Union, types.UnionType):
        found = [one for one in typing.get_args(it) if one is not type(None)]
        return found[0] if len(found) == 1 else it
    return it


_known: dict[type, Schema] = {}


def _schema(model: type) -> Schema:
    known = _known.get(model)
    if known is not None:
        return known
    name = model.__name__
    if name in _OPEN:
        return ANY
    made = _known[model] = Schema(name, is_atomic=name in ATOMIC_TYPES)
    made.rules = RULES.get(name, {})
    made.fields = {field: _of_type(it) for field, it in field_types(model).items()}
    return made


def _of_type(it: Any) -> Schema:
    if is_model(it):
        return _schema(it)
    arguments = typing.get_args(it)
    if arguments:
        holder = Schema()
        holder.each = _of_type(arguments[-1])
        return holder
    return ANY if it in (Any, dict, dict) else SCALAR


SCALAR = Schema("scalar")
"""A single value."""
