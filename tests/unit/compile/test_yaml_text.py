from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from kingtide.compile.yaml_text import yaml_stream, yaml_text
from kingtide.fleet.documents.tree import Plain, plain
from kingtide.fleet.documents.yaml_tree import parse_yaml

TEXTS = [
    "plain",
    "yes",
    "Off",
    "y",
    "null",
    "~",
    "",
    " spaced ",
    "1.35",
    "1.35.7",
    "10.0.0.0/16",
    "30m0s",
    "12e3",
    "0x1F",
    "0o17",
    "1_000",
    "20:52",
    "2026-03-23",
    "10%",
    "%10",
    "key: value",
    "key=value:Effect",
    "ends:",
    "arn:aws:iam::111111111111:role/platform",
    "a,b",
    ":begins",
    "# no comment",
    "a #b",
    "- item",
    "{{SessionName}}",
    "^spot-nodes-.*",
    "*alias",
    'quote " and \\',
    "tab\tand\x07bell",
    "two\nlines",
    "two\nlines\n",
    "two\nlines\n\n",
    " indented\nfirst",
    "\nbegins empty",
    "empty\n\nwithin",
    "trailing \nspace",
    "bell\x07\nlines",
    "line\u2028separator",
    "é ü 漢 🚀",
    "\ufeffmark",
    "=",
]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
@pytest.mark.parametrize("wrap", ["value", "key", "item"])
def test_a_text_reads_back_the_same_in_both_versions_of_yaml(text: str, wrap: str) -> None:
    wrapped: dict[str, Plain] = {"value": {"a": text}, "key": {text: 1}, "item": [[text]]}
    value = wrapped[wrap]
    written = yaml_text(value)
    assert yaml.safe_load(written) == value
    assert plain(parse_yaml(written.encode(), "x")) == value


def test_keys_stand_in_alphabetical_order_and_dashes_below_their_key() -> None:
    value: Plain = {"b": [{"z": 1, "x": [1, 2]}, [3]], "a": {"k": {}, "j": []}}
    assert yaml_text(value) == ("a:\n  j: []\n  k: {}\nb:\n- x:\n  - 1\n  - 2\n  z: 1\n- - 3\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (Decimal("0.50"), "0.50"),
        (Decimal("1E+3"), "1000"),
        ("true", '"true"'),
        ("arn:aws:iam::1:role/a", "arn:aws:iam::1:role/a"),
        ('{"a": 1}', "'{\"a\": 1}'"),
    ],
    ids=repr,
)
def test_a_scalar_keeps_its_kind(value: Plain, text: str) -> None:
    assert yaml_text({"a": value}) == f"a: {text}\n"


def test_a_stream_has_a_line_between_documents() -> None:
    assert yaml_stream([{"a": 1}, {"a": 2}]) == "a: 1\n---\na: 2\n"
