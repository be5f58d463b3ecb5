from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kingtide.kube.quantities import (
    format_bytes,
    format_cpu,
    parse_bytes,
    parse_cpu_millicores,
    parse_quantity,
)

# Node and pod amounts; the parser itself goes to 2^63-1 of the base unit.
AMOUNTS = st.integers(min_value=0, max_value=2**50)


@given(AMOUNTS)
def test_printed_cpu_is_read_back(millicores: int) -> None:
    assert parse_cpu_millicores(format_cpu(millicores)) == millicores


@given(AMOUNTS)
def test_printed_bytes_are_read_back(size: int) -> None:
    assert parse_bytes(format_bytes(size)) == size


@given(st.integers(0, 2**40), st.integers(1, 60))
def test_bytes_with_a_binary_suffix_are_read_back(number: int, shift: int) -> None:
    size = number << shift
    if size < 2**63:
        assert parse_bytes(format_bytes(size)) == size


@given(st.integers(-(10**18), 10**18), st.integers(0, 9))
def test_every_decimal_down_to_a_billionth_is_exact(number: int, places: int) -> None:
    value = Decimal(number).scaleb(-places)
    assert parse_quantity(f"{value:f}") == value


@given(st.integers(0, 10**24), st.integers(0, 24))
def test_rounding_never_loses_and_adds_less_than_one_unit(number: int, places: int) -> None:
    exact = Decimal(number).scaleb(-places)
    if exact < 2**62:
        text = f"{exact:f}"
        assert 0 <= parse_bytes(text) - exact < 1
        assert 0 <= parse_cpu_millicores(text) - exact * 1000 < 1
