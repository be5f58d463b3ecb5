from __future__ import annotations

import pytest

from kingtide.migration.template_text import Action, actions, place_in


def found(text: str) -> list[Action]:
    return list(actions(text, "t"))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("{{ .a.b }}", [".a", ".b"]),
        ("{{ $x := index .a 0 }}", ["$x", ":=", "index", ".a", "0"]),
        ("{{- . -}}", ["."]),
        ("{{-3}}", ["-3"]),
        ("{{ -3 }}", ["-3"]),
        ('{{ "}}" | `{{` }}', ['"}}"', "|", "`{{`"]),
        ("{{ '}' }}", ["'}'"]),
        (r'{{ "a\"}}" }}', [r'"a\"}}"']),
        ("{{ `a\nb` }}", ["`a\nb`"]),
        ("{{ (f 1.5e+3 0x1F).é }}", ["(", "f", "1.5e+3", "0x1F", ")", ".é"]),
        ("{{ range $i, $e := . }}", ["range", "$i", ",", "$e", ":=", "."]),
        ("{{/* x }} */}}", []),
        ("{{- /* x */ -}}", []),
        ("{{ f\n  1 }}", ["f", "1"]),
    ],
)
def test_an_action_has_its_tokens(text: str, tokens: list[str]) -> None:
    (action,) = found(f"a{text}b")
    assert [token.text for token in action.tokens] == tokens
    assert (action.start, action.end) == (1, 1 + len(text))
    assert [f"a{text}b"[it.start : it.end] for it in action.tokens] == tokens


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("{{ . }}", False, False),
        ("{{- . }}", True, False),
        ("{{ . -}}", False, True),
        ("{{-3}}", False, False),
        ("{{- /* */}}", True, False),
        ("{{/* */ -}}", False, True),
    ],
)
def test_an_action_tells_which_white_space_it_takes(text: str, left: bool, right: bool) -> None:
    (action,) = found(text)
    assert (action.trims_left, action.trims_right) == (left, right)


def test_places_count_lines_and_characters_from_one() -> None:
    assert place_in("é\nab", 3, "f").line == 2
    assert place_in("é\nab", 3, "f").column == 2
    assert place_in("ab", 99, "f").column == 3
