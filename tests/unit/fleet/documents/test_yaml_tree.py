from __future__ import annotations

from decimal import Decimal

import pytest

from kingtide.fleet.documents.mistakes import Mistakes
from kingtide.fleet.documents.tree import Place, place_of, plain
from kingtide.fleet.documents.yaml_tree import MAX_BYTES, MAX_DEPTH, parse_yaml


def test_every_value_and_key_knows_its_place() -> None:
    tree = parse_yaml(b"a:\n  b: [1, 2]\n", "f.yaml")
    assert place_of(tree, ("a", "b", 1)) == Place("f.yaml", 2, 10)
    assert place_of(tree, ("a", "b"), key=True) == Place("f.yaml", 2, 3)


def test_a_path_that_leads_nowhere_is_placed_at_what_stands_above_it() -> None:
    tree = parse_yaml(b"a:\n  b: 1\n", "f.yaml")
    assert place_of(tree, ("a", "c", "d")) == Place("f.yaml", 2, 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("20:52", "20:52", id="a time is text, not a number to base sixty"),
        pytest.param("on", "on", id="on is text"),
        pytest.param("no", "no", id="no is text"),
        pytest.param("2020-10-07", "2020-10-07", id="a date is text"),
        pytest.param("true", True, id="true"),
        pytest.param("~", None, id="null"),
        pytest.param("''", "", id="empty text in quotes"),
        pytest.param("12", 12, id="integer"),
        pytest.param("'12'", "12", id="quoted digits stay text"),
        pytest.param("0.1", Decimal("0.1"), id="fractions stay exact"),
        pytest.param("1e3", Decimal(1000), id="exponent"),
        pytest.param("0x1f", 31, id="hexadecimal"),
        pytest.param(".inf", ".inf", id="infinity is text"),
        pytest.param("4x", "4x", id="a size is text"),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: object) -> None:
    assert plain(parse_yaml(f"a: {text}".encode(), "f")) == {"a": value}


def test_keys_are_taken_as_written() -> None:
    assert plain(parse_yaml(b"on: 1\n20:52: 2\n3: 4\n", "f")) == {"on": 1, "20:52": 2, "3": 4}


def test_an_alias_stands_for_its_anchor() -> None:
    assert plain(parse_yaml(b"a: &x {b: 1}\nc: *x\n", "f")) == {"a": {"b": 1}, "c": {"b": 1}}


def test_all_duplicate_keys_are_told_with_their_path() -> None:
    with pytest.raises(Mistakes) as caught:
        parse_yaml(b"a: {b: 1, b: 2}\nc: 1\nc: 2\n", "f.yaml")
    assert [str(m) for m in caught.value.all] == [
        "f.yaml:1:11: a.b: is written twice, first in line 1; keep one of them",
        "f.yaml:3:1: c: is written twice, first in line 2; keep one of them",
    ]


def _bomb() -> bytes:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for previous, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{previous}'] * 10)}]")
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        pytest.param(b"a: [", "is not valid YAML", id="bracket left open"),
        pytest.param(b"\ta: 1", "is not valid YAML", id="tab"),
        pytest.param(b"a: \xff", "is not valid YAML", id="no UTF-8"),
        pytest.param(b"a: \x00", "is not valid YAML", id="control character"),
        pytest.param(b"a: 1\n---\nb: 2", "a second document", id="two documents"),
        pytest.param(b"a: !!python/object:os.system x", "the tag", id="tag"),
        pytest.param(b"a: &a [*a]", "alias", id="alias of itself"),
        pytest.param(b"a: *b", "alias", id="alias of nothing"),
        pytest.param(b"? [a]\n: b", "a key is a map or a list", id="list as key"),
        pytest.param(b"a: {<<: {b: 1}}", "merge keys", id="merge key"),
        pytest.param(b"[" * (MAX_DEPTH + 1), "nested deeper", id="too deep"),
        pytest.param(b"[" * 100_000, "nested deeper", id="deep enough to exhaust a stack"),
        pytest.param(_bomb(), "once its aliases are followed", id="alias bomb"),
        pytest.param(b"a" * (MAX_BYTES + 1), "bytes long", id="too large"),
    ],
)
def test_what_fleet_files_may_not_hold_is_refused(text: bytes, wrong: str) -> None:
    with pytest.raises(Mistakes, match=wrong):
        parse_yaml(text, "f.yaml")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param(b"a: 1\nb: \x00\n", "f:2:4:", id="NUL"),
        pytest.param("a: é\nbé: ".encode() + b"\x80", "f:2:5:", id="characters, not bytes"),
        pytest.param(b"\xff\xff", "f:1:1:", id="the first byte"),
    ],
)
def test_bytes_that_are_no_text_are_placed(text: bytes, place: str) -> None:
    with pytest.raises(Mistakes) as caught:
        parse_yaml(text, "f")
    (mistake,) = caught.value.all
    assert str(mistake).startswith(f"{place} is not valid YAML: ")
    assert mistake.instead == "write UTF-8 text without control characters"


def test_an_empty_file_is_an_empty_map() -> None:
    assert plain(parse_yaml(b"# nothing\n", "f")) == {}


def test_lines_before_a_text_count_for_every_place() -> None:
    assert parse_yaml(b"a: 1\n", "f.yaml", lines_before=7).place == Place("f.yaml", 8, 1)
    for text, line in ((b"a: [\n", 9), (b"a: 1\nb: \xff\n", 9), (b"a: !x 1\n", 8)):
        with pytest.raises(Mistakes, match=f"^f.yaml:{line}:"):
            parse_yaml(text, "f.yaml", lines_before=7)


def test_a_reader_of_larger_files_says_how_large_they_may_be() -> None:
    text = b"- a\n" * 400_000
    parse_yaml(text, "f.yaml", max_bytes=2_000_000)
    with pytest.raises(Mistakes, match="more than the 1,500,000 allowed"):
        parse_yaml(text, "f.yaml", max_bytes=1_500_000)


@pytest.mark.parametrize("text", [b"a: 1\n&a *a", b"a: 1\n\n- b\n:", b"a: {\n"], ids=repr)
def test_what_the_parser_misses_at_the_end_is_told_within_the_file(text: bytes) -> None:
    with pytest.raises(Mistakes) as caught:
        parse_yaml(text, "f.yaml")
    (mistake,) = caught.value.all
    assert 1 <= mistake.place.line <= text.count(b"\n") + 1
