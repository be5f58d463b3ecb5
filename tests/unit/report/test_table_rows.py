from __future__ import annotations

import pytest

from kingtide.rehearsal.record import Figure
from kingtide.report.table_matrices import filled
from kingtide.report.table_rows import NAMES_MAX, ROWS_MAX, MatrixTable, listed, matrix_table


def waits(**seconds: float | None) -> dict[str, Figure]:
    return {
        f"pending.{name}.max_seconds": Figure(value, "seconds", "")
        for name, value in seconds.items()
    }


def table_of(figures: dict[str, Figure], *unmet: str) -> MatrixTable:
    (matrix,) = filled(figures)
    return matrix_table(matrix, figures, frozenset(unmet))


def cells(table: MatrixTable) -> dict[str, list[str]]:
    return {row.label: [cell.plain for cell in row.cells] for row in table.grid.rows}


def test_all_rows_that_share_the_worst_value_are_marked() -> None:
    # 30.02 and 30.04 read the same, so neither may look better.
    table = table_of(waits(high=30.02, default=2.0, low=30.04))
    assert cells(table) == {"high": ["▲30.0s"], "default": ["2s"], "low": ["▲30.0s"]}


def test_a_row_alone_is_not_the_worst() -> None:
    assert cells(table_of(waits(high=30.0, low=0.0))) == {"high": ["30s"]}


def test_levels_do_not_keep_a_row_but_stand_in_it() -> None:
    figures = {
        "hpa.web.max_replicas": Figure(6.0, "pods", ""),
        "hpa.web.rescales": Figure(1.0, "count", ""),
        "hpa.idle.max_replicas": Figure(6.0, "pods", ""),
        "hpa.idle.rescales": Figure(0.0, "count", ""),
    }
    table = table_of(figures)
    assert cells(table) == {"web": ["6", "1"]}
    assert table.quiet == ("idle",)


def test_a_row_with_nothing_but_levels_is_shown() -> None:
    table = table_of({"hpa.web.max_replicas": Figure(6.0, "pods", "")})
    assert cells(table) == {"web": ["6"]}


def test_never_is_a_dash_and_what_a_row_lacks_is_blank() -> None:
    figures = waits(high=1.0, low=None) | {"unavailable.low.max_pods": Figure(2.0, "pods", "")}
    assert cells(table_of(figures)) == {"high": ["", "▲1s"], "low": ["▲2", "–"]}


def test_of_very_many_rows_the_worst_stay_in_their_order() -> None:
    figures = waits(**{f"class{number}": float(number) for number in range(1, ROWS_MAX + 4)})
    table = table_of(figures, "pending.class1.max_seconds")
    labels = [row.label for row in table.grid.rows]
    assert labels == ["class1", *(f"class{number}" for number in range(5, ROWS_MAX + 4))]
    assert table.less_hit == ("class2", "class3", "class4")


def test_unused_cpu_makes_no_row_one_of_the_worst() -> None:
    figures: dict[str, Figure] = {}
    for number in range(1, ROWS_MAX + 2):
        wasted = 100.0 - number
        figures[f"cpu.reserved_not_used.a{number}.mean_percent"] = Figure(wasted, "percent", "")
        figures[f"ready.a{number}.max_seconds"] = Figure(float(number), "seconds", "")
    assert table_of(figures).less_hit == ("a1",)


def test_spot_is_not_worse_than_on_demand() -> None:
    figures = {
        "cost.spot_usd": Figure(9.0, "usd", ""),
        "cost.on_demand_usd": Figure(3.0, "usd", ""),
    }
    assert cells(table_of(figures)) == {"spot": ["9.00"], "on_demand": ["3.00"]}


@pytest.mark.parametrize("count", [NAMES_MAX, NAMES_MAX + 7])
def test_a_line_of_names_has_an_end(count: int) -> None:
    text = listed([f"n{number}" for number in range(count)])
    assert text.endswith(f"n{NAMES_MAX - 1}" + (" and 7 more" if count > NAMES_MAX else ""))
