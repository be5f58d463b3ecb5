from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from kingtide.fleet import fields


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("90s", 90_000),
        ("5m0s", 300_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("1.5s", 1500),
        ("1m30s250ms", 90_250),
        (0, 0),
    ],
)
def test_durations_are_gos(text: object, milliseconds: int) -> None:
    assert fields.duration_ms(text) == milliseconds


@pytest.mark.parametrize(
    ("parse", "value", "wrong"),
    [
        pytest.param(fields.duration_ms, 30, "write for example 30s", id="a number has no unit"),
        pytest.param(fields.duration_ms, "5 min", "is not a duration", id="words"),
        pytest.param(fields.duration_ms, "-5m", "is negative", id="negative duration"),
        pytest.param(fields.duration_ms, True, "true is not a duration", id="a switch"),
        pytest.param(fields.duration_ms, "99999999h", "longer than ten years", id="too long"),
        pytest.param(fields.whole_seconds, "1500ms", "not in whole seconds", id="half a second"),
        pytest.param(fields.positive_duration_ms, "0s", "no time at all", id="no time"),
        pytest.param(fields.cpu_millicores, "1 core", "is not a quantity", id="cpu in words"),
        pytest.param(fields.cpu_millicores, -1, "is negative", id="negative cpu"),
        pytest.param(fields.cpu_millicores, "2000000", "more than any node", id="absurd cpu"),
        pytest.param(fields.cpu_millicores, True, "is not a quantity", id="a switch as cpu"),
        pytest.param(fields.memory_bytes, "4GB", "is not a quantity", id="4GB is none"),
        pytest.param(fields.memory_bytes, None, "nothing is not a quantity", id="nothing"),
        pytest.param(fields.count, "3", "'3' is not a whole number", id="digits in quotes"),
        pytest.param(fields.count, Decimal("1.5"), "is not a whole number", id="half a pod"),
        pytest.param(fields.count, True, "is not a whole number", id="a switch as a count"),
        pytest.param(fields.count, -3, "-3 is negative", id="negative count"),
        pytest.param(fields.positive_count, 0, "too few", id="none"),
        pytest.param(fields.percent, 70, "means 7,000 %; write 70% or 0.7", id="70 for 70 percent"),
        pytest.param(fields.percent, "1001%", "write a fraction", id="more than ten times"),
        pytest.param(fields.percent, Decimal("0.705"), "not in whole percent", id="70.5 percent"),
        pytest.param(fields.percent, 0, "not above 0", id="no share"),
        pytest.param(fields.percent, "0.7x", "is not a share", id="no number"),
        pytest.param(fields.factor, 0, "not above 0", id="times nothing"),
        pytest.param(fields.switch, "yes", "write true or false", id="yes is no switch"),
        pytest.param(fields.dns_label, "My App", "is not a name", id="a name with spaces"),
        pytest.param(fields.number_or_percentage, "ten", "neither", id="no percentage"),
        pytest.param(fields.name_or_list, 3, "neither a name nor a list", id="no list"),
    ],
)
def test_what_is_no_such_value_is_told_with_an_example(
    parse: Callable[[object], object], value: object, wrong: str
) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        parse(value)
    assert "; write" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "percent"), [(Decimal("0.7"), 70), ("70%", 70), (1, 100), (Decimal("1.5"), 150)]
)
def test_shares_are_fractions_or_percentages(value: object, percent: int) -> None:
    assert fields.percent(value) == percent


@pytest.mark.parametrize(
    ("value", "millicores"), [("500m", 500), (2, 2000), (Decimal("0.1"), 100), ("1.5", 1500)]
)
def test_cpu_is_exact(value: object, millicores: int) -> None:
    assert fields.cpu_millicores(value) == millicores


def test_factors_may_be_percentages() -> None:
    assert fields.factor("103%") == fields.factor(Decimal("1.03")) == Decimal("1.03")


@pytest.mark.parametrize(
    "url", ["s3://acme-kops-state", "s3://a/b", "memfs://clusters.example.com"]
)
def test_where_kops_keeps_its_state_is_a_place(url: str) -> None:
    assert fields.store_url(url) == url


@pytest.mark.parametrize(
    "text", ["nonsense", "", "s3://", "s3:///a", "S3://a", "s3://a b", "a s3://b"]
)
def test_what_is_no_place_for_kops_state_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no place; write for example s3://acme-kops-state"):
        fields.store_url(text)
