"""A grid of numbers that fits the terminal: spanning heads, numbers to the right, yielding columns.

A wider terminal shows more columns; a narrower one leaves out those that matter least, and says so.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import groupby

import msgspec
from rich.cells import cell_len, chop_cells
from rich.text import Text

LABEL_COLUMNS_MIN = 16
LABEL_SHARE_MAX = 0.3
"""Of the terminal's width; a longer label goes on in the next line, so that numbers keep theirs."""

_GAPS = ((2, 3), (1, 2))
"""Blanks within and between groups of columns: roomy, or tight before a column is left out."""


class GridColumn(msgspec.Struct, frozen=True):
    """A column of right-aligned cells.

    `head` may have several lines. Neighbours with the same `group` stand under one spanning head.
    Where not all columns fit, the one that `yields` most is left out first.
    """

    head: str
    group: str = ""
    yields: int = 0


class GridRow(msgspec.Struct, frozen=True):
    """A label and one cell a column."""

    label: str
    cells: tuple[Text, ...]


class Grid(msgspec.Struct, frozen=True):
    """Columns and rows under the head of the labels."""

    head: str
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    label_columns_max: int | None = None
    """None is `LABEL_SHARE_MAX` of the width."""


class Layout(msgspec.Struct, frozen=True):
    """What of a grid is shown: columns by number, with the blanks before and the width of each."""

    label: int
    shown: tuple[int, ...]
    gaps: tuple[int, ...]
    widths: tuple[int, ...]

    @property
    def width(self) -> int:
        """All columns of the terminal that it takes."""
        return self.label + sum(self.gaps) + sum(self.widths)


def layout(grid: Grid, width: int) -> Layout:
    """Return the most that fits, roomy before tight; the last column stays, whatever the width."""
    most = grid.label_columns_max or max(LABEL_COLUMNS_MIN, int(width * LABEL_SHARE_MAX))
    labels = [cell_len(grid.head), *(cell_len(row.label) for row in grid.rows)]
    label = min(max(labels), most)
    shown = tuple(range(len(grid.columns)))
    while True:
        for within, between in _GAPS:
            found = _laid(grid, label, shown, within, between)
            if found.width <= width:
                return found
        if len(shown) <= 1:
            return found
        least = max(shown, key=lambda number: (grid.columns[number].yields, number))
        shown = tuple(number for number in shown if number != least)


def lines(grid: Grid, chosen: Layout) -> list[Text]:
    """Return the grid's lines, heads first."""
    columns = [grid.columns[number] for number in chosen.shown]
    found = [_groups(columns, chosen)] if any(column.group for column in columns) else []
    heads = [column.head.split("\n") for column in columns]
    depth = max((len(head) for head in heads), default=1)
    for level in range(depth):
        cells = [Text(_from_below(head, level, depth), style="bold") for head in heads]
        title = grid.head if level == depth - 1 else ""
        found.append(_line(Text(title, style="bold"), cells, chosen))
    for row in grid.rows:
        label, *rest = chop_cells(row.label, chosen.label) or [""]
        found.append(_line(Text(label), [row.cells[number] for number in chosen.shown], chosen))
        found.extend(Text(f"  {part}") for more in rest for part in chop_cells(more, chosen.label))
    return found


def wrapped(text: str, width: int, style: str = "") -> Text:
    """Return a text of several lines, all but the first set in."""
    return Text(
        "\n".join(textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)),
        style=style,
    )


def _laid(grid: Grid, label: int, shown: Sequence[int], within: int, between: int) -> Layout:
    gaps: list[int] = []
    widths: list[int] = []
    for group, numbers in groupby(shown, key=lambda number: grid.columns[number].group):
        members = list(numbers)
        first = len(widths)
        gaps += [between] + [within] * (len(members) - 1)
        widths += [_width(grid, number) for number in members]
        span = sum(widths[first:]) + within * (len(members) - 1)
        widths[first] += max(0, cell_len(group) - span)
    return Layout(label, tuple(shown), tuple(gaps), tuple(widths))


def _width(grid: Grid, number: int) -> int:
    heads = (cell_len(line) for line in grid.columns[number].head.split("\n"))
    return max(*heads, 0, *(row.cells[number].cell_len for row in grid.rows))


def _from_below(head: Sequence[str], level: int, depth: int) -> str:
    missing = depth - len(head)
    return head[level - missing] if level >= missing else ""


def _groups(columns: Sequence[GridColumn], chosen: Layout) -> Text:
    line = Text(" " * chosen.label)
    for group, numbers in groupby(range(len(columns)), key=lambda number: columns[number].group):
        members = list(numbers)
        inner = [chosen.gaps[number] for number in members[1:]]
        span = sum(chosen.widths[number] for number in members) + sum(inner)
        rule = span - cell_len(group) - 2
        line.append(" " * chosen.gaps[members[0]])
        if group and rule >= 2:
            line.append("─" * (rule // 2), style="dim")
            line.append(f" {group} ", style="bold")
            line.append("─" * (rule - rule // 2), style="dim")
        else:
            line.append(" " * (span - cell_len(group)) + group, style="bold")
    return line


def _line(label: Text, cells: Sequence[Text], chosen: Layout) -> Text:
    line = label.copy()
    line.append(" " * (chosen.label - label.cell_len))
    for cell, gap, width in zip(cells, chosen.gaps, chosen.widths, strict=True):
        line.append(" " * (gap + width - cell.cell_len))
        line.append_text(cell)
    line.rstrip()
    return line
