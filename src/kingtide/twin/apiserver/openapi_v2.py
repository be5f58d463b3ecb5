"""Version 2 of the schema: the same definitions, as older clients read them.

kubectl reads it as protobuf, and only for kinds that version 3 does not name: a `List`, and what
has no definition. Without it kubectl would tell of a broken document, not of the object's mistake.

Source: https://github.com/google/gnostic-models/blob/v0.7.0/openapiv2/OpenAPIv2.proto (messages and
their numbers) and https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v2 (v1.36).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec

from kingtide.twin.apiserver.resources import Resource
from kingtide.twin.apiserver.schema_documents import components

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
"""What asks for protobuf."""
ANSWERED = PROTOBUF.replace("@", ".")
"""What it is answered as: no media type has an @ in it, and Go refuses one that has."""
_V3_REFERENCE, _REFERENCE = "#/components/schemas/", "#/definitions/"
_QUERY = ("dryRun", "fieldManager", "fieldValidation", "force")
_HTTP = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 8}
"""The methods of a path, by their numbers in PathItem."""
_LENGTH_DELIMITED = 2
"""The wire type of texts and messages: https://protobuf.dev/programming-guides/encoding/."""
_EXTENSION = "x-kubernetes-"


@lru_cache(maxsize=2)
def document(resources: tuple[Resource, ...]) -> dict[str, Any]:
    """Return the whole schema of some resources, as JSON has it."""
    paths: dict[str, Any] = {}
    definitions: dict[str, Any] = {}
    for resource in resources:
        paths |= _paths(resource)
        for name, schema in components((resource,)).items():
            known = definitions.get(name, {})
            definitions[name] = known | _schema(schema)
    info = {"title": "Kubernetes", "version": "v1.36.0"}
    return {"swagger": "2.0", "info": info, "paths": paths, "definitions": definitions}


@lru_cache(maxsize=2)
def encoded(resources: tuple[Resource, ...]) -> bytes:
    """Return the same as protobuf."""
    it = document(resources)
    info = _text(1, it["info"]["title"]) + _text(2, it["info"]["version"])
    paths = (_named(name, _path_message(each)) for name, each in it["paths"].items())
    return (
        _text(1, it["swagger"])
        + _message(2, info)
        + _message(8, b"".join(_message(2, each) for each in paths))
        + _message(9, _schemas(it["definitions"]))
    )


def _paths(resource: Resource) -> dict[str, Any]:
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
    within = "/namespaces/{namespace}" if resource.namespaced else ""
    every = f"{root}{within}/{resource.plural}"
    return {
        every: {
            "get": _operation(resource, "list"),
            "post": _operation(resource, "post"),
            "delete": _operation(resource, "deletecollection"),
        },
        f"{every}/{{name}}": {
            it: _operation(resource, it) for it in ("get", "put", "patch", "delete")
        },
    }


def _operation(resource: Resource, verb: str) -> dict[str, Any]:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    is_write = verb in ("post", "put", "patch")
    parameters = [{"name": it, "in": "query", "type": "string"} for it in _QUERY if is_write]
    return {
        "operationId": f"{verb}{resource.kind}{resource.version}{resource.group}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
        f"{_EXTENSION}action": verb,
        f"{_EXTENSION}group-version-kind": kind,
    }


def _schema(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema of version 3 as version 2 says it."""
    if "$ref" in written:
        return {"$ref": written["$ref"].replace(_V3_REFERENCE, _REFERENCE)}
    if "allOf" in written:
        told = {"description": written["description"]} if written.get("description") else {}
        return _schema(written["allOf"][0]) | told
    found = {k: v for k, v in written.items() if k != "default"}
    if "oneOf" in found:  # a number or a text
        del found["oneOf"]
        found["type"] = "string"
    for name in ("items", "additionalProperties"):
        if name in found:
            found[name] = _schema(found[name])
    if "properties" in found:
        found["properties"] = {k: _schema(v) for k, v in found["properties"].items()}
    return found


# ---------------------------------------------------------------- protobuf


def _path_message(path: Mapping[str, Any]) -> bytes:
    return b"".join(_message(_HTTP[http], _operation_message(it)) for http, it in path.items())


def _operation_message(it: Mapping[str, Any]) -> bytes:
    response = _named("200", _message(1, _text(1, it["responses"]["200"]["description"])))
    return (
        _text(5, it["operationId"])
        + b"".join(_message(8, _query_message(each)) for each in it["parameters"])
        + _message(9, _message(1, response))
        + _extensions(13, it)
    )


def _query_message(it: Mapping[str, Any]) -> bytes:
    """ParametersItem > Parameter > NonBodyParameter > QueryParameterSubSchema."""
    query = _text(2, it["in"]) + _text(4, it["name"]) + _text(6, it["type"])
    return _message(1, _message(2, _message(3, query)))


def _schemas(named: Mapping[str, Any]) -> bytes:
    return b"".join(_message(1, _named(name, _schema_message(it))) for name, it in named.items())


def _schema_message(it: Mapping[str, Any]) -> bytes:
    found = _text(1, it.get("$ref", "")) + _text(2, it.get("format", ""))
    found += _text(4, it.get("description", ""))
    found += b"".join(_text(19, name) for name in it.get("required", ()))
    if "additionalProperties" in it:
        found += _message(21, _message(1, _schema_message(it["additionalProperties"])))
    if "type" in it:
        found += _message(22, _text(1, it["type"]))
    if "items" in it:
        found += _message(23, _message(1, _schema_message(it["items"])))
    if "properties" in it:
        found += _message(25, _schemas(it["properties"]))
    return found + _extensions(31, it)


def _extensions(number: int, it: Mapping[str, Any]) -> bytes:
    """Return the fields of an object that begin with x-, each as a text of YAML."""
    found: Iterable[tuple[str, bytes]] = (
        (name, msgspec.yaml.encode(value))
        for name, value in it.items()
        if name.startswith(_EXTENSION)
    )
    return b"".join(_message(number, _named(name, _field(2, text))) for name, text in found)


def _named(name: str, value: bytes) -> bytes:
    """Return an entry of a map, as all messages of the kind Named... are."""
    return _text(1, name) + _message(2, value)


def _text(number: int, value: str) -> bytes:
    return _field(number, value.encode()) if value else b""


def _message(number: int, value: bytes) -> bytes:
    return _field(number, value)


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
