from __future__ import annotations

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.migration.kops_dialect import Source
from kingtide.migration.values import Values, read_values


def read(*texts: str, settings: tuple[str, ...] = (), texts_set: tuple[str, ...] = ()) -> Values:
    files = [Source("", f"v{at}.yaml", text) for at, text in enumerate(texts, start=1)]
    return read_values(files, settings, texts_set)


def test_maps_merge_and_everything_else_is_replaced() -> None:
    lower = "g: {foo: {ami: a, type: b}, l: [1, 2]}\nm: {x: 1}\n"
    upper = "g: {foo: {type: c}, l: [3]}\nm: ~\n"
    assert read(lower, upper) == {"g": {"foo": {"ami": "a", "type": "c"}, "l": [3.0]}, "m": None}


def test_a_map_replaces_what_is_none() -> None:
    assert read("a: 1", "a: {b: x}") == {"a": {"b": "x"}}


def test_what_is_set_comes_last_and_text_after_typed() -> None:
    found = read("a: 1\nb: 1\n", settings=("a=2,b=2,c=2",), texts_set=("b=3",))
    assert found == {"a": 2, "b": "3", "c": 2}


def test_files_are_read_as_yaml_1_1() -> None:
    assert read("a: on\nb: 010\nc: 20:52\n1: y\nd: 2020-01-01\n") == {
        "1": True,
        "a": True,
        "b": 8.0,
        "c": "20:52",
        "d": "2020-01-01",
    }


def test_merge_keys_and_aliases_are_followed() -> None:
    assert read("a: &x {b: 1}\nc: {<<: *x, d: *x}\n")["c"] == {"b": 1.0, "d": {"b": 1.0}}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: [\n", "v1.yaml:3:1: is not valid YAML: did not find expected node content"),
        ("a:\n\t b: 1\n", "v1.yaml:2:1: is not valid YAML: found character that cannot start"),
        ("- a\n", "v1.yaml:1:1: is not a map; write `name: value`, one a line"),
        ("a: b: c\n", "v1.yaml:1:5: is not valid YAML: mapping values are not allowed"),
        ("a: \0\n", "v1.yaml:1:4: is not valid YAML: control characters"),
        ("a: *b\n", "v1.yaml:1:4: is not valid YAML: unknown anchor 'b' referenced"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Mistakes) as caught:
        read(text)
    assert str(caught.value).startswith(told)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Mistakes) as caught:
        read("- a", "a: [", settings=("a[x]=1",), texts_set=("b",))
    assert [str(it).partition(": ")[0] for it in caught.value.all] == [
        "--set a[x]=1",
        "--set-string b",
        "v1.yaml:1:1",
        "v2.yaml:1:1",
    ]
