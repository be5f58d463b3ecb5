"""Objects of custom kinds over HTTP, held against what their definition says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.served_world import served_world
from tests.unit.twin.apiserver.bodies import MERGE

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TIDES = "/apis/example.com/v1/namespaces/default/tides"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["height"],
            "properties": {
                "height": {"type": "integer", "minimum": 1, "maximum": 16},
                "boats": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name"],
                        "properties": {"name": {"type": "string"}, "crew": {"type": "integer"}},
                    },
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                },
                "moon": {"type": "string", "enum": ["new", "full"], "default": "new"},
            },
        },
        "status": {"type": "object", "properties": {"phase": {"type": "string"}}},
    },
}
HEIGHT = {"name": "Height", "type": "integer", "jsonPath": ".spec.height"}


def definition(schema: dict[str, Any]) -> dict[str, Any]:
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [HEIGHT],
    }
    names = {"plural": "tides", "kind": "Tide", "singular": "tide"}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    return {"metadata": {"name": "tides.example.com"}, "spec": spec}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    with (
        served_world(tmp_path_factory.mktemp("served")) as served,
        served.client() as found,
    ):
        assert found.post(DEFINITIONS, json=definition(SCHEMA)).status_code == 201
        yield found


def tide(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec}


def test_everything_that_is_wrong_with_an_object_is_told_with_its_place(
    client: httpx2.Client,
) -> None:
    refused = client.post(TIDES, json=tide("wrong", height=99, moon="half")).json()
    causes = [(it["field"], it["reason"]) for it in refused["details"]["causes"]]

    assert (refused["code"], refused["reason"]) == (422, "Invalid")
    assert causes == [
        ("spec.height", "FieldValueInvalid"),
        ("spec.moon", "FieldValueNotSupported"),
    ]
    assert refused["message"] == (
        'Tide.example.com "wrong" is invalid: [spec.height: Invalid value: 99: spec.height in body'
        ' should be less than or equal to 16, spec.moon: Unsupported value: "half": supported'
        ' values: "new", "full"]'
    )
    assert client.get(f"{TIDES}/wrong").status_code == 404


def test_unknown_fields_are_dropped_with_a_warning_and_refused_where_that_is_asked_for(
    client: httpx2.Client,
) -> None:
    body = tide("known", height=3, deep=True)
    refused = client.post(f"{TIDES}?fieldValidation=Strict", json=body)
    made = client.post(TIDES, json=body)

    assert refused.status_code == 400
    assert 'strict decoding error: unknown field "spec.deep"' in refused.json()["message"]
    assert made.json()["spec"] == {"height": 3, "moon": "new"}  # with its default
    assert 'unknown field \\"spec.deep\\"' in made.headers["Warning"]


def test_a_patch_an_apply_and_a_status_are_checked_too(client: httpx2.Client) -> None:
    client.post(TIDES, json=tide("changed", height=3))
    patched = client.patch(f"{TIDES}/changed", json={"spec": {"height": None}}, headers=MERGE)
    config = {"apiVersion": "example.com/v1", "kind": "Tide", "spec": {"height": "high"}}
    applied = client.patch(
        f"{TIDES}/changed?fieldManager=a&force=true",
        json=config,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )
    status = client.patch(f"{TIDES}/changed/status", json={"status": {"phase": 1}}, headers=MERGE)

    assert "spec.height: Required value" in patched.json()["message"]
    assert 'must be of type integer: "string"' in applied.json()["message"]
    assert 'must be of type string: "integer"' in status.json()["message"]
    assert client.get(f"{TIDES}/changed").json()["spec"]["height"] == 3


def test_appliers_share_a_list_whose_elements_have_a_key(client: httpx2.Client) -> None:
    for manager, boat in (("a", {"name": "one", "crew": 1}), ("b", {"name": "two", "crew": 2})):
        config = {"apiVersion": "example.com/v1", "kind": "Tide", **tide("shared", height=2)}
        config["spec"]["boats"] = [boat]
        applied = client.patch(
            f"{TIDES}/shared?fieldManager={manager}",
            json=config,
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        assert applied.is_success, applied.text
    contested = config | {"spec": {"height": 2, "boats": [{"name": "one", "crew": 9}]}}
    refused = client.patch(
        f"{TIDES}/shared?fieldManager=b",
        json=contested,
        headers={"Content-Type": "application/apply-patch+yaml"},
    )

    assert [it["name"] for it in applied.json()["spec"]["boats"]] == ["one", "two"]
    assert refused.status_code == 409
    assert '.spec.boats[name="one"].crew' in refused.json()["message"]


def test_its_table_has_the_columns_of_its_definition(client: httpx2.Client) -> None:
    client.post(TIDES, json=tide("shown", height=5))
    accept = {"Accept": "application/json;as=Table;g=meta.k8s.io;v=v1"}
    table = client.get(f"{TIDES}/shown", headers=accept).json()

    assert [it["name"] for it in table["columnDefinitions"]] == ["Name", "Height"]
    assert table["rows"][0]["cells"] == ["shown", 5]


def test_its_schema_is_told_and_a_schema_that_is_none_is_refused(client: httpx2.Client) -> None:
    schemas = client.get("/openapi/v3/apis/example.com/v1").json()["components"]["schemas"]
    refused = client.post(DEFINITIONS, json=definition({"type": "object", "properties": {"a": {}}}))
    without = client.post(DEFINITIONS, json=definition({}))

    fields = schemas["com.example.v1.Tide"]["properties"]
    assert fields["spec"]["properties"]["height"]["maximum"] == 16
    assert "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta" in schemas
    assert client.get(f"{DEFINITIONS}/tides.example.com").is_success
    assert refused.status_code == without.status_code == 409  # it is there
    other = definition({"type": "object", "properties": {"a": {}}})
    other["metadata"]["name"] = "ebbs.example.com"
    other["spec"]["names"] = {"plural": "ebbs", "kind": "Ebb", "singular": "ebb"}
    wrong = client.post(DEFINITIONS, json=other).json()["message"]
    assert "properties[a].type: Required value: must not be empty" in wrong
    other["spec"]["versions"][0].pop("schema")
    assert "schemas are required" in client.post(DEFINITIONS, json=other).json()["message"]
