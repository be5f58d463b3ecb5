from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kingtide.fleet.documents.written import Written
from kingtide.fleet.models.cluster import Cluster, ClusterClass
from kingtide.fleet.models.fleet import Fleet
from kingtide.fleet.models.policy import Policy
from kingtide.fleet.models.stage import Stage
from kingtide.fleet.models.tool import Tool
from kingtide.fleet.schema.json_schema import Documented
from kingtide.rehearsal.scenario.latency_model import LatencyFile
from kingtide.rehearsal.scenario.model import Rehearsal

KINDS: list[type[Written]] = [
    Rehearsal, LatencyFile, Fleet, Cluster, ClusterClass, Stage, Tool, Policy,
]  # fmt: skip

# The envelope explains itself, and is the same for every kind.
ENVELOPE = ("apiVersion", "kind", "metadata", "spec")


def undocumented(schema: dict[str, Any], where: str) -> Iterator[str]:
    """Yield every property of a schema that says nothing of itself.

    Where it would say the same as the model it refers to, that says it.
    """
    for name, part in schema.get("properties", {}).items():
        if "description" not in part and "$ref" not in part and name not in ENVELOPE:
            yield f"{where}.{name}"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_kind_has_a_description(kind: type[Written]) -> None:
    schema = kind.model_json_schema(by_alias=True, schema_generator=Documented)
    found = list(undocumented(schema, kind.__name__))
    for name, definition in schema["$defs"].items():
        found.extend(undocumented(definition, name))
    assert found == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_unknown_fields_are_refused_at_every_depth(kind: type[Written]) -> None:
    schema = kind.model_json_schema(by_alias=True)
    definitions = [schema, *schema["$defs"].values()]
    assert [d["title"] for d in definitions if d.get("additionalProperties") is not False] == []
