from __future__ import annotations

import helm_python
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kingtide.migration.go_literals import MutableValue
from kingtide.migration.set_expressions import SetError, set_into


def made(expression: str, *, as_text: bool = False) -> dict[str, MutableValue]:
    values: dict[str, MutableValue] = {}
    set_into(values, expression, as_text=as_text)
    return values


def by_helm(expression: str, *, as_text: bool = False) -> dict[str, object] | None:
    """Return what Helm's own parser makes of it; None where it refuses."""
    parse = helm_python.parse_set_string_values if as_text else helm_python.parse_set_string
    try:
        found: dict[str, object] = parse(expression)
    except helm_python.HelmError:
        return None
    return found


CASES = (
    "a=1", "a=b", "a=true", "a=false", "a=null", "a=0", "a=01", "a=-3", "a=+3", "a=1.5", "a=1e3",
    "a=", "a", "a,", "a,b=1", "=1", "", "a=1,b=2", "a=1,", "a.b=1", "a.b=1,a.c=2", "a.=1", "a.b",
    "a.b.c.d=x", ".a=1", "a={1,b,true}", "a={}", "a={", "a={1,2", "a={1,,2}", "a={1},b=2",
    "a={1}b=2", "a={ 1 , 2 }", "a[0]=1", "a[2]=1", "a[0].b=1,a[0].c=2", "a[0]=1,a[0]=2", "a[1]=x",
    "a[0][1]=1", "a[0]={1,2}", "a[x]=1", "a[-1]=1", "a[0]b=1", "a[0].b", "a[]=1",
    r"a\.b=1", r"a=b\,c", r"a\[0]=1", r"a\=b=1", "a=b=c", "a=[1]", "a= b ", "a=9223372036854775807",
    "a=9223372036854775808", "a=1,a.b=2", "a.b=1,a=2", "a=1,a[0]=2", "a=x{1,2}", "a=\\", "a=TrUe",
    "a[70000]=1", "a=null,a.b=1", "a[0]=1,a[0].b=2", "a[0]=1,a[0][0]=2", "a[0].b=1,a[0][1]=2",
)  # fmt: skip


@pytest.mark.parametrize("expression", CASES)
@pytest.mark.parametrize("as_text", [False, True], ids=["set", "set-string"])
def test_an_expression_means_what_it_means_to_helm(expression: str, as_text: bool) -> None:
    theirs = by_helm(expression, as_text=as_text)
    if theirs is None:
        with pytest.raises(SetError):
            made(expression, as_text=as_text)
    else:
        assert made(expression, as_text=as_text) == theirs


@pytest.mark.parametrize("expression", ["a[0]", "a[0", "[", "a.", "a[0].", "b=1,a[", "a[0]["])
def test_what_helm_ignores_in_silence_is_refused(expression: str) -> None:
    assert by_helm(expression) is not None
    with pytest.raises(SetError, match="; write "):
        made(expression)


@given(st.text(alphabet="ab01.,={}[]\\-nt é", max_size=14))
def test_any_text_means_what_it_means_to_helm_or_is_refused(expression: str) -> None:
    theirs = by_helm(expression)
    try:
        ours = made(expression)
    except SetError as error:
        assert "; " in str(error)  # noqa: PT017 (both ways are right, each with its own claim)
    else:
        assert ours == theirs


def test_values_that_are_there_stay_where_nothing_is_set() -> None:
    values: dict[str, MutableValue] = {"l": ["1", "2", {"x": 1.0}], "m": {"a": 1.0, "b": None}}
    set_into(values, "l[1]=false,l[3]=4,l[2].y=q,m.a=2,m.c=3", as_text=False)
    assert values == {
        "l": ["1", False, {"x": 1.0, "y": "q"}, 4],
        "m": {"a": 2, "b": None, "c": 3},
    }


def test_the_example_of_kops_documentation_gives_what_it_says() -> None:
    values = made("foo.myArray={1,2,3}", as_text=True)
    set_into(values, "version=1.0,foo.bar=baz", as_text=False)
    set_into(values, "foo.myArray[1]=false,foo.myArray[3]=4", as_text=False)
    assert values == {"version": "1.0", "foo": {"bar": "baz", "myArray": ["1", False, "3", 4]}}
