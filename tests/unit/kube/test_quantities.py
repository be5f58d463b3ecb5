from decimal import Decimal

import pytest

from kingtide.kube.quantities import (
    QuantityError,
    format_bytes,
    format_cpu,
    parse_bytes,
    parse_cpu_millicores,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("2", "2", id="plain"),
        pytest.param("1.5", "1.5", id="fraction"),
        pytest.param(".5", "0.5", id="fraction without a zero"),
        pytest.param("3.", "3", id="point without a fraction"),
        pytest.param("+4", "4", id="plus sign"),
        pytest.param("-4", "-4", id="minus sign"),
        pytest.param("500m", "0.5", id="milli"),
        pytest.param("250u", "0.00025", id="micro"),
        pytest.param("7n", "0.000000007", id="nano"),
        pytest.param("2k", "2000", id="kilo"),
        pytest.param("2Ki", "2048", id="kibi"),
        pytest.param("1.5Gi", "1610612736", id="fraction of a gibi"),
        pytest.param("1E", "1000000000000000000", id="exa"),
        pytest.param("1E3", "1000", id="exponent with a capital E"),
        pytest.param("1e3", "1000", id="exponent"),
        pytest.param("5e-1", "0.5", id="negative exponent"),
        pytest.param("7Ei", str(7 * 1024**6), id="seven exbi"),
    ],
)
def test_a_quantity_has_its_exact_value(text: str, value: str) -> None:
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1\n", "ten", "1K", "1ki", "1mi", "1.5.1", "--1", ".", "m", "1e", "0x1", "१"],
)
def test_what_is_no_quantity_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(QuantityError, match="write for example"):
        parse_quantity(text)


def test_what_is_finer_than_a_billionth_is_rounded_up() -> None:
    assert parse_quantity("0.1n") == Decimal("0.000000001")
    assert parse_quantity("-0.1n") == Decimal("-0.000000001")
    assert parse_quantity("1.0000000001") == Decimal("1.000000001")


def test_what_is_larger_than_kubernetes_can_hold_is_cut() -> None:
    largest = Decimal(2**63 - 1)
    assert parse_quantity("9223372036854775807") == largest
    assert parse_quantity("9223372036854775808") == largest
    assert parse_quantity("1e999") == largest
    assert parse_quantity("-8Ei") == -largest


def test_many_digits_are_not_rounded_to_decimals_default_precision() -> None:
    assert parse_quantity("1234567890123456789.000000001") == Decimal(
        "1234567890123456789.000000001"
    )


@pytest.mark.parametrize(
    ("text", "millicores"),
    [("1", 1000), ("100m", 100), ("1.0001", 1001), ("1u", 1), ("0", 0), ("0.0004", 1)],
)
def test_cpu_is_rounded_up_to_a_millicore(text: str, millicores: int) -> None:
    assert parse_cpu_millicores(text) == millicores


@pytest.mark.parametrize(
    ("text", "size"), [("1Ki", 1024), ("1500m", 2), ("1e3", 1000), ("0.1", 1), ("128Mi", 1 << 27)]
)
def test_memory_is_rounded_up_to_a_byte(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize(
    ("millicores", "text"), [(0, "0"), (16_000, "16"), (1_500, "1500m"), (1, "1m")]
)
def test_cpu_is_printed_as_kubernetes_prints_it(millicores: int, text: str) -> None:
    assert format_cpu(millicores) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0"), (32 << 30, "32Gi"), (1500 << 20, "1500Mi"), (1, "1"), (1 << 50, "1024Ti")],
)
def test_bytes_are_printed_with_the_largest_suffix_that_divides_them(size: int, text: str) -> None:
    assert format_bytes(size) == text
