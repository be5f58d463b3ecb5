import pytest

from kingtide.rehearsal.record import Figure, Unit
from kingtide.report.figures import grouped, short_duration, short_text, value_text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "seconds", "–"),
        (12.0, "pods", "12 pods"),
        (1.0, "nodes", "1 node"),
        (1234.0, "nodes", "1,234 nodes"),
        (2.5, "nodes", "2.5 nodes"),
        (163.27, "cores", "163.3 cores"),
        (1234.5, "core_seconds", "1,234 core-s"),
        (31.4, "percent", "31.4 %"),
        (0.0, "percent", "0.0 %"),
        (0.003, "percent", "0.003 %"),
        (0.0003, "percent", "<0.001 %"),
        (1031.2, "usd", "1,031.20 USD"),
        (15.1, "usd_per_hour", "15.10 USD/h"),
        (9.0, "count", "9"),
        (214.0, "seconds", "3 min 34 s"),
    ],
    ids=str,
)
def test_a_value_carries_its_unit(value: float | None, unit: Unit, text: str) -> None:
    assert value_text(value, unit) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "pods", "–"),
        (1234.0, "pods", "1,234"),
        (1234.5, "core_seconds", "1,234"),
        (31.42, "percent", "31.4%"),
        (29.7, "usd", "29.70"),
        (15.1, "usd_per_hour", "15.10 USD/h"),
        (163.27, "cores", "163.3 cores"),
        (214.0, "seconds", "3m34s"),
    ],
    ids=str,
)
def test_a_short_value_leaves_out_what_its_column_counts(
    value: float | None, unit: Unit, text: str
) -> None:
    assert short_text(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (41.52, "41.5s"),
        (119.9, "119.9s"),
        (120, "2m"),
        (148.6, "2m29s"),
        (3599.6, "1h00m"),
        (5100, "1h25m"),
    ],
    ids=str,
)
def test_a_short_duration_is_as_users_write_it(seconds: float, text: str) -> None:
    assert short_duration(seconds) == text


def test_known_groups_come_first_and_unknown_ones_are_kept() -> None:
    figures = {
        "weather.rain": Figure(1.0, "count", "Rain"),
        "cost.total_usd": Figure(2.0, "usd", "Total"),
        "unavailable.high.max_pods": Figure(3.0, "pods", "Most"),
    }
    assert [(title, list(group)) for title, group in grouped(figures).items()] == [
        ("Unavailable pods", ["unavailable.high.max_pods"]),
        ("Cost", ["cost.total_usd"]),
        ("Weather", ["weather.rain"]),
    ]
