from __future__ import annotations

import pytest

from kingtide.fleet.documents.mistakes import Findings
from kingtide.fleet.documents.tree import plain
from kingtide.fleet.tool_values import read_tool_values


def read(text: str) -> tuple[object, list[str]]:
    findings = Findings()
    tree = read_tool_values(text.encode(), "values.yaml", findings)
    return plain(tree), [str(it) for it in findings.as_error().all]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: on", "values.yaml:1:4: Helm reads on as true; write true, or quote it"),
        ("a: [1, No]", "values.yaml:1:8: Helm reads No as false; write false, or quote it"),
        ("a:\n  mode: 0644", "values.yaml:2:9: Helm reads 0644 as octal, 420; write 420, or"),
        ("- 1", "values.yaml:1:1: holds no values; write `key: value`"),
        ("a: {y: 0, n: {on: y}}", "values.yaml:1:19: Helm reads y as true; write true, or quote"),
        ("a: [{b: 1}, [off]]", "values.yaml:1:14: Helm reads off as false; write false, or"),
        ("a: &x yes\nb: *x\nc: 1", "values.yaml:1:4: Helm reads yes as true; write true, or"),
        ("a: 1_000", "values.yaml:1:4: Helm reads 1_000 as 1000; write 1000, or quote it"),
    ],
    ids=["on", "no", "octal", "list", "below keys", "in lists", "anchor", "grouped"],
)
def test_a_value_that_helm_takes_for_something_else_is_refused(text: str, told: str) -> None:
    _, (mistake,) = read(text)
    assert mistake.startswith(told)


@pytest.mark.parametrize(
    "text",
    [
        "a: 'on'",
        'a: "0644"',
        "on: 1",
        "a: 0",
        "a: 08",
        "a: 20:52",
        "a: once",
        "a: {y: 0, n: [1], b: x}",
        "a: |\n  on",
    ],
    ids=repr,
)
def test_what_both_read_the_same_is_taken(text: str) -> None:
    _, mistakes = read(text)
    assert mistakes == []
