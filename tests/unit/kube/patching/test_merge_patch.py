"""The test cases of RFC 7386's appendix A."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.kube.patching.merge_patch import merge_patched


@pytest.mark.parametrize(
    ("document", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_standard_says(
    document: Any, patch: Any, expected: Any
) -> None:
    assert merge_patched(document, patch) == expected


def test_neither_the_document_nor_the_patch_is_changed() -> None:
    document: dict[str, Any] = {"a": {"b": 1}}
    patch: dict[str, Any] = {"a": {"c": [1]}}

    result = merge_patched(document, patch)
    result["a"]["c"].append(2)

    assert document == {"a": {"b": 1}}
    assert patch == {"a": {"c": [1]}}
