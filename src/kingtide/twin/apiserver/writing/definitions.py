"""CustomResourceDefinitions: kinds that come and go while the server runs.

Their objects are kept as they are written, as far as their schemas allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kingtide.kube.wire.times import time_text
from kingtide.twin.apiserver.causes import Cause, invalid, required
from kingtide.twin.apiserver.custom.reading import NotStructural, read
from kingtide.twin.apiserver.objects import Objects
from kingtide.twin.apiserver.resources import Resource, TooManyResources
from kingtide.twin.apiserver.structural import ShownColumn, Structural

KIND = "CustomResourceDefinition"
MAX_TOLD = 50
"""Mistakes of a definition that are told at once: a generated schema makes one many times."""


def custom_resources(definition: Resource, body: Mapping[str, Any]) -> tuple[Resource, ...]:
    """Return the resources that a definition makes, one a served version.

    Raises:
        ApiRefusal: 422, it says too little.
    """
    name, spec = body["metadata"]["name"], body.get("spec") or {}
    causes = [*_wrong(name, spec)]
    if causes:
        raise invalid(definition, name, causes)
    names, schemas = spec["names"], _schemas(definition, name, spec["versions"])
    return tuple(
        Resource(
            kind=names["kind"],
            api_version=f"{spec['group']}/{version['name']}",
            plural=names["plural"],
            namespaced=spec["scope"] == "Namespaced",
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            subresources=tuple(
                it for it in ("status", "scale") if it in (version.get("subresources") or {})
            ),
            is_custom=True,
            schema=schema,
            columns=tuple(_columns(version)),
        )
        for version, schema in zip(spec["versions"], schemas, strict=True)
        if version.get("served", True)
    )


def _schemas(definition: Resource, name: str, versions: Sequence[Any]) -> list[Structural]:
    causes: list[Cause] = []
    found = []
    for number, version in enumerate(versions):
        at = f"spec.versions[{number}].schema.openAPIV3Schema"
        written = (version.get("schema") or {}).get("openAPIV3Schema")
        if not written:
            causes.append(required(at, "schemas are required"))
            continue
        try:
            found.append(read(written, at))
        except NotStructural as error:
            causes += error.causes
    if causes:
        raise invalid(definition, name, causes[:MAX_TOLD])
    return found


def _columns(version: Mapping[str, Any]) -> Iterator[ShownColumn]:
    for it in version.get("additionalPrinterColumns") or ():
        is_wide = bool(it.get("priority", 0))
        yield ShownColumn(it["name"], it["type"], it["jsonPath"], is_wide)


def _wrong(name: str, spec: Mapping[str, Any]) -> Iterator[Cause]:
    for field in ("group", "names", "scope", "versions"):
        if not spec.get(field):
            yield required(f"spec.{field}")
            return
    if not spec["names"].get("plural") or not spec["names"].get("kind"):
        yield required("spec.names.plural")
    elif name != f"{spec['names']['plural']}.{spec['group']}":
        text = 'Invalid value: must be spec.names.plural+"."+spec.group'
        yield Cause("metadata.name", text)
    if spec["scope"] not in ("Namespaced", "Cluster"):
        text = f'Unsupported value: "{spec["scope"]}": supported values: "Cluster", "Namespaced"'
        yield Cause("spec.scope", text, "FieldValueNotSupported")


def define(
    objects: Objects,
    definition: Resource,
    body: dict[str, Any],
    live: Mapping[str, Any] | None = None,
) -> None:
    """Serve what a definition says, and say so in its status; `live` is what it said so far.

    Raises:
        ApiRefusal: 422, it says too little, or there are too many kinds.
    """
    found = custom_resources(definition, body)
    try:
        for resource in found:
            objects.resources.add(resource)
    except TooManyResources as error:
        raise invalid(definition, body["metadata"]["name"], [Cause("spec", str(error))]) from error
    served = [it.version for it in found]
    for resource in () if live is None else custom_resources(definition, live):
        if resource.version not in served:
            objects.resources.remove(resource)
    now = time_text(objects.now_ms)
    body["status"] = {
        "acceptedNames": body["spec"]["names"],
        "storedVersions": [it["name"] for it in body["spec"]["versions"]],
        "conditions": [
            {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": now}
            for kind, reason in (
                ("NamesAccepted", "NoConflicts"),
                ("Established", "InitialNamesAccepted"),
            )
        ],
    }


def forget(objects: Objects, definition: Resource, body: Mapping[str, Any]) -> None:
    """Serve no longer what a deleted definition said; all such objects go with it."""
    found = custom_resources(definition, body)
    for number, resource in enumerate(found):
        if number == 0:
            objects.drop(resource)
        objects.resources.remove(resource)
