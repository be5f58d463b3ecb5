from __future__ import annotations

from typing import Any

import pytest

from kingtide.live.kubernetes.performing.json_patch import JsonPatch, Path, pointer

UID = {"op": "test", "path": "/metadata/uid", "value": "u"}
VERSION = {"op": "test", "path": "/metadata/resourceVersion", "value": "7"}


def document(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"uid": "u", "resourceVersion": "7"}, "spec": spec}


CASES: dict[str, tuple[Path, Any, list[dict[str, Any]]]] = {
    "a field that is there is tested and replaced": (
        ("spec", "replicas"),
        3,
        [
            {"op": "test", "path": "/spec/replicas", "value": 0},
            {"op": "replace", "path": "/spec/replicas", "value": 3},
        ],
    ),
    "a field that is not there holds the version": (
        ("spec", "paused"),
        True,
        [VERSION, {"op": "add", "path": "/spec/paused", "value": True}],
    ),
    "what a field stands in is made": (
        ("spec", "template", "labels", "a/b~c"),
        "x",
        [
            VERSION,
            {"op": "add", "path": "/spec/template", "value": {}},
            {"op": "add", "path": "/spec/template/labels", "value": {}},
            {"op": "add", "path": "/spec/template/labels/a~1b~0c", "value": "x"},
        ],
    ),
    "a field is tested and removed": (
        ("spec", "replicas"),
        None,
        [
            {"op": "test", "path": "/spec/replicas", "value": 0},
            {"op": "remove", "path": "/spec/replicas"},
        ],
    ),
    "nothing is removed from nothing": (("spec", "template", "labels", "a"), None, []),
    "nor what is not there": (("spec", "paused"), None, []),
}


@pytest.mark.parametrize(("path", "value", "operations"), CASES.values(), ids=CASES)
def test_a_patch_holds_what_was_read(
    path: Path, value: Any, operations: list[dict[str, Any]]
) -> None:
    patch = JsonPatch(document(replicas=0))
    patch.put(path, value)
    assert patch.operations == [UID, *operations]


def test_two_fields_of_one_new_map_make_it_once() -> None:
    patch = JsonPatch(document())
    patch.put(("metadata", "annotations", "a"), "1")
    patch.put(("metadata", "annotations", "b"), "2")
    assert [it["path"] for it in patch.operations] == [
        "/metadata/uid",
        "/metadata/resourceVersion",
        "/metadata/annotations",
        "/metadata/annotations/a",
        "/metadata/annotations/b",
    ]


def test_a_pinned_patch_tests_the_version_once() -> None:
    patch = JsonPatch(document())
    patch.pin()
    patch.put(("spec", "paused"), True)
    assert [it["op"] for it in patch.operations] == ["test", "test", "add"]


def test_a_pointer_escapes_what_separates() -> None:
    assert pointer(("metadata", "labels", "kingtide.dev/a~b")) == (
        "/metadata/labels/kingtide.dev~1a~0b"
    )
