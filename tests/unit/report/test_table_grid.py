from __future__ import annotations

from rich.text import Text

from kingtide.report.table_grid import Grid, GridColumn, GridRow, layout, lines, wrapped

GRID = Grid(
    "Name",
    (
        GridColumn("p50", "ready", 2),
        GridColumn("max", "ready", 0),
        GridColumn("core-s", "unserved", 1),
    ),
    (
        GridRow("a", (Text("1s"), Text("2m05s"), Text("0"))),
        GridRow("bbbbbb", (Text("10.5s"), Text("9s"), Text("1,234"))),
    ),
)


def text_of(grid: Grid, width: int) -> list[str]:
    return [line.plain for line in lines(grid, layout(grid, width))]


def test_numbers_stand_to_the_right_below_heads_that_span() -> None:
    assert text_of(GRID, 40) == [
        "         ── ready ───   unserved",
        "Name       p50    max     core-s",
        "a           1s  2m05s          0",
        "bbbbbb   10.5s     9s      1,234",
    ]


def test_a_tight_grid_comes_before_a_column_is_left_out() -> None:
    assert text_of(GRID, 31) == [
        "        ── ready ──  unserved",
        "Name      p50   max    core-s",
        "a          1s 2m05s         0",
        "bbbbbb  10.5s    9s     1,234",
    ]


def test_the_column_that_yields_most_is_left_out_first() -> None:
    assert [layout(GRID, width).shown for width in (32, 28, 15, 3)] == [
        (0, 1, 2),
        (1, 2),
        (1,),
        (1,),
    ]


def test_a_long_label_goes_on_below_and_numbers_keep_their_place() -> None:
    label = "a" * 16 + "b" * 16 + "c"
    grid = Grid("", GRID.columns[:1], (GridRow(label, (Text("7"),)), GRID.rows[0]))
    assert text_of(grid, 40) == [
        " " * 16 + "   ready",
        " " * 16 + "     p50",
        "a" * 16 + "       7",
        "  " + "b" * 16,
        "  c",
        "a" + " " * 15 + "      1s",
    ]


def test_wide_characters_take_their_two_columns() -> None:
    grid = Grid(
        "", (GridColumn("n"),), (GridRow("日本", (Text("7"),)), GridRow("ab", (Text("8"),)))
    )
    assert text_of(grid, 40) == ["       n", "日本   7", "ab     8"]


def test_heads_of_several_lines_end_on_the_same_line() -> None:
    columns = (GridColumn("two\nlines"), GridColumn("one"))
    grid = Grid("x", columns, (GridRow("a", (Text("1"), Text("2"))),))
    assert text_of(grid, 40) == ["      two", "x   lines  one", "a       1    2"]


def test_a_grid_without_rows_has_its_heads() -> None:
    assert text_of(Grid("x", (GridColumn("one"),), ()), 40) == ["x   one"]


def test_wrapped_text_is_set_in_and_keeps_names_whole() -> None:
    assert wrapped("names: cost.on-demand_usd cost.spot_usd", 26).plain == (
        "names: cost.on-demand_usd\n  cost.spot_usd"
    )
