from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from kingtide.cli.schema import KINDS
from kingtide.files.reading import read_yaml
from kingtide.files.starting import starter_files
from kingtide.fleet.documents.tree import plain
from kingtide.fleet.documents.yaml_tree import parse_yaml
from kingtide.fleet.schema.json_schema import instance_types_schema, kind_schema

ROOT = Path(__file__).resolve().parents[4]
EVERY_FILE = sorted((ROOT / "examples").rglob("*.yaml"))
DOCUMENTS = [path for path in EVERY_FILE if b"fleet.kingtide.dev/v1alpha1" in path.read_bytes()]
LISTS = [path for path in EVERY_FILE if (path.parents[2] / "fleet.yaml").is_file()]
LISTS = [path for path in LISTS if path.parent.name == "instance-types"]
STARTER = {
    path: content
    for path, content in starter_files("small", "eu-west-1").items()
    if path.parts[0] != "manifests" and not path.name.startswith("values")
}
SCHEMAS = {name: kind_schema(name, kind) for name, kind in KINDS.items()}
CLUSTER = """\
apiVersion: fleet.kingtide.dev/v1alpha1
kind: Cluster
metadata: {name: prod}
spec:
  region: eu-west-1
  zones: [a, b]
  priorityClasses: {low: -5}
  autoscaler: {maxNodeProvisionTime: 5m, scaleDown: {utilizationThreshold: 0.5}}
  nodeGroups:
    workers: {spot: {sizes: {4x: {instances: [c5.4xlarge], min: 1, max: 20}}}}
    old: null
  overprovisioning:
    workers: {ladder: [[0, 1], [64, 2]], pod: {cpu: 7500m, memory: 4Gi}}
"""


def faults(schema: Any, value: Any) -> list[str]:
    """Return what a JSON Schema library says against a document, as an editor shows it."""
    found = Draft202012Validator(schema).iter_errors(value)
    return [fault for error in found for fault in _leaves(error)]


def _leaves(error: ValidationError) -> Iterator[str]:
    for below in error.context or ():
        yield from _leaves(below)
    if not error.context:
        steps = (f"[{it}]" if isinstance(it, int) else f".{it}" for it in error.absolute_path)
        yield f"{''.join(steps)}: {error.message}"


def told(path: Path) -> str:
    return str(path.relative_to(ROOT))


def schemas_within(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for item in schema:
            yield from schemas_within(item)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in ("properties", "$defs"):
                for below in value.values():
                    yield from schemas_within(below)
            elif key not in ("default", "examples", "const", "enum", "required"):
                yield from schemas_within(value)


@pytest.mark.parametrize("path", DOCUMENTS, ids=told)
def test_every_document_of_the_examples_fits_its_schema(path: Path) -> None:
    document = plain(read_yaml(path))
    assert isinstance(document, dict)
    assert faults(SCHEMAS[str(document["kind"])], document) == []


@pytest.mark.parametrize("path", STARTER, ids=str)
def test_every_document_of_a_new_fleet_fits_its_schema(path: PurePosixPath) -> None:
    document = plain(parse_yaml(STARTER[path], str(path)))
    if isinstance(document, dict):
        assert faults(SCHEMAS[str(document["kind"])], document) == []
    else:
        assert faults(instance_types_schema(), document) == []


@pytest.mark.parametrize("path", LISTS, ids=told)
def test_every_list_of_instance_types_of_the_examples_fits_its_schema(path: Path) -> None:
    assert faults(instance_types_schema(), plain(read_yaml(path))) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_holds_together(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    for schema in schemas_within(SCHEMAS[name]):
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/$defs/") in SCHEMAS[name]["$defs"]
        re.compile(schema.get("pattern", ""))
        if "properties" in schema:
            assert schema["additionalProperties"] is False, schema["title"]


@pytest.mark.parametrize("name", ["Fleet", "ClusterClass", "Stage", "Tool", "Policy"])
def test_every_field_has_a_text(name: str) -> None:
    schema = SCHEMAS[name]
    silent = [
        f"{model}.{field}"
        for model, described in schema["$defs"].items()
        for field, value in described.get("properties", {}).items()
        if "description" not in value and "$ref" not in value
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("region:", "regoin:", ".spec: Additional properties are not allowed ('regoin'"),
        ("prod", "Prod", ".metadata.name: 'Prod' does not match"),
        ("  zones: [a, b]", "  zones: a", ".spec.zones: 'a' is not of type 'array'"),
        ("min: 1", "min: -1", ".min: -1 is less than the minimum of 0"),
        ("max: 20", 'max: "20"', ".max: '20' is not of type 'integer'"),
        ("4Gi", "4Gb", ".memory: '4Gb' does not match"),
        ("5m,", "5 minutes,", ".maxNodeProvisionTime: '5 minutes' does not match"),
        ("[0, 1]", "[0, 1, 2]", "ladder[0]: [0, 1, 2] is too long"),
        ("old: null", "OLD: {dedicated: true}", ".spec.nodeGroups: 'OLD' does not match"),
        ("memory: 4Gi", "mem: 4Gi", "pod: 'memory' is a required property"),
    ],
    ids=lambda it: it.strip() if isinstance(it, str) else it,
)
def test_a_mistake_is_told_by_the_schema(old: str, new: str, fault: str) -> None:
    assert faults(SCHEMAS["Cluster"], plain(parse_yaml(CLUSTER.encode(), ""))) == []
    changed = plain(parse_yaml(CLUSTER.replace(old, new).encode(), ""))
    assert any(fault in found for found in faults(SCHEMAS["Cluster"], changed))


def test_only_what_lies_over_another_document_may_take_away_with_null() -> None:
    changed = plain(parse_yaml(CLUSTER.replace("kind: Cluster", "kind: ClusterClass").encode(), ""))
    told = ".spec.nodeGroups.old: None is not of type 'object'"
    assert faults(SCHEMAS["ClusterClass"], changed) == [told]


def test_a_list_of_instance_types_knows_them() -> None:
    assert faults(instance_types_schema(), ["c5.4xlarge", "m5.4xlarge"]) == []
    wrong = faults(instance_types_schema(), ["c5.4xlarge", "c5.4xlarg", "c5.4xlarge"])
    assert [fault.partition(":")[0] for fault in wrong] == ["", "[1]"]
