"""kops' own schema: the CustomResourceDefinitions of a kops release, read strictly.

Strictly means that a field which the schema does not name is a fault, where kops drops it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec

from kingtide.check.plain_values import items_at, map_at, text_at, value_at
from kingtide.fleet.documents.mistakes import Mistake, Mistakes
from kingtide.fleet.documents.nearest import did_you_mean
from kingtide.fleet.documents.tree import Path, Place, Plain, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml

SERVED_VERSION = "v1alpha2"
"""The one version of kops' documents that is generated, and the one that its CRDs publish."""
_NOT_REQUIRED = (("spec", "iam", "legacy"),)
"""Fields that the CRDs call required and kops does without.

Source: https://github.com/kubernetes/kops, tests/integration/update_cluster (2026-08): ten clusters
set `iam` without it."""
MAX_CRD_BYTES = 4_000_000
"""kops' larger CRD has 320 kB; ten times as much is another file."""


class CrdSchemas(msgspec.Struct, frozen=True):
    """The schemas of kops' documents, by kind."""

    by_kind: Mapping[str, Plain]


class Departure(msgspec.Struct, frozen=True):
    """Where a document departs from its schema."""

    path: Path
    wrong: str
    instead: str


def read_crds(files: Mapping[str, bytes]) -> CrdSchemas:
    """Return the schemas of CRD files, by the name each is shown under.

    Raises:
        Mistakes: a file is no CRD, or there is none for Cluster and InstanceGroup.
    """
    found: dict[str, Plain] = {}
    for name, text in sorted(files.items()):
        document = plain(parse_yaml(text, name, max_bytes=MAX_CRD_BYTES))
        kind = text_at(document, "spec", "names", "kind")
        for version in items_at(document, "spec", "versions"):
            if text_at(version, "name") == SERVED_VERSION:
                found[kind] = value_at(version, ("schema", "openAPIV3Schema"))
    missing = [kind for kind in ("Cluster", "InstanceGroup") if not map_at(found.get(kind))]
    if missing:
        place = Place(next(iter(sorted(files)), ""), 0, 0)
        wrong = f"holds no schema of {SERVED_VERSION} for {' and '.join(missing)}"
        instead = "name the folder k8s/crds of a kops release"
        raise Mistakes([Mistake(place, "", wrong, instead)])
    return CrdSchemas(found)


def departures(value: Plain, schema: Plain, at: Path = ()) -> Iterator[Departure]:
    """Return where a value departs from a structural schema.

    Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
    """
    kind = text_at(schema, "type")
    if value_at(schema, ("x-kubernetes-int-or-string",)) is True:
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            yield Departure(at, "is neither a number nor a text", "write for example 1 or 10%")
    elif kind and not _is_of(value, kind):
        yield Departure(at, f"is not of kind {kind}", f"write {_EXAMPLES.get(kind, kind)}")
    elif isinstance(value, dict):
        yield from _of_map(value, schema, at)
    elif isinstance(value, list):
        below = value_at(schema, ("items",))
        for index, item in enumerate(value):
            yield from departures(item, below, (*at, index))


def _of_map(value: Mapping[str, Plain], schema: Plain, at: Path) -> Iterator[Departure]:
    fields = map_at(schema, "properties")
    rest = value_at(schema, ("additionalProperties",))
    free = not fields and rest is None  # metadata, and what the schema leaves open
    for key, item in value.items():
        if key in fields:
            yield from departures(item, fields[key], (*at, key))
        elif isinstance(rest, dict):
            yield from departures(item, rest, (*at, key))
        elif not free and rest is not True and not _is_open(schema):
            wrong = "kops knows no such field, and drops it in silence"
            yield Departure((*at, key), wrong, did_you_mean(key, fields, what="fields"))
    for name in items_at(schema, "required"):
        if isinstance(name, str) and name not in value and (*at, name) not in _NOT_REQUIRED:
            yield Departure((*at, name), "is missing", f"add `{name}:`")


def _is_open(schema: Plain) -> bool:
    return value_at(schema, ("x-kubernetes-preserve-unknown-fields",)) is True


_EXAMPLES = {"string": "a text", "integer": "a whole number", "boolean": "true or false"}


def _is_of(value: Plain, kind: str) -> bool:
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
    return True
