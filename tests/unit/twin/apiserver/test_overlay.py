"""What the twin does not model of a written object is kept, and never contradicts the model."""

from __future__ import annotations

from typing import Any

import pytest

from kingtide.twin.apiserver.overlay import merged, unmodelled

CONTAINER = {"name": "a", "image": "a:1", "resources": {"requests": {"cpu": "1"}}}


@pytest.mark.parametrize(
    ("written", "known", "later", "expected"),
    [
        pytest.param({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, id="the model knows it all"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}, id="two words: the model's counts"),
        pytest.param({"a": 1, "b": 2}, {"a": 1}, {"a": 5}, {"a": 5, "b": 2}, id="a field"),
        pytest.param({"b": {"c": 1}}, {"b": {}}, {}, {"b": {"c": 1}}, id="below what is gone"),
        pytest.param(
            {"l": [CONTAINER | {"env": [1]}]},
            {"l": [CONTAINER]},
            {"l": [CONTAINER | {"image": "a:2"}]},
            {"l": [CONTAINER | {"image": "a:2", "env": [1]}]},
            id="of an element",
        ),
        pytest.param(
            {"l": [{"type": "A", "x": 1}, {"type": "B"}]},
            {"l": [{"type": "A"}]},
            {"l": [{"type": "C"}]},
            {"l": [{"type": "C"}, {"type": "B"}]},
            id="an element that the model leaves out; one that went is gone",
        ),
        pytest.param(
            {"s": {"dnsPolicy": "Default", "schedulerName": "default-scheduler"}},
            {"s": {"dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}},
            {"s": {"dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}},
            {"s": {"dnsPolicy": "Default", "schedulerName": "default-scheduler"}},
            id="instead of a default",
        ),
        pytest.param({"l": [1, 2]}, {"l": [1]}, {"l": [3]}, {"l": [3]}, id="plain lists"),
        pytest.param({}, {}, {"a": 1}, {"a": 1}, id="nothing"),
    ],
)
def test_a_later_value_keeps_what_only_the_writer_knew(
    written: Any, known: Any, later: Any, expected: Any
) -> None:
    assert merged(later, unmodelled(written, known)) == expected
