from __future__ import annotations

import json

import pytest

from kingtide.operate.kops_validation import MAX_TOLD, failures_told

ILL = {"failures": [{"type": "Node", "name": "a", "message": "is not ready"}], "nodes": []}
WELL: dict[str, object] = {"nodes": []}


@pytest.mark.parametrize(
    ("looks", "told"),
    [
        pytest.param([ILL], ("Node a is not ready",), id="one look"),
        pytest.param([ILL, WELL], (), id="the last look counts"),
        pytest.param([WELL, ILL], ("Node a is not ready",), id="ill again"),
        pytest.param([], (), id="nothing said"),
    ],
)
def test_the_last_look_is_told(looks: list[object], told: tuple[str, ...]) -> None:
    assert failures_told("".join(json.dumps(it) for it in looks).encode()) == told


def test_words_between_looks_do_not_matter() -> None:
    text = f"Validating {{cluster}}\n{json.dumps(ILL)}\nW0101 {{will retry}}"
    assert failures_told(text.encode()) == ("Node a is not ready",)


def test_many_failures_are_counted() -> None:
    many = {"failures": [{"type": "Pod", "name": str(n)} for n in range(MAX_TOLD + 5)]}
    told = failures_told(json.dumps(many).encode())
    assert told[-1] == "... and 5 more"
    assert len(told) == MAX_TOLD + 1
