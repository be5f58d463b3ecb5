from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingtide.migration.go_literals import MAX_DEPTH, TooDeep, Value, go_literal
from kingtide.migration.go_templates import execute

VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(min_value=-(2**53), max_value=2**53),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
PRINT = '{{ define "m" }}{{ .it | toRawJson }}{{ end }}'


@given(VALUES)
def test_an_expression_has_the_value_it_was_made_of(value: Value) -> None:
    done = execute([PRINT], "", "m", go_literal({"it": value}), fail_on_missing=True)
    assert json.loads(done.text, parse_int=float) == value


@given(VALUES)
def test_what_an_execution_leaves_is_what_it_was_given(value: Value) -> None:
    given_once = execute([PRINT], "", "m", go_literal({"it": value}), fail_on_missing=True)
    given_twice = execute([PRINT], "", "m", given_once.values, fail_on_missing=True)
    assert given_twice == given_once


def test_whole_and_floating_numbers_stay_apart() -> None:
    kinds = '{{ define "m" }}{{ kindOf .a }} {{ kindOf .b }} {{ .a }} {{ .b }}{{ end }}'
    text = go_literal({"a": 1000000, "b": 1000000.0})
    done = execute([kinds], "", "m", text, fail_on_missing=True)
    assert done.text == "int64 float64 1000000 1e+06"
    again = execute([kinds], "", "m", done.values, fail_on_missing=True)
    assert again.text == done.text


def test_values_that_are_too_deep_are_refused() -> None:
    value: Value = "x"
    for _ in range(MAX_DEPTH):
        value = [value]
    assert go_literal(value).startswith("(list (list")
    with pytest.raises(TooDeep):
        go_literal([value])
