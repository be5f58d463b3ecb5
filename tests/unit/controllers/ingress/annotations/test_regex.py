from __future__ import annotations

import re

import pytest

from kingtide.controllers.ingress.annotations.reading import Unreadable
from kingtide.controllers.ingress.annotations.regex import groups_of, is_costly


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("(.*)", 1),
        (r"([^?]*)(\?(.*))?", 3),
        ("/foo/(.*)", 1),
        (r"^https://(.+\.)?(example-1\.com|example-2\.com)(:\d{1,5})?$", 3),
        (r"/v[0-9]+/(?:users|items)/([a-z-]{2,})", 1),
        ("/a|/b", 0),
        ("[^a.-]x", 0),
        (r"[\w.-]+?", 0),
        (r"[\w-]", 0),
        (r"[\-a-z]", 0),
        ("", 0),
    ],
)
def test_expressions_that_everybody_writes_are_taken(text: str, groups: int) -> None:
    assert groups_of(text) == groups == re.compile(text).groups


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(", id="not closed"),
        pytest.param("a)", id="not opened"),
        pytest.param("[a", id="set not closed"),
        pytest.param("[[:alpha:]]", id="named set"),
        pytest.param("[z-a]", id="range backwards"),
        pytest.param(r"[\d-x]", id="range from a class"),
        pytest.param(r"[\~-a]", id="range backwards from an escaped character"),
        pytest.param("*a", id="nothing to repeat"),
        pytest.param("^*", id="an anchor repeats"),
        pytest.param("a**", id="possessive or twice"),
        pytest.param("a++", id="possessive"),
        pytest.param("(a+)+$", id="repeats within repeats"),
        pytest.param("((a*)b){2}", id="counted repeats of repeats"),
        pytest.param("(?=a)", id="look-ahead"),
        pytest.param("(?R)", id="recursion"),
        pytest.param("(?i)a", id="an option"),
        pytest.param(r"(a)\1", id="back reference"),
        pytest.param("a\\", id="ends with a backslash"),
        pytest.param(r"\p{L}", id="property"),
        pytest.param(r"\Qa", id="quotation"),
        pytest.param("a{101}", id="count too high"),
        pytest.param("a{2,1}", id="count backwards"),
        pytest.param("a{,2}", id="count that PCRE reads otherwise"),
        pytest.param("{", id="a brace alone"),
        pytest.param(".*.*.*.*.*", id="too many"),
        pytest.param("()" * 10, id="too many groups"),
        pytest.param("é", id="not ASCII"),
        pytest.param("a" * 513, id="too long"),
        pytest.param("a\nb", id="two lines"),
    ],
)
def test_expressions_that_are_wrong_or_could_take_for_ever_are_told(text: str) -> None:
    with pytest.raises(Unreadable) as told:
        groups_of(text)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(.*)", False),
        ("/foo/(.*)", False),
        ("/foo(/|$)(.*)", False),
        (r"/v[0-9]/(.*)", False),
        ("a{1,100}", False),
        (".*a.*", True),
        (r"/v[0-9]+/(.*)", True),
        (".{0,100}.{0,100}", True),
        ("(a?b?){2,9}(.*)", True),
        ("a?" * 11, True),
    ],
)
def test_what_varies_twice_can_take_long(text: str, *, expected: bool) -> None:
    assert is_costly(text) is expected
