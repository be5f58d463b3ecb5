from __future__ import annotations

import pytest

from kingtide.controllers.ingress.directive import Directive, NotWritable, literal, quoted


@pytest.mark.parametrize(
    ("word", "written"),
    [
        pytest.param("roundrobin", "roundrobin", id="bare"),
        pytest.param("", "''", id="empty"),
        pytest.param("a b", "'a b'", id="space"),
        pytest.param("a#b", "'a#b'", id="comment"),
        pytest.param('a"$b\\', "'a\"$b\\'", id="what only double quotes give a meaning"),
        pytest.param("it's", '"it\'s"', id="a single quote"),
        pytest.param("'$HOME\\\"", '"\'\\$HOME\\\\\\""', id="everything at once"),
        pytest.param("é", "'é'", id="not ASCII"),
    ],
)
def test_how_a_word_is_written(word: str, written: str) -> None:
    assert quoted(word) == written


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "\x00", "\x7f", "a\u2028b", "\u202e", "x" * 8193])
def test_what_no_quotes_can_hold_is_refused(word: str) -> None:
    with pytest.raises(NotWritable):
        Directive(1, ("http-request", word))


def test_a_line_has_a_bound() -> None:
    with pytest.raises(NotWritable, match="65 words"):
        Directive(1, ("x",) * 65)


def test_a_text_stands_for_itself_where_a_log_format_is_taken() -> None:
    assert literal("100%[env(SECRET)]") == "100%%[env(SECRET)]"
