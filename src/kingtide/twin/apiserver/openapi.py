"""The schema of the API: what `kubectl explain` shows and `kubectl apply` asks for first.

Version 3 is made from the models of lightkube, whose texts are Kubernetes' own; version 2
(openapi_v2.py) from the same.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kingtide.twin.apiserver import openapi_v2
from kingtide.twin.apiserver.resources import Resource, Resources
from kingtide.twin.apiserver.schema_documents import components, reference
from kingtide.twin.apiserver.schemas import model_of

MAX_DOCUMENTS = 64
"""Kept as they were made; there are about 20 groups, and definitions come and change."""
_WRITE_PARAMETERS = ("dryRun", "fieldManager", "fieldValidation", "force")
_VERBS_OF_ONE = {"get": "get", "put": "put", "patch": "patch", "delete": "delete"}
_VERBS_OF_ALL = {"get": "list", "post": "post", "delete": "deletecollection"}


class OpenApi:
    """Tells which kinds there are, and of which fields they are."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def v2(self) -> dict[str, Any]:
        """Return the whole schema as version 2 has it."""
        return openapi_v2.document(tuple(self._resources))

    def v2_protobuf(self) -> bytes:
        """Return the same in the form in which kubectl asks for it."""
        return openapi_v2.encoded(tuple(self._resources))

    def index(self) -> dict[str, Any]:
        """Return where version 3 has the schema of each group's version."""
        versions = dict.fromkeys(it.api_version for it in self._resources)
        names = [f"apis/{it}" if "/" in it else f"api/{it}" for it in versions]
        return {"paths": {it: {"serverRelativeURL": f"/openapi/v3/{it}"} for it in names}}

    def v3(self, path: str) -> dict[str, Any] | None:
        """Return the schema of a group's version (`apis/apps/v1`), None where there is none."""
        version = path.partition("/")[2]
        found = tuple(it for it in self._resources if it.api_version == version)
        if not found or path != (f"apis/{version}" if "/" in version else f"api/{version}"):
            return None
        return _document(path, found)


@lru_cache(maxsize=MAX_DOCUMENTS)
def _document(path: str, resources: tuple[Resource, ...]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for resource in resources:
        paths |= _paths(path, resource)
    head = {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.0"}}
    schemas = components(resources, with_custom=True)
    return head | {"paths": paths, "components": {"schemas": schemas}}


def _paths(root: str, resource: Resource) -> dict[str, Any]:
    within = "/namespaces/{namespace}" if resource.namespaced else ""
    one = f"/{root}{within}/{resource.plural}"
    named = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        one: {http: _operation(resource, verb) for http, verb in _VERBS_OF_ALL.items()},
        f"{one}/{{name}}": {
            **{http: _operation(resource, verb) for http, verb in _VERBS_OF_ONE.items()},
            "parameters": [named],
        },
    }


def _operation(resource: Resource, verb: str) -> dict[str, Any]:
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    parameters: list[dict[str, Any]] = []
    if verb in ("post", "put", "patch"):
        parameters = [
            {"name": it, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for it in _WRITE_PARAMETERS
        ]
    schema: dict[str, Any] = {"type": "object"}
    model = model_of(resource.kind, resource.api_version)
    if model is not None:
        schema = reference(model)
    content = {"application/json": {"schema": schema}}
    return {
        "operationId": f"{verb}{resource.kind}",
        "parameters": parameters,
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": verb,
        "x-kubernetes-group-version-kind": kind,
    }
