from __future__ import annotations

import pytest

from kingtide.check.crd_schema import departures, read_crds
from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Plain, path_text

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  names: {kind: %s}
  versions: [{name: %s, schema: {openAPIV3Schema: {type: object, properties: {spec: {}}}}}]
"""
SCHEMA: Plain = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "size": {"type": "integer"},
        "on": {"type": "boolean"},
        "surge": {"x-kubernetes-int-or-string": True},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "items": {"type": "array", "items": {"type": "object", "properties": {"a": {}}}},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "metadata": {"type": "object"},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"name": "a"}, [], id="right"),
        pytest.param({}, ["name"], id="missing"),
        pytest.param({"name": "a", "nmae": "a"}, ["nmae"], id="unknown"),
        pytest.param({"name": 1}, ["name"], id="number for text"),
        pytest.param({"name": "a", "size": "1"}, ["size"], id="text for number"),
        pytest.param({"name": "a", "size": True}, ["size"], id="switch for number"),
        pytest.param({"name": "a", "surge": "10%"}, [], id="percentage"),
        pytest.param({"name": "a", "surge": False}, ["surge"], id="switch for amount"),
        pytest.param({"name": "a", "labels": {"x": "y"}}, [], id="label"),
        pytest.param({"name": "a", "labels": {"x": 1}}, ["labels.x"], id="label of a number"),
        pytest.param({"name": "a", "items": [{"a": 1}, {"b": 1}]}, ["items[1].b"], id="in list"),
        pytest.param({"name": "a", "items": {}}, ["items"], id="map for list"),
        pytest.param({"name": "a", "any": {"x": 1}}, [], id="open"),
        pytest.param({"name": "a", "metadata": {"x": 1}}, [], id="without fields"),
    ],
)
def test_a_document_departs_from_its_schema(value: Plain, expected: list[str]) -> None:
    assert [path_text(it.path) for it in departures(value, SCHEMA)] == expected


def test_crds_are_read_by_kind() -> None:
    files = {
        "a.yaml": (CRD % ("Cluster", "v1alpha2")).encode(),
        "b.yaml": (CRD % ("InstanceGroup", "v1alpha2")).encode(),
    }
    assert sorted(read_crds(files).by_kind) == ["Cluster", "InstanceGroup"]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.yaml": (CRD % ("Cluster", "v1alpha2")).encode()},
        {"a.yaml": (CRD % ("Cluster", "v1")).encode(), "b.yaml": b"[]"},
    ],
    ids=["none", "one", "another version"],
)
def test_files_that_are_no_crds_of_kops_are_told(files: dict[str, bytes]) -> None:
    with pytest.raises(Mistakes, match="no schema of v1alpha2 for"):
        read_crds(files)
