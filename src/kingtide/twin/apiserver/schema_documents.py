"""Schemas of types as OpenAPI has them: fields, what is said of them, and how they merge."""

from __future__ import annotations

import datetime
import re
import types
import typing
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from kingtide.kube.patching.rules import ATOMIC_TYPES, RULES
from kingtide.kube.patching.schema import NO_RULE, Rule
from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.schemas import (
    field_types,
    is_model,
    is_open,
    model_of,
    object_meta,
    required_fields,
)
from kingtide.twin.apiserver.structural import Structural

_FIELD = re.compile(r"\* \*\*(\S+?)\*\* ``.*?`` - (.*?)(?=\n\s*\* \*\*|\Z)", re.DOTALL)
"""How the models tell of a field: `* **name** ``type`` - what it is`."""
_PREFIX = "x-kubernetes-"


def components(resources: Iterable[Resource], *, with_custom: bool = False) -> dict[str, Any]:
    """Return the schemas of kinds with all types that they are made of.

    Those of custom kinds are their definitions' own (`with_custom`), or say nothing.
    """
    found: dict[str, Any] = {}
    for resource in resources:
        kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
        model = model_of(resource.kind, resource.api_version)
        if model is None:
            name = f"{'.'.join(reversed(resource.group.split('.')))}.{resource.version}"
            schema: dict[str, Any] = {
                "type": "object",
                f"{_PREFIX}preserve-unknown-fields": True,
                f"{_PREFIX}group-version-kind": [kind],
            }
            if with_custom and resource.schema is not None:
                for each in _types_in(object_meta(), found):
                    found[_name(each)] = _schema(each)
                schema = _custom(resource.schema) | {f"{_PREFIX}group-version-kind": [kind]}
            found[f"{name}.{resource.kind}"] = schema
            continue
        for each in _types_in(model, found):
            found[_name(each)] = _schema(each)
        found[_name(model)] = found[_name(model)] | {f"{_PREFIX}group-version-kind": [kind]}
    return found


def _custom(schema: Structural) -> dict[str, Any]:
    """Return what a definition says of its kind, with what every object has."""
    fields = dict(schema.document.get("properties") or {})
    text = {"type": "string"}
    own = {"apiVersion": text, "kind": text, "metadata": {"allOf": [reference(object_meta())]}}
    return dict(schema.document) | {"properties": fields | own}


def reference(model: type) -> dict[str, Any]:
    """Return what refers to a type's schema."""
    return {"$ref": f"#/components/schemas/{_name(model)}"}


def _types_in(model: type, known: dict[str, Any]) -> Iterator[type]:
    """Yield a type and all in it that are not known yet, each once."""
    waiting, seen = [model], {model: None}
    while waiting:
        one = waiting.pop()
        if _name(one) in known:
            continue
        yield one
        for it in field_types(one).values():
            for each in (it, *typing.get_args(it)):
                if is_model(each) and each not in seen:
                    seen[each] = None
                    waiting.append(each)


@cache
def _name(model: type) -> str:
    """Return a type's name as Kubernetes has it: io.k8s.api.apps.v1.Deployment."""
    module = model.__module__.rpartition(".")[2]
    group, _, version = module.rpartition("_")
    if group == "meta":
        return f"io.k8s.apimachinery.pkg.apis.meta.{version}.{model.__name__}"
    if group == "apiextensions":
        middle = "apiextensions-apiserver.pkg.apis.apiextensions"
        return f"io.k8s.{middle}.{version}.{model.__name__}"
    return f"io.k8s.api.{group or module}.{version or 'v1'}.{model.__name__}"


@cache
def _schema(model: type) -> dict[str, Any]:
    text = model.__doc__ or ""
    told = {name: " ".join(said.split()) for name, said in _FIELD.findall(text)}
    rules = RULES.get(model.__name__, {})
    schema: dict[str, Any] = {
        "type": "object",
        "description": " ".join(text.partition("**parameters**")[0].split()),
        "properties": {
            name: {"description": told.get(name, "")} | _type(it) | _markers(it, rules.get(name))
            for name, it in field_types(model).items()
        },
    }
    if required_fields(model):
        schema["required"] = list(required_fields(model))
    if model.__name__ in ATOMIC_TYPES:
        schema[f"{_PREFIX}map-type"] = "atomic"
    return schema


def _type(it: Any) -> dict[str, Any]:
    if is_open(it):
        return {"type": "object", f"{_PREFIX}preserve-unknown-fields": True}
    if is_model(it):
        return {"allOf": [reference(it)], "default": {}}
    origin, arguments = typing.get_origin(it), typing.get_args(it)
    if origin is list:
        element = arguments[0]
        return {
            "type": "array",
            "items": reference(element) if is_model(element) else _type(element),
        }
    if it is dict or origin is dict:
        return {"type": "object", "additionalProperties": {"type": "string"}}
    if origin in (typing.Union, types.UnionType):
        return {"oneOf": [{"type": "integer"}, {"type": "string"}], "format": "int-or-string"}
    if it is datetime.datetime:
        return {"type": "string", "format": "date-time"}
    names = {bool: "boolean", int: "integer", float: "number"}
    return {"type": names.get(it, "string")}


def _markers(it: Any, rule: Rule | None) -> dict[str, Any]:
    """Return how a field merges, as the markers that kubectl reads."""
    if rule is None:
        return {f"{_PREFIX}list-type": "atomic"} if typing.get_origin(it) is list else {}
    found: dict[str, Any] = {}
    if rule.keys:
        found = {f"{_PREFIX}list-map-keys": list(rule.keys), f"{_PREFIX}list-type": "map"}
    elif rule.is_set:
        found = {f"{_PREFIX}list-type": "set"}
    elif rule.is_atomic_map:
        return {f"{_PREFIX}map-type": "atomic"}
    if rule.merge_key:
        found[f"{_PREFIX}patch-merge-key"] = rule.merge_key
    if rule.strategy != NO_RULE.strategy or rule.merge_key or rule.is_set:
        found[f"{_PREFIX}patch-strategy"] = rule.strategy
    return found
